"""Several networks of a model, each distributed by itself, for GANs."""

from mmagic.registry import MODEL_WRAPPERS
from mmengine.model import MMSeparateDistributedDataParallel
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

_PREFIX = 'module.'


@MODEL_WRAPPERS.register_module()
class SeparateDistributedDataParallel(MMSeparateDistributedDataParallel):
    """MMEngine's wrapper for GANs, whose checkpoints can be loaded.

    MMEngine's leaves the ``module.`` of its inner wrappers in the names of the
    weights, so its checkpoints fit neither one process nor, since MMEngine
    strips only a leading one, several. Here weights have the same names on any
    number of processes. In a config::

        model_wrapper_cfg = dict(type='mmagic.SeparateDistributedDataParallel')

    (MMEngine looks a bare name up among its own wrappers alone.)

    Args:
        module: The model; every part with parameters is wrapped.
        **kwargs: As for MMEngine's ``MMSeparateDistributedDataParallel``.
    """

    def __init__(self, module: nn.Module, **kwargs) -> None:
        super().__init__(module, **kwargs)
        for part in module.children():
            if isinstance(part, DistributedDataParallel):
                part.register_state_dict_post_hook(_remove_prefix)
                part.register_load_state_dict_pre_hook(_add_prefix)


def _remove_prefix(part: nn.Module, state_dict: dict[str, Tensor],
                   prefix: str, metadata: dict) -> None:
    inner = prefix + _PREFIX
    for name in [name for name in state_dict if name.startswith(inner)]:
        # in the order of the model, as on one process
        state_dict[prefix + name.removeprefix(inner)] = state_dict.pop(name)


def _add_prefix(part: nn.Module, state_dict: dict[str, Tensor], prefix: str,
                *args) -> None:
    for name in [name for name in state_dict if name.startswith(prefix)]:
        state_dict[prefix + _PREFIX + name.removeprefix(prefix)] = (
            state_dict.pop(name))
