"""The folder of a training, which others may remove meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmderain.errors import UnwrittenError


@contextmanager
def staying(folder: Path) -> Iterator[None]:
    """Train in it, and say so where the folder is gone.

    Raises:
        UnwrittenError: Something could not be written for that reason.
    """
    try:
        yield
    except OSError as error:
        if folder.is_dir():
            raise
        raise UnwrittenError(
            f'The work folder {folder} has been removed or renamed during '
            'the training. Put it back and add --resume to go on from its '
            'last checkpoint, or train anew.') from error
