"""Work that neighbouring windows share, done once.

Part of what a network computes may depend on a frame alone, or on a frame and
the one before it. Where windows overlap, it is kept for the next window.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

import torch
from torch import Tensor

Encode = Callable[[Tensor, Tensor | None], Sequence[Tensor]]
Fuse = Callable[[Tensor, list[Tensor]], Tensor]


class SharedWork:
    """Restores windows whose frames are encoded once.

    Each frame is encoded by itself, so that what is found does not depend on
    where a stream began. It is kept for each piece of the frames, as long as a
    window can need it: a window's length of it in all.

    Args:
        encode: From frames (b, c, h, w), and those before them, to tensors
            (b, ...). Before the first frame of a clip there is None; what is
            then found about the pair has to have its usual shape, but any
            values.
        fuse: From clips (b, t, c, h, w) and what was found about their frames,
            tensors (b, t, ...), to the valid frames. It must not use what was
            found about a clip's first frame and the one before it.
    """

    def __init__(self, encode: Encode, fuse: Fuse) -> None:
        self._encode = encode
        self._fuse = fuse
        # piece -> number of a frame -> what was found
        self._kept: dict[int, dict[int, Sequence[Tensor]]] = defaultdict(dict)

    def restorer(self, starts: Sequence[int]) -> Callable[[Tensor], Tensor]:
        """A function that restores windows, to be called piece by piece.

        Args:
            starts: Numbers of the windows' first frames. Windows may only move
                forwards from call to call, and the order of the pieces is the
                same in every one.

        Returns:
            Callable: From a piece (p * w, t, c, h, w) of the w windows, which
            may be p tiles at once, to its valid frames.
        """
        pieces = count()
        return lambda clips: self._restore(clips, starts,
                                           self._kept[next(pieces)])

    def _restore(self, clips: Tensor, starts: Sequence[int],
                 kept: dict[int, Sequence[Tensor]]) -> Tensor:
        length = clips.shape[1]
        # (p * w, t, c, h, w) -> w times (p, t, c, h, w)
        windows = clips.unflatten(0, (-1, len(starts))).unbind(1)
        found = []
        for start, window in zip(starts, windows, strict=True):
            for index, frames in enumerate(window.unbind(1)):
                if start + index not in kept:
                    kept[start + index] = self._encode(
                        frames, window[:, index - 1] if index else None)
            fields = zip(*(kept[start + index] for index in range(length)),
                         strict=True)
            found.append([torch.stack(field, 1) for field in fields])
        # no later window has these
        for index in [index for index in kept if index <= starts[-1]]:
            del kept[index]
        # w times (p, t, ...) -> (p * w, t, ...)
        return self._fuse(clips, [torch.stack(field, 1).flatten(0, 1)
                                  for field in zip(*found, strict=True)])
