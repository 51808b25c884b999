"""Clips as the scripts that score models are told them."""

import argparse
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmderain.errors import UserError
from mmderain.media.frame_source import open_source

SPELLING = 'CLIP[:FIRST[:COUNT]]'


class NamedClip(NamedTuple):
    """Frames of a video or a folder.

    Args:
        text: As it was typed.
        path: Of the video or folder.
        first: The first frame.
        count: Frames at most.
    """

    text: str
    path: Path
    first: int
    count: int

    def frames(self) -> list[np.ndarray]:
        """The frames, (h, w, 3) uint8 RGB.

        Raises:
            UserError: There are none.
        """
        found = list(islice(open_source(self.path).pictures(), self.first,
                            self.first + self.count))
        if not found:
            raise UserError(f'{self.path}: expected frames from {self.first} '
                            'on, but it ends before. Begin earlier.')
        return found


def named_clip(count: int) -> Callable[[str], NamedClip]:
    """What reads the name of a clip.

    Args:
        count: Frames of it where the name does not say.
    """
    def read(text: str) -> NamedClip:
        match = re.fullmatch(
            r'(.+?)(?::(\d{1,9}))?(?::(\d{1,9}))?', text)
        if match is None or match[3] and not int(match[3]):
            raise argparse.ArgumentTypeError(
                f'expected {SPELLING}, got {text!r}')
        return NamedClip(text, Path(match[1]), int(match[2] or 0),
                         int(match[3] or count))

    return read
