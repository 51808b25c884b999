"""Which models are loaded for what is to be removed."""

import pytest

from mmderain.cli.derain import build_parser
from mmderain.errors import ConfigError, UserError
from mmderain.restorer import STAGES, Restorer, choose_restorer
from mmderain.restorer import choice as choice_module
from tests.helpers.videos import write_checkpoint


@pytest.fixture(scope='module')
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp('weights')
    return {name: str(write_checkpoint(folder / f'{name}.pth', name, **sizes))
            for name, sizes in (('eevrsr_derain_only', {}),
                                ('lens_drops', dict(widths=(4, 8))))}


@pytest.fixture(autouse=True)
def weights_of_drops(files, monkeypatch):
    """Weights for drops, whether or not some come along."""
    def load(model_ckpt=None, model_name=None, **options):
        if model_name == 'lens_drops' and model_ckpt is None:
            return Restorer(files['lens_drops'], **options)
        return Restorer(model_ckpt, model_name, **options)
    monkeypatch.setattr(choice_module, 'Restorer', load)


@pytest.mark.parametrize(('chosen', 'remove', 'names'), [
    (None, None, 'aligned_median and lens_drops'),
    (None, ('streaks', ), 'aligned_median'),
    (None, 'drops', 'lens_drops'),
    (None, ('drops', 'streaks'), 'aligned_median and lens_drops'),
    ('eevrsr_derain_only', None, 'eevrsr_derain_only'),
    ('eevrsr_derain_only', ('streaks', ), 'eevrsr_derain_only'),
    ('eevrsr_derain_only', STAGES, 'eevrsr_derain_only and lens_drops'),
    ('eevrsr_derain_only', ('drops', ), 'eevrsr_derain_only and lens_drops'),
    ('lens_drops', ('drops', ), 'lens_drops')])
def test_what_works(files, chosen, remove, names):
    restorer = choose_restorer(chosen and files[chosen], remove=remove,
                               device='cpu')
    assert restorer.name == names


@pytest.mark.parametrize('remove', [(), ('snow', ), 'rain'])
def test_what_cannot_be_removed(remove):
    with pytest.raises(UserError, match='expected one or more of streaks, '
                       'drops'):
        choose_restorer(remove=remove)


def test_tiles_are_those_of_streaks(files):
    chain = choose_restorer(files['eevrsr_derain_only'], remove=STAGES,
                            device='cpu', tile=(64, 64), tile_overlap=8)
    assert chain.fit_tile(300, 300) == (64, 64)
    assert chain.spec((64, 64), 300, 300)[1].tile is None
    with pytest.raises(ConfigError, match='leave out --tile'):
        choose_restorer(remove='drops', device='cpu', tile=(64, 64))


def test_the_command_knows_them_all():
    parsed = build_parser().parse_args(
        ['a.mp4', 'b.mp4', '--remove', 'drops,streaks'])
    assert parsed.remove == STAGES
    with pytest.raises(SystemExit):
        build_parser().parse_args(['a', 'b', '--remove', 'drops,snow'])


@pytest.mark.parametrize(('settings', 'said'), [
    (dict(tile='x'), "a height and a width.*got 'x'"),
    (dict(tile=64), 'a height and a width.*got 64'),
    (dict(tile=(64, )), 'a height and a width'),
    (dict(tile=(1.5, 64)), 'a height and a width'),
    (dict(test_cfg=dict(tile=3)), 'a height and a width.*got 3'),
    (dict(remove=3), 'remove: expected a list'),
    (dict(model_config=[1]), 'model_config: expected a config'),
    (dict(test_cfg='a'), 'test_cfg: expected settings'),
    (dict(model_ckpt=3), 'model_ckpt: expected the path')])
def test_settings_of_other_kinds_are_refused_in_words(settings, said):
    with pytest.raises(UserError, match=said):
        choose_restorer(**{'device': 'cpu', **settings})
