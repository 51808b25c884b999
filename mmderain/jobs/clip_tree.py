"""Which videos and folders of frames are in a folder."""

from collections.abc import Callable
from pathlib import Path

from mmderain.errors import DataError
from mmderain.jobs.outputs import PARTS_SUFFIX, STATE_NAME
from mmderain.media.images import (
    IMAGE_SUFFIXES,
    is_image,
    is_other_image,
    listed,
)
from mmderain.media.video_info import VIDEO_SUFFIXES, readable_video

Note = Callable[[str], object]


def holds_frames(folder: Path) -> bool:
    """Whether a folder is a clip: there are images in it."""
    return any(map(is_image, listed(folder)))


def is_clip(path: Path, note: Note) -> bool:
    """Whether a path is to be derained, and a note where it is not.

    Args:
        path: A file or a folder that nobody has named.
        note: Told what is passed over.
    """
    if path.is_dir():
        return not _is_unfinished_work(path)
    if path.suffix.lower() in {*VIDEO_SUFFIXES, *IMAGE_SUFFIXES}:
        return True
    if is_other_image(path):
        note(f'passed over: {path}, a picture of a kind that is not read: '
             'convert it to PNG first')
        return False
    try:
        with readable_video(path):
            return True
    except DataError:
        note(f'passed over: {path}, which is neither a video nor an image')
        return False


def _is_unfinished_work(folder: Path) -> bool:
    """Whether segments of mmderain are in it, and no videos of the user's.

    Of what a killed run has begun there may be no state yet.
    """
    of_a_file = Path(folder.stem).suffix.lower() in {*VIDEO_SUFFIXES,
                                                     *IMAGE_SUFFIXES}
    return folder.suffix == PARTS_SUFFIX and (
        of_a_file or (folder / STATE_NAME).exists())


def clips_in(folder: Path, note: Note,
             seen: frozenset[Path] = frozenset()) -> list[Path]:
    """Videos and folders of frames, in natural order.

    Args:
        folder: Without images of its own.
        note: Told what is passed over.
        seen: Folders around it, which links may lead back to.

    Raises:
        DataError: A folder cannot be read.
    """
    seen |= {folder.resolve()}
    found = []
    for path in listed(folder):
        if not is_clip(path, note):
            continue
        if not path.is_dir() or holds_frames(path):
            found.append(path)
        elif path.resolve() not in seen:
            found += clips_in(path, note, seen)
    return found
