"""The files that videos are written into, by their names."""

from pathlib import Path

# suffix -> FFmpeg's muxer
CONTAINERS = {'.mp4': 'mp4', '.mov': 'mov', '.mkv': 'matroska',
              '.m4v': 'mp4', '.webm': 'webm', '.ts': 'mpegts'}


def muxer_of(path: Path) -> str:
    """FFmpeg's name of the container."""
    return CONTAINERS[path.suffix.lower()]


def is_matroska(path: Path) -> bool:
    """Whether it is Matroska, of which WebM is a part."""
    return muxer_of(path) in ('matroska', 'webm')


def is_mp4(path: Path) -> bool:
    """Whether it is MP4, or MOV from which that was made."""
    return muxer_of(path) in ('mp4', 'mov')
