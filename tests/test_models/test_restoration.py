"""Settings that all restorations read alike."""

import pytest

from mmderain.errors import ConfigError
from mmderain.methods import get_method


def restoration(name, **test_cfg):
    method = get_method(name)
    return method.derainer_class().for_inference(
        method.build_network(**method.tiny), test_cfg)


@pytest.mark.parametrize(('name', 'switch'), [
    ('vimpnet', 'share'), ('eevrsr', 'share'), ('aligned_median', 'share'),
    ('aligned_median', 'guard'), ('j4rnet', 'running'),
    ('attentive_gan', 'official_cast')])
def test_a_switch_is_on_or_off(name, switch):
    for value in (True, False):
        restoration(name, **{switch: value})
    # a word is on for Python, also the word false
    for value in ('maybe', 'false', 0.5, None, [True]):
        with pytest.raises(ConfigError, match=rf'test_cfg\.{switch} has to '
                           r'be one of .*(True, False|False, True)'):
            restoration(name, **{switch: value})
