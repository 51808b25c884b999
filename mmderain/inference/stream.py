"""Frames in, frames out: windows and tiles around a network, for any length.

The one way in which the Runner's test loop, the inferencer and the command
restore a clip. Frames are uint8 until their window is due; what is held at
any time depends on the window and the frame size alone. Knows nothing of
models: it is given a function from clip to clip.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing

import torch
from torch import Tensor

from mmderain.inference.lookahead import map_ahead
from mmderain.inference.tiles import TileSpec, restore_tiled, restore_whole
from mmderain.inference.windows import WindowSpec, merge, windows


def restore_frames(frames: Iterable[Tensor],
                   restore_window: Callable[[Tensor], Tensor],
                   spec: WindowSpec,
                   tile: TileSpec | None = None,
                   device: torch.device | str = 'cpu',
                   dtype: torch.dtype | None = None,
                   *,
                   prepare_window: Callable[[Tensor], Tensor] | None = None,
                   prepare_threads: int = 2) -> Iterator[Tensor]:
    """Restore frame by frame.

    Args:
        frames: Each of shape (3, h, w), uint8 RGB, on the CPU.
        restore_window: From a clip (1, t, 3, h, w), RGB in [0, 1], to its
            valid frames (1, v, c, h, w), not clipped.
        spec: The window.
        tile: How frames are cut; whole frames when None.
        device: Where windows are computed.
        dtype: Half precision of autocast; float32 throughout when None.
        prepare_window: From a window (t, 3, h, w), uint8 on the CPU, to what
            ``restore_window`` gets in its place: (s, c, h, w), of its height
            and width. Bytes are divided by 255, floating point stays.
        prepare_threads: How many windows are prepared at once, ahead of the
            one that is being restored; 0 for none ahead. At most one window
            more than that is held.

    Yields:
        Tensor: Shape (c, h, w), float32, not rounded, on ``device``.
    """
    device = torch.device(device)

    def in_precision(window: Tensor) -> Tensor:
        with torch.autocast(device.type, dtype, enabled=dtype is not None):
            return restore_window(window)

    @torch.no_grad()
    def restore(window: Tensor) -> Tensor:
        # bytes travel to the device, not floats
        window = _as_float(window.to(device)[None])
        if tile is None:
            result = restore_whole(window, in_precision, spec.divisor,
                                   spec.margin)
        else:
            result = restore_tiled(window, in_precision, tile, spec.divisor)
        return result[0].float()

    def prepare(item: tuple[int, Tensor]) -> tuple[int, Tensor]:
        # the mode of gradients is a thread's own
        with torch.no_grad():
            return item[0], prepare_window(item[1])

    due = windows(frames, spec)
    if prepare_window is not None:
        due = map_ahead(prepare, due, prepare_threads)
    # threads end with this generator, not when it is forgotten
    with closing(due):
        yield from merge((start, restore(window)) for start, window in due)


def _as_float(clip: Tensor) -> Tensor:
    if clip.is_floating_point():
        return clip.float()
    return clip.float() / 255


def restart_frame(spec: WindowSpec, frame: int) -> int:
    """Where a clip has to be entered to restore it from ``frame`` on.

    A stream that begins there gives, from ``frame`` on, what the stream from
    the clip's beginning gives: its windows are the same ones, and none of
    those that count reaches over its own beginning.

    Args:
        spec: The window; its clips are padded.
        frame: Index of the first frame that is wanted.
    """
    first, _ = spec.valid_range
    entry = frame - first - spec.length + 1
    return max(0, entry // spec.stride * spec.stride)


def to_uint8(frame: Tensor) -> Tensor:
    """Values around [0, 1] as bytes, rounded, on the CPU."""
    return (frame.clamp(0, 1) * 255).round().byte().cpu()
