"""How the neighbours in rendered clips are moved, with a guide or without."""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from mmderain.backends import limit_threads
from mmderain.media.video_info import TimedFrame
from mmderain.models.aligned_median.alignment import (
    align_neighbours,
    prepare_window,
)
from mmderain.models.aligned_median.composed_flows import (
    ALIGNMENTS,
    flow_finder,
)
from mmderain.models.aligned_median.window import CENTRE, FRAMES
from mmderain.restorer import Restorer
from mmderain.weights import GUIDES_OF_TRAINING

_MOVED = FRAMES - 1


@dataclass(frozen=True)
class ClipAlignment:
    """As the network that is trained will have it.

    Args:
        flow: One of
            :data:`~mmderain.models.aligned_median.composed_flows.ALIGNMENTS`.
        guide: Name of shipped weights that see the clip first: flow is found
            in what they restore, and it is shown to the network.
    """

    flow: str = ALIGNMENTS[0]
    guide: str | None = None

    @property
    def frames(self) -> int:
        """Of a clip: a guide sees as many around each frame of a window."""
        return FRAMES if self.guide is None else FRAMES + 2 * CENTRE

    @property
    def pictures(self) -> int:
        """Of a clip's alignment: what was moved, and what the guide shows."""
        return _MOVED if self.guide is None else _MOVED + 1

    def __str__(self) -> str:
        guide = '' if self.guide is None else f' with the guide {self.guide}'
        return f'{self.flow!r}{guide}'

    @property
    def options(self) -> str:
        """Of ``mmderain align-clips``."""
        guide = '' if self.guide is None else f' --guide {self.guide}'
        return f'--alignment {self.flow}{guide}'

    @property
    def mark(self) -> str:
        """Tells it from others in the name of an alignment."""
        # those by which all were aligned at first have none
        flow = '' if self.flow == ALIGNMENTS[0] else self.flow
        return flow if self.guide is None else f'{flow} {self.guide}'

    def window(self, clips: np.ndarray) -> np.ndarray:
        """The frames that the network sees, of clips (..., t, h, w, 3)."""
        left = (self.frames - FRAMES) // 2
        return clips[..., left:left + FRAMES, :, :, :]

    def __call__(self, clip: np.ndarray) -> np.ndarray:
        """Align a clip.

        Args:
            clip: Shape (frames, h, w, 3), uint8 RGB.

        Returns:
            np.ndarray: Shape (pictures, h, w, 3), uint8.
        """
        finder = flow_finder(self.flow)
        window = self.window(clip)
        if self.guide is None:
            return align_neighbours(window, find_flows=finder)
        restored = self.window(np.stack(_restored(self.guide, clip)))
        prepared = prepare_window(*(
            frames.transpose(0, 3, 1, 2) for frames in (window, restored)),
            find_flows=finder, sees_guide=True)
        return prepared[FRAMES:].transpose(0, 2, 3, 1)


KINDS = tuple(ClipAlignment(flow, guide) for flow in ALIGNMENTS
              for guide in (None, *GUIDES_OF_TRAINING))


def _restored(guide: str, clip: np.ndarray) -> list[np.ndarray]:
    restorer = _restorer(guide)
    frames = (TimedFrame(image, index, 1, index)
              for index, image in enumerate(clip))
    spec = replace(restorer.spec(None, *clip.shape[1:3]), prepare_threads=1)
    return [result.image for result in restorer.stream(frames, spec)]


@cache
def _restorer(guide: str) -> Restorer:
    """A guide; one for each process, of one thread.

    By PyTorch, which is there where anything trains: so that clips are the
    same everywhere.
    """
    limit_threads(1)
    return Restorer(model_name=guide, device='cpu', dtype='float32',
                    backend='torch')
