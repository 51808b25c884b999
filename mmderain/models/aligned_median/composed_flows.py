"""Flow to farther neighbours out of flows from frame to frame.

Flow two frames on is that to the next frame, and on from there. So of each new
frame of a clip two flows are found, not four, as the windows around its
neighbours need the same ones.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock

import cv2
import numpy as np

from mmderain.models.aligned_median.alignment import (
    find_flow,
    find_quick_flow,
    flow_plane,
    places,
)
from mmderain.models.aligned_median.window import ALIGNMENTS

__all__ = ['ALIGNMENTS', 'ComposedFlows', 'flow_finder']

# flows, and pictures, that are remembered; two windows that are prepared side
# by side need six
_KEPT = 8


def flow_finder(alignment: str) -> 'ComposedFlows | None':
    """What finds the flows of a clip; None for the ordinary way.

    Args:
        alignment: One of :data:`ALIGNMENTS`. 'composed' is of flows from
            frame to frame, 'quick' of such that are found in a fifth of the
            time, less well.
    """
    return {'direct': None, 'composed': ComposedFlows(),
            'quick': ComposedFlows(find_quick_flow)}[alignment]


class ComposedFlows:
    """Finds the flows of a clip's windows; for one clip, in any threads.

    What it gives depends on a window alone, whatever windows came before.

    Args:
        find: Finds flow from frame to frame; :func:`find_flow` when None.
    """

    def __init__(self, find: Callable[[np.ndarray, np.ndarray], np.ndarray]
                 | None = None) -> None:
        self._find = find or find_flow
        self._planes, self._flows = _Once(), _Once()

    def __call__(self, frames: np.ndarray) -> list[np.ndarray]:
        """Flow from the centre frame to each neighbour, in time order.

        Args:
            frames: Shape (t, h, w, 3), uint8 RGB, t odd; or their luma, as
                for :func:`flow_plane`.
        """
        names = [hash(frame.tobytes()) for frame in frames]
        centre = len(frames) // 2

        def plane(index: int) -> np.ndarray:
            return self._planes(names[index],
                                lambda: flow_plane(frames[index]))

        def step(one: int, other: int) -> np.ndarray:
            return self._flows((names[one], names[other]), lambda: self._find(
                plane(one), plane(other)))

        def chain(direction: int) -> list[np.ndarray]:
            flows: list[np.ndarray] = []
            for distance in range(centre):
                here = centre + direction * distance
                flow = step(here, here + direction)
                if flows:
                    flow = flows[-1] + _at_end_of(flows[-1], flow)
                flows.append(flow)
            return flows

        return [*reversed(chain(-1)), *chain(1)]


class _Once:
    """Remembers what was found last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Future] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def __call__(self, name: Hashable, find: Callable[[], np.ndarray]
                 ) -> np.ndarray:
        """What is found under a name; another thread may be at it."""
        with self._lock:
            future = self._known.get(name)
            if is_new := future is None:
                future = self._known[name] = Future()
            self._known.move_to_end(name)
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        if is_new:
            try:
                future.set_result(find())
            except BaseException as error:
                with self._lock:
                    self._known.pop(name, None)
                future.set_exception(error)
        return future.result()


def _at_end_of(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """A second flow where a first one leads to."""
    return cv2.remap(second, places(*first.shape[:2]) + first, None,
                     cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
