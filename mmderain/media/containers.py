"""The files that videos are written into, by their names."""

from pathlib import Path

from mmderain.media.images import IMAGE_SUFFIXES

# suffix -> FFmpeg's muxer
CONTAINERS = {'.mp4': 'mp4', '.mov': 'mov', '.mkv': 'matroska',
              '.m4v': 'mp4', '.webm': 'webm', '.ts': 'mpegts'}


def instead_of(path: Path) -> str:
    """What to do where a file of a kind that others write is not written."""
    if path.suffix.lower() in IMAGE_SUFFIXES:
        return (' Frames of a video are written into a folder: name one, such '
                'as frames.')
    if path.suffix.lower() != '.avi':
        return ''
    name = path.stem
    return (f' An AVI has no time stamps, and H.264 in it comes a frame late: '
            f'write {name}.mkv. For a program that takes nothing else: ffmpeg '
            f'-i {name}.mkv -c:v mpeg4 -q:v 2 -c:a libmp3lame {name}.avi')


def muxer_of(path: Path) -> str:
    """FFmpeg's name of the container."""
    return CONTAINERS[path.suffix.lower()]


def is_matroska(path: Path) -> bool:
    """Whether it is Matroska, of which WebM is a part."""
    return muxer_of(path) in ('matroska', 'webm')


def is_mp4(path: Path) -> bool:
    """Whether it is MP4, or MOV from which that was made."""
    return muxer_of(path) in ('mp4', 'mov')
