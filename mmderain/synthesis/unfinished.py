"""What is rendered stays out of a set until it is whole."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mmderain.unwritten import cannot_write

_FOLDER = '.unfinished'


@contextmanager
def unfinished(root: Path, *names: str) -> Iterator[Path]:
    """A folder for what is not whole yet, on the disk of the set.

    What a killed run has left there is cleared, and nothing stays.

    Args:
        root: Of the set.
        names: Of what is in the folder, such as the split and the sequence.

    Raises:
        UserError: Something in it cannot be written.
    """
    folder = root.joinpath(_FOLDER, *names)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.mkdir(parents=True)
        yield folder
    except OSError as error:
        raise cannot_write(root, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        for parent in folder.parents[:len(names)]:
            # another sequence may be in it
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


@contextmanager
def no_empty(folder: Path) -> Iterator[None]:
    """Make a set; where nothing comes of it, its folder is not there either.

    Args:
        folder: Of the set; one that was there before stays.
    """
    was_there = folder.exists()
    try:
        yield
    finally:
        if not was_there:
            with suppress(OSError):  # something is in it, or it is not there
                folder.rmdir()
