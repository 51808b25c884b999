"""Weights that come with the package, as what restores clips by PyTorch."""

from mmderain.checkpoints.description import load_method
from mmderain.errors import ConfigError
from mmderain.models.restoration import WindowRestoration
from mmderain.weights import GUIDES_OF_TRAINING, checked_path, find_weights


def shipped_restoration(name: str) -> WindowRestoration:
    """Load what may guide a network that is trained or tested.

    Args:
        name: Of the weights.

    Raises:
        ConfigError: There are none of that name that PyTorch computes.
    """
    if name not in GUIDES_OF_TRAINING:
        raise ConfigError(
            f'model.guide: expected {", ".join(GUIDES_OF_TRAINING)}, or None '
            f'for no guide, got {name!r:.60}. Choose one of them.')
    weights = find_weights(name)
    method, network = load_method(str(checked_path(weights)))
    return method.derainer_class().for_inference(
        network, {**method.test_cfg, **weights.settings})
