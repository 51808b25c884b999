"""What a job has before it."""

from typing import NamedTuple

from mmderain.restorer import Tile


class Outlook(NamedTuple):
    """What a job will do.

    Args:
        frames: Of the output; None where nobody knows.
        done: Of them by an earlier run.
        way: What computes, and in which precision.
        tile: Of the derainer.
    """

    frames: int | None
    done: int
    way: dict[str, str]
    tile: Tile
