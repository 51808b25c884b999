"""What lies in folders of frames and is no frame of theirs.

Left out without a word, it would be taken for done.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from mmderain.errors import DataError
from mmderain.media.images import (
    is_image,
    is_other_image,
    is_there_as_file,
    other_image,
)
from mmderain.media.video_info import VIDEO_SUFFIXES

_LINES = 5


def is_video(path: Path) -> bool:
    """Whether it has the suffix of a video, and is no folder."""
    return path.suffix.lower() in VIDEO_SUFFIXES and is_there_as_file(path)


def check_frames_alone(folder: Path) -> None:
    """Refuse what would be missing in a clip of frames, or beside it.

    Cameras write a small picture beside each video, and one picture in two
    kinds.

    Raises:
        DataError: There are videos, in it or in its folders, or pictures of a
            kind that cannot be read in the place of frames.
    """
    for place, names in _tree(folder):
        for name in names:
            video = place / name
            if is_video(video):
                raise DataError(
                    f'{folder}: expected frames of one clip, or videos, but '
                    f'there are both: pictures in it, and {video}. Name the '
                    f'videos themselves ({video.parent}/*{video.suffix}), or '
                    'move the pictures into a folder of their own.')
        if place == folder:
            frames = {Path(name).stem for name in names
                      if is_image(place / name)}
            for name in names:
                if is_other_image(place / name) and (
                        Path(name).stem not in frames):
                    raise other_image(place / name)


def passed_over(root: Path, read: Iterable[Path]) -> list[str]:
    """Pictures and videos in a folder that are part of no clip.

    Args:
        root: A folder, or something else, in which there are none.
        read: The files that are.

    Returns:
        list[str]: A line for each folder that has some.
    """
    read = {*read}
    lines = []
    for place, names in _tree(root):
        rest = [path for path in map(place.joinpath, names)
                if path not in read and (
                    is_image(path) or is_other_image(path) or is_video(path))]
        if rest:
            more = f' and {len(rest) - 1} more in {place}' if rest[1:] else ''
            lines.append(f'passed over: {rest[0]}{more}: a clip is a video, '
                         'or the pictures of one folder. Name what is meant '
                         'alone.')
    extra = len(lines) - _LINES
    return lines[:_LINES] + [f'and in {extra} more folders'] * (extra > 0)


def _tree(root: Path) -> Iterator[tuple[Path, list[str]]]:
    """Folders and the files in them, without what is hidden."""
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name[0] != '.')
        yield Path(place), sorted(name for name in names if name[0] != '.')
