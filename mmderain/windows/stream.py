"""Frames in, frames out: windows and tiles around a network, for any length.

The one way in which the Runner's test loop, the inferencer and the command
restore a clip. Frames are uint8 until their window is due; what is held at
any time depends on the window and the frame size alone. Knows nothing of
models: it is given a function from clip to clip.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice

import torch
from torch import Tensor

from mmderain.windows.lookahead import map_ahead
from mmderain.windows.shared_work import Encode, SharedWork
from mmderain.windows.tiles import TileSpec, restore_tiled, restore_whole
from mmderain.windows.windows import WindowSpec, merge, windows


def restore_frames(frames: Iterable[Tensor],
                   restore_window: Callable[..., Tensor],
                   spec: WindowSpec,
                   tile: TileSpec | None = None,
                   device: torch.device | str = 'cpu',
                   dtype: torch.dtype | None = None,
                   *,
                   window_batch: int = 1,
                   tile_batch: int = 1,
                   encode: Encode | None = None,
                   prepare_window: Callable[[Tensor], Tensor] | None = None,
                   prepare_threads: int = 2) -> Iterator[Tensor]:
    """Restore frame by frame.

    Args:
        frames: Each of shape (3, h, w), uint8 RGB, on the CPU.
        restore_window: From clips (n, t, 3, h, w), RGB in [0, 1], to their
            valid frames (n, v, c, h, w), not clipped. With ``encode`` it may
            get a second argument, what was found about the clips' frames.
        spec: The window.
        tile: How frames are cut; whole frames when None.
        device: Where windows are computed.
        dtype: Half precision of autocast; float32 throughout when None.
        window_batch: How many windows go through the network at once. The
            frames of all of them are held.
        tile_batch: How many tiles of a window, or of each of the windows that
            go through at once.
        encode: What windows share, to be done once where they overlap; see
            :class:`~mmderain.windows.shared_work.SharedWork`. Prepared windows
            share nothing.
        prepare_window: From a window (t, 3, h, w), uint8 on the CPU, to what
            ``restore_window`` gets in its place: (s, c, h, w), of its height
            and width. Bytes are divided by 255, floating point stays.
        prepare_threads: How many windows are prepared at once, ahead of the
            ones that are being restored; 0 for none ahead. At most one
            window more than that is held.

    Yields:
        Tensor: Shape (c, h, w), float32, not rounded, on ``device``.
    """
    device = torch.device(device)

    shared = None
    if encode and prepare_window is None and spec.stride < spec.length:
        shared = SharedWork(encode, restore_window)

    @torch.no_grad()
    def restore(clips: Tensor, starts: tuple[int, ...]) -> Tensor:
        run = shared.restorer(starts) if shared else restore_window

        def in_precision(clips: Tensor) -> Tensor:
            with torch.autocast(device.type, dtype,
                                enabled=dtype is not None):
                return run(clips)

        # bytes travel to the device, not floats
        clips = _as_float(clips.to(device))
        if tile is None:
            restored = restore_whole(clips, in_precision, spec.divisor,
                                     spec.margin)
        else:
            restored = restore_tiled(clips, in_precision, tile, spec.divisor,
                                     tile_batch)
        return restored.float()

    def results() -> Iterator[tuple[int, Tensor]]:
        while batch := list(islice(due, window_batch)):
            starts, clips = zip(*batch, strict=True)
            yield from zip(starts, restore(torch.stack(clips), starts),
                           strict=True)

    def prepare(item: tuple[int, Tensor]) -> tuple[int, Tensor]:
        # the mode of gradients is a thread's own
        with torch.no_grad():
            return item[0], prepare_window(item[1])

    due = windows(frames, spec)
    if prepare_window is not None:
        due = map_ahead(prepare, due, prepare_threads)
    # threads end with this generator, not when it is forgotten
    with closing(due):
        yield from merge(results())


def _as_float(clip: Tensor) -> Tensor:
    if clip.is_floating_point():
        return clip.float()
    return clip.float() / 255


def restart_frame(spec: WindowSpec, frame: int,
                  window_batch: int = 1) -> int:
    """Where a clip has to be entered to restore it from ``frame`` on.

    A stream that begins there gives, from ``frame`` on, what the stream from
    the clip's beginning gives: its windows are the same ones, in the same
    batches, and none of those that count reaches over its own beginning.

    Args:
        spec: The window; its clips are padded.
        frame: Index of the first frame that is wanted.
        window_batch: As for :func:`restore_frames`.
    """
    first, _ = spec.valid_range
    entry = frame - first - spec.length + 1
    step = spec.stride * window_batch
    return max(0, entry // step * step)


def to_uint8(frame: Tensor) -> Tensor:
    """Values around [0, 1] as bytes, rounded, on the CPU."""
    return (frame.clamp(0, 1) * 255).round().byte().cpu()
