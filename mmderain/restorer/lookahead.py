"""How many frames have to come before one is restored.

Windows, batches, threads that run ahead, guards and the search for drops add
to it, each in its own way. So it is counted: small frames are sent through,
which also warms everything up.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count, islice

import numpy as np

from mmderain.media.video_info import TimedFrame
from mmderain.restorer.chain import RestorerChain
from mmderain.restorer.restorer import Restorer
from mmderain.windows.stream import StreamSpec

_SIDE = 32
# frames that are counted at least: some restorers work in blocks of eight
_COUNTED = 16


def lookahead(restorer: Restorer | RestorerChain,
              spec: StreamSpec | tuple[StreamSpec, ...]) -> int:
    """The most frames that a frame waits for.

    Args:
        restorer: Restores the frames.
        spec: How, of its ``spec``.

    Raises:
        UserError: As for the restorer's ``stream``.
    """
    specs = spec if isinstance(spec, tuple) else (spec, )
    small = tuple(_small(one, stage) for one, stage in zip(
        specs, restorer.stages, strict=True))
    size = (small[0].tile.size if small[0].tile else (_SIDE, _SIDE))
    counted = _COUNTED + max(
        2 * one.window.stride * one.window_batch for one in specs)
    came = 0

    def frames() -> Iterator[TimedFrame]:
        nonlocal came
        image = np.zeros((*size, 3), np.uint8)
        for came in count():
            yield TimedFrame(image, came, 1, came)

    waited = 0
    with closing(restorer.stream(
            frames(), small if isinstance(spec, tuple) else small[0]
            )) as results:
        for result in islice(results, counted):
            waited = max(waited, came - result.source.index)
    return waited


def _small(spec: StreamSpec, stage: Restorer) -> StreamSpec:
    """The same over one tile; of networks of one size, over theirs."""
    return replace(spec, tile=stage.backend.spec(None).tile)
