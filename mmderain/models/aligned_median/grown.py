"""How a network that sees a guide begins as one that sees none."""

from collections.abc import Collection, Mapping

from torch import Tensor, nn

from mmderain.checkpoints.description import load_network
from mmderain.errors import CheckpointError

# the layers that see and say more
_GROWN = frozenset({'head.weight', 'last.weight', 'last.bias'})


def begin_with(network: nn.Module, checkpoint: str) -> None:
    """Take over the weights of a network that sees and says less.

    Args:
        network: An ``AlignedMedianNet`` that sees a guide; gives the same as
            the smaller one afterwards.
        checkpoint: Of the smaller one, of the same widths.

    Raises:
        CheckpointError: It cannot be read, or is of another network.
    """
    smaller = load_network(checkpoint)
    own, taken = network.state_dict(), smaller.state_dict()
    if (type(smaller) is not type(network) or smaller.channels != 1
            or smaller.sees_guide or _shapes(own) != _shapes(taken)):
        raise CheckpointError(
            f'{checkpoint}: expected an AlignedMedianNet of luma of '
            'the same widths that sees no guide, to begin with, got another '
            f'network, a {type(smaller).__name__}. Name another file, or '
            'none.')
    for name, value in taken.items():
        # what is new comes behind, and has no effect yet
        own[name].zero_()[tuple(map(slice, value.shape))] = value


def _shapes(weights: Mapping[str, Tensor],
            but_for: Collection[str] = _GROWN) -> dict:
    return {name: value.shape for name, value in weights.items()
            if name not in but_for}
