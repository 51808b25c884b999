"""What files are called: images, videos, numbered frames."""

import re

IMAGE_SUFFIXES = {'.png', '.jpg', '.jpeg', '.bmp', '.tif', '.tiff', '.webp'}
VIDEO_SUFFIXES = {'.avi', '.gif', '.m4v', '.mkv', '.mov', '.mp4', '.webm'}


def natural_key(name: str) -> list:
    """Sort key by which frame 10 comes after frame 9."""
    return [int(part) if part.isdigit() else part
            for part in re.split(r'(\d+)', name)]
