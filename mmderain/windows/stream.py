"""Frames in, frames out: windows and tiles around a network, for any length.

The one way in which the Runner's test loop, the inferencer and the command
restore a clip. Frames are bytes until their window is due; what is held at
any time depends on the window and the frame size alone. Knows nothing of
models, nor whose arrays these are: it is given a function from clip to clip.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import islice

from mmderain.windows.arrays import Array, as_float, namespace
from mmderain.windows.lookahead import map_ahead
from mmderain.windows.shared_work import Encode, SharedWork
from mmderain.windows.tiles import TileSpec, restore_tiled, restore_whole
from mmderain.windows.windows import WindowSpec, merge, windows


@dataclass(frozen=True)
class StreamSpec:
    """How a clip goes through a network.

    Args:
        window: The network's window.
        tile: How frames are cut; whole frames when None.
        window_batch: How many windows go through the network at once. The
            frames of all of them are held.
        tile_batch: How many tiles of a window, or of each of the windows that
            go through at once.
        prepare_threads: How many windows are prepared at once, ahead of the
            ones that are being restored; 0 for none ahead. At most one
            window more than that is held.
    """

    window: WindowSpec
    tile: TileSpec | None = None
    window_batch: int = 1
    tile_batch: int = 1
    prepare_threads: int = 2

    def restart_frame(self, frame: int) -> int:
        """Where a clip has to be entered to restore it from ``frame`` on.

        A stream that begins there gives, from ``frame`` on, what the stream
        from the clip's beginning gives: its windows are the same ones, in the
        same batches, and none of those that count reaches over its own
        beginning.

        Args:
            frame: Index of the first frame that is wanted; the window's clips
                are padded.
        """
        first, _ = self.window.valid_range
        entry = frame - first - self.window.length + 1
        step = self.window.stride * self.window_batch
        return max(0, entry // step * step)


def restore_frames(frames: Iterable[Array],
                   restore_window: Callable[..., Array],
                   spec: StreamSpec,
                   *,
                   load: Callable[[Array], Array] = as_float,
                   encode: Encode | None = None,
                   prepare_window: Callable[..., Array] | None = None,
                   guides: Iterable[Array] | None = None
                   ) -> Iterator[Array]:
    """Restore frame by frame.

    Args:
        frames: Each of shape (3, h, w), uint8 RGB.
        restore_window: From clips (n, t, 3, h, w), RGB in [0, 1], to their
            valid frames (n, v, c, h, w), not clipped. With ``encode`` it may
            get a second argument, what was found about the clips' frames.
        spec: How.
        load: Brings windows (n, s, c, h, w) to where they are restored, as
            floating point: bytes divided by 255, the rest as it is.
        encode: What windows share, to be done once where they overlap; see
            :class:`~mmderain.windows.shared_work.SharedWork`. Prepared
            windows share nothing.
        prepare_window: From a window (t, 3, h, w), uint8, to what
            ``restore_window`` gets in its place: (s, c, h, w), of its height
            and width.
        guides: A frame for each of ``frames``, such as a first result, whose
            windows ``prepare_window`` gets as a second argument.

    Yields:
        Array: Shape (c, h, w), not rounded, where ``load`` has brought it.
    """
    window = spec.window
    shared = None
    if encode and prepare_window is None and window.stride < window.length:
        shared = SharedWork(encode, restore_window)

    def restore(clips: Array, starts: tuple[int, ...]) -> Array:
        run = shared.restorer(starts) if shared else restore_window
        clips = load(clips)
        if spec.tile is None:
            return restore_whole(clips, run, window.divisor, window.margin)
        return restore_tiled(clips, run, spec.tile, window.divisor,
                             spec.tile_batch)

    def results() -> Iterator[tuple[int, Array]]:
        while batch := list(islice(due, spec.window_batch)):
            starts, clips = zip(*batch, strict=True)
            clips = namespace(clips[0]).stack(clips)
            restored = restore(clips, starts)
            yield from ((start, restored[index])
                        for index, start in enumerate(starts))

    def prepare(item: tuple[int, tuple[Array, ...]]) -> tuple[int, Array]:
        start, clips = item
        return start, prepare_window(*clips)

    due = windows(frames, window)
    if prepare_window is not None:
        due = map_ahead(prepare, _side_by_side(due, guides, window),
                        spec.prepare_threads)
    # threads end with this generator, not when it is forgotten
    with closing(due):
        yield from merge(results())


def _side_by_side(due: Iterable[tuple[int, Array]],
                  guides: Iterable[Array] | None, window: WindowSpec
                  ) -> Iterator[tuple[int, tuple[Array, ...]]]:
    """Windows, each with that of the guides if there are any."""
    if guides is None:
        yield from ((start, (clip, )) for start, clip in due)
        return
    for (start, clip), (_, guide) in zip(due, windows(guides, window),
                                         strict=True):
        yield start, (clip, guide)
