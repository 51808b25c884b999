"""From which checkpoint a training can go on."""

import re
from collections.abc import Callable, Mapping
from os import PathLike
from pathlib import Path

from mmderain.checkpoints.safe_loading import (
    UnsafeCheckpointError,
    load_checkpoint_file,
)
from mmderain.errors import CheckpointError


def newest_resumable(folder: Path, say: Callable[[str], object]
                     ) -> str | None:
    """The latest checkpoint of a training that is a whole one.

    Args:
        folder: In which it works.
        say: Told of those that are passed over.

    Raises:
        UnsafeCheckpointError: One would run code.
    """
    found = [path for path in folder.glob('*.pth')
             if re.fullmatch(r'(iter|epoch)_\d+', path.stem)]
    for path in sorted(found, key=_step, reverse=True):
        try:
            require_resumable(
                load_checkpoint_file(path, map_location='meta'), path)
        except UnsafeCheckpointError:
            raise  # somebody should know
        except CheckpointError as error:
            say(f'Passed over: {error}')
        else:
            return str(path)
    return None


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


def _step(path: Path) -> int:
    return int(re.findall(r'\d+', path.stem)[-1])


def _is_count(value: object) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)
            and value >= 0)
