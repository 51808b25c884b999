"""A training that begins anew where another one has left its checkpoints."""

import re
import shutil
from itertools import count
from pathlib import Path

from mmderain.unwritten import cannot_write

# what MMEngine's CheckpointHook and our picture hooks write
_CHECKPOINT = re.compile(r'((iter|epoch)_\d+|best_.+)\.pth')
_OTHERS = ('last_checkpoint', 'pictures')


def set_aside(work_dir: Path, kept: str | None) -> Path | None:
    """Move what another training has left into a folder of its own.

    MMEngine would replace files of the same name, and ``--resume`` would take
    up whichever training has come further.

    Args:
        work_dir: Where both train.
        kept: A checkpoint that stays, as this training starts from it; a copy
            goes with the others, as this one may write another of its name.

    Returns:
        Path | None: The folder, ``earlier_<number>``; None where there is no
        checkpoint.

    Raises:
        UserError: The work folder cannot be written.
    """
    start = None if kept is None else Path(kept).absolute()
    found = [path for path in work_dir.absolute().glob('*.pth')
             if _CHECKPOINT.fullmatch(path.name)]
    if not found:
        return None
    found += [path for name in _OTHERS if (path := work_dir / name).exists()]
    names = (work_dir / f'earlier_{number}' for number in count(1))
    folder = next(name for name in names if not name.exists())
    try:
        folder.mkdir()
        for path in found:
            if path == start:
                shutil.copy2(path, folder / path.name)
            else:
                path.rename(folder / path.name)
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder
