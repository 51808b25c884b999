"""Whether a training can go on from a checkpoint."""

from collections.abc import Mapping
from os import PathLike

from mmderain.errors import CheckpointError


def require_resumable(checkpoint: object, source: str | PathLike) -> None:
    """Refuse a checkpoint without the state of a training.

    MMEngine would go on with a new optimiser, and say nothing.

    Args:
        checkpoint: What a file holds.
        source: The file, for messages.

    Raises:
        CheckpointError: Names what it lacks.
    """
    content = checkpoint if isinstance(checkpoint, Mapping) else {}
    meta, hub = content.get('meta'), content.get('message_hub')
    has = {
        'meta.iter and meta.epoch': isinstance(meta, Mapping) and all(
            _is_count(meta.get(key)) for key in ('iter', 'epoch')),
        'message_hub': isinstance(hub, Mapping),
        'optimizer': isinstance(content.get('optimizer'), Mapping),
        'state_dict': isinstance(content.get('state_dict'), Mapping)}
    missing = [name for name, is_there in has.items() if not is_there]
    if missing:
        raise CheckpointError(
            f'{source}: expected the state of a training to resume, but it '
            f'lacks {", ".join(missing)}. To start a new training from its '
            'weights, name it as load_from instead of --resume.')


def _is_count(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)
            and value >= 0)
