"""Moves the neighbours of a frame to it, by OpenCV's optical flow.

Stands outside every network: it works on bytes, on processor cores, and can
run beside a network that computes elsewhere.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial

import cv2
import numpy as np

from mmderain.errors import DataError
from mmderain.models.aligned_median.guide_planes import guide_planes, luma_of

# DIS finds nothing in smaller frames; they are extended for it.
_SMALLEST = 32
_MEDIAN_SIZE = 5


# from frames (t, h, w, 3) uint8 RGB to the flow (h, w, 2) from the centre to
# each neighbour, in time order
FindFlows = Callable[[np.ndarray], Sequence[np.ndarray]]


def align_neighbours(window: np.ndarray, guide: np.ndarray | None = None,
                     workers: int = 1,
                     find_flows: FindFlows | None = None) -> np.ndarray:
    """Move the neighbours of the centre frame to it.

    The flow is DIS (Kroeger et al., ECCV 2016; OpenCV's, preset MEDIUM) from
    the centre frame to each neighbour, on luma after a 5x5 median filter,
    which takes thin streaks away. Neighbours are pulled along it bilinearly;
    what lies outside of a frame is its nearest pixel.

    Args:
        window: Frames (t, h, w, 3) uint8 RGB, t odd.
        guide: Frames of the same shape in which the flow is found instead,
            such as a first result; ``window`` itself when None.
        workers: Threads among which the neighbours are shared.
        find_flows: Finds the flow in another way, in this thread.

    Returns:
        np.ndarray: The moved neighbours in time order, (t - 1, h, w, 3)
        uint8 RGB.

    Raises:
        DataError: The frames have another shape or type.
    """
    guide = window if guide is None else guide
    if (window.dtype != np.uint8 or window.ndim != 4 or window.shape[3] != 3
            or len(window) % 2 == 0):
        raise DataError('align_neighbours takes an odd number of frames '
                        f'(t, h, w, 3) of uint8, got {window.shape} of '
                        f'{window.dtype}. Scale to 0..255, convert to uint8, '
                        'and put colours last.')
    if guide.shape != window.shape or guide.dtype != np.uint8:
        raise DataError(f'The guide is {guide.shape} of {guide.dtype}, the '
                        f'frames are {window.shape} of uint8. Give it the '
                        'shape and type of the frames.')
    window, guide = map(np.ascontiguousarray, (window, guide))
    return moved(window, _flows(guide, workers, find_flows))


def moved(window: np.ndarray, flows: Sequence[np.ndarray]) -> np.ndarray:
    """The neighbours of the centre frame, along flow from it to each.

    Args:
        window: Frames (t, h, w) or (t, h, w, 3), t odd.
        flows: In time order, t - 1.
    """
    return np.stack([pull(window[index], flow) for index, flow in zip(
        _neighbours(window), flows, strict=True)])


def _neighbours(window: np.ndarray) -> list[int]:
    return [index for index in range(len(window))
            if index != len(window) // 2]


def _flows(guide: np.ndarray, workers: int, find_flows: FindFlows | None
           ) -> Sequence[np.ndarray]:
    if find_flows is not None:
        return find_flows(guide)
    centre, *others = (flow_plane(guide[index]) for index in (
        len(guide) // 2, *_neighbours(guide)))
    find = partial(find_flow, centre)
    if workers == 1:
        return list(map(find, others))
    # a pool for each call: one that lived on would be dead after a fork
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(find, others))


def prepare_window(window: np.ndarray, guide: np.ndarray | None = None,
                   find_flows: FindFlows | None = None,
                   sees_guide: bool = False) -> np.ndarray:
    """Align a window whose colours stand before height and width.

    Args:
        window: Shape (5, 3, h, w), uint8 RGB.
        guide: Frames of the same shape in which flow is found instead.
        find_flows: As for :func:`align_neighbours`.
        sees_guide: Show the guide to the network, too; the rainy frames stand
            for it where there is none.

    Returns:
        np.ndarray: The rainy frames and the moved neighbours, (9, 3, h, w),
        uint8 RGB; behind them, for a guided network, what
        :func:`~mmderain.models.aligned_median.guide_planes.guide_planes`
        gives.
    """
    frames, others = (
        None if clip is None else
        np.ascontiguousarray(clip.transpose(0, 2, 3, 1))
        for clip in (window, guide))
    if not sees_guide:
        found = align_neighbours(frames, others, find_flows=find_flows)
        return np.concatenate([window, found.transpose(0, 3, 1, 2)])
    shown = frames if others is None else others
    flows = _flows(shown, 1, find_flows)
    luma = luma_of(shown)
    return np.concatenate([
        window, moved(frames, flows).transpose(0, 3, 1, 2),
        guide_planes(luma[len(luma) // 2], moved(luma, flows))[None]])


def flow_plane(frame: np.ndarray) -> np.ndarray:
    """In what flow is found: luma (h, w) uint8 without thin streaks.

    Args:
        frame: (h, w, 3) uint8 RGB, or its luma (h, w) of the convention
            'opencv'.
    """
    luma = (frame if frame.ndim == 2
            else cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY))
    return cv2.medianBlur(luma, _MEDIAN_SIZE)


def find_flow(centre: np.ndarray, neighbour: np.ndarray,
              preset: int = cv2.DISOPTICAL_FLOW_PRESET_MEDIUM) -> np.ndarray:
    """Where each pixel of the centre is in the neighbour, (h, w, 2)."""
    height, width = centre.shape
    below, right = max(0, _SMALLEST - height), max(0, _SMALLEST - width)
    if below or right:
        centre, neighbour = (
            cv2.copyMakeBorder(plane, 0, below, 0, right,
                               cv2.BORDER_REPLICATE)
            for plane in (centre, neighbour))
    # one for each call: the object holds its buffers and is no thread's
    # but ours
    dis = cv2.DISOpticalFlow_create(preset)
    return dis.calc(centre, neighbour, None)[:height, :width]


def find_quick_flow(centre: np.ndarray, neighbour: np.ndarray
                    ) -> np.ndarray:
    """The same by DIS's preset FAST: in a fifth of the time, less well."""
    return find_flow(centre, neighbour, cv2.DISOPTICAL_FLOW_PRESET_FAST)


def pull(frame: np.ndarray, flow: np.ndarray) -> np.ndarray:
    """A frame (h, w, ...) moved by where each pixel of another is in it."""
    return cv2.remap(frame, places(*flow.shape[:2]) + flow, None,
                     cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@lru_cache(maxsize=2)
def places(height: int, width: int) -> np.ndarray:
    """Column and row of each pixel, (h, w, 2)."""
    rows, columns = np.indices((height, width), np.float32)
    return np.stack([columns, rows], axis=-1)
