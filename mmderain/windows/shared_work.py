"""Work that neighbouring windows share, done once.

Part of what a network computes may depend on a frame alone, or on a frame and
the one before it. Where windows overlap, it is kept for the next window.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import count

from mmderain.windows.arrays import Array, namespace

Encode = Callable[[Array, Array | None], Sequence[Array]]
Fuse = Callable[[Array, list[Array]], Array]


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
        self._kept: dict[int, dict[int, Sequence[Array]]] = defaultdict(dict)

    def restorer(self, starts: Sequence[int]) -> Callable[[Array], Array]:
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

    def _restore(self, clips: Array, starts: Sequence[int],
                 kept: dict[int, Sequence[Array]]) -> Array:
        xp, length = namespace(clips), clips.shape[1]
        found = []
        for place, start in enumerate(starts):
            # (p * w, t, c, h, w) -> (p, t, c, h, w)
            window = clips[place::len(starts)]
            for index in range(length):
                if start + index not in kept:
                    kept[start + index] = self._encode(
                        window[:, index],
                        window[:, index - 1] if index else None)
            fields = zip(*(kept[start + index] for index in range(length)),
                         strict=True)
            found.append([xp.stack(field, axis=1) for field in fields])
        # no later window has these
        for index in [index for index in kept if index <= starts[-1]]:
            del kept[index]
        # w times (p, t, ...) -> (p * w, t, ...)
        fields = (xp.stack(field, axis=1)
                  for field in zip(*found, strict=True))
        return self._fuse(clips, [
            xp.reshape(field, (-1, *field.shape[2:])) for field in fields])
