"""Scores of a sequence, frame by frame: what metrics and commands share."""

from collections.abc import Iterable, Mapping

import cv2
import numpy as np

from mmderain.evaluation.frame_scores import score_frame
from mmderain.evaluation.protocols import Protocol

# OpenCV's names; the values are those of TecoGAN's metrics.py
FARNEBACK = dict(pyr_scale=0.5, levels=3, winsize=15, iterations=3, poly_n=5,
                 poly_sigma=1.2, flags=0)


class Scorer:
    """Gets the frames of a sequence in order; may remember the last ones."""

    # of the scores that it gives
    names: tuple[str, ...] = ()

    def reset(self) -> None:
        """Called before a sequence."""

    def __call__(self, restored: np.ndarray,
                 clean: np.ndarray) -> dict[str, float]:
        """Score the next frame.

        Args:
            restored: RGB (h, w, 3), uint8.
            clean: The same.

        Returns:
            Name to score; nothing where a frame has none.

        Raises:
            DataError: The frames cannot be scored.
        """
        raise NotImplementedError


class ProtocolScorer(Scorer):
    """PSNR and SSIM.

    Args:
        protocol: How.
    """

    names = ('PSNR', 'SSIM')

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol

    def __call__(self, restored: np.ndarray,
                 clean: np.ndarray) -> dict[str, float]:
        """Score the next frame."""
        return score_frame(restored, clean, self.protocol)


class FlowScorer(Scorer):
    """TecoGAN's tOF: do things move as they do in the clean sequence?

    The optical flows from each frame to the next, of the restored and of the
    clean sequence, are compared: the length of their difference, in pixels,
    the mean over the frame. The first frame has none, nor has one of another
    size than the last one. Source: Chu et al.,
    "Learning Temporal Coherence via Self-Supervision for GAN-based Video
    Generation", and ``metrics.py`` of github.com/thunil/TecoGAN.

    Differs from the official code:

    * the whole frame counts, where the official code cuts 16 pixels and more
      from its sides and two frames from either end of a sequence;
    * the mean is that of the protocol.

    Args:
        farneback: Arguments of ``cv2.calcOpticalFlowFarneback`` that replace
            those of ``FARNEBACK``.
    """

    names = ('tOF', )

    def __init__(self, farneback: Mapping[str, float] | None = None) -> None:
        self.farneback = {**FARNEBACK, **(farneback or {})}
        self.reset()

    def reset(self) -> None:
        """Forget the last frames."""
        self._last: list[np.ndarray] | None = None

    def __call__(self, restored: np.ndarray,
                 clean: np.ndarray) -> dict[str, float]:
        """Score the next frame."""
        grey = [cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
                for frame in (restored, clean)]
        last, self._last = self._last, grey
        if last is None or last[0].shape != grey[0].shape:
            return {}
        ours, theirs = (
            cv2.calcOpticalFlowFarneback(before, after, None, **self.farneback)
            for before, after in zip(last, grey, strict=True))
        return dict(tOF=float(np.linalg.norm(
            ours.astype(np.float64) - theirs, axis=-1).mean()))


class TemporalErrorScorer(Scorer):
    """How much of the error comes and goes from frame to frame.

    The error of a frame is its luma minus that of the clean frame (OpenCV's
    full-range grey); the score is the mean of how much it changes from the
    last frame to this one, without sign, in levels of 8 bits. An error that
    stays, such as a colour cast, costs nothing; what flickers does. The first
    frame has none, nor has one of another size than the last one. Our own
    choice; nothing is estimated in it, unlike tOF.
    """

    names = ('temporal_error', )

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget the last frame."""
        self._last: np.ndarray | None = None

    def __call__(self, restored: np.ndarray,
                 clean: np.ndarray) -> dict[str, float]:
        """Score the next frame."""
        ours, theirs = (
            cv2.cvtColor(np.ascontiguousarray(frame), cv2.COLOR_RGB2GRAY)
            for frame in (restored, clean))
        error = ours.astype(np.int16) - theirs
        last, self._last = self._last, error
        if last is None or last.shape != error.shape:
            return {}
        return dict(temporal_error=float(np.abs(error - last).mean()))


def score_sequence(pairs: Iterable[tuple[np.ndarray, np.ndarray]],
                   scorers: Iterable[Scorer]) -> list[dict[str, float]]:
    """Score a sequence.

    Args:
        pairs: Restored and clean frames, as for :class:`Scorer`.
        scorers: What to score them with.

    Returns:
        For each frame, name to score.

    Raises:
        DataError: Frames cannot be scored.
    """
    scorers = list(scorers)
    for scorer in scorers:
        scorer.reset()
    return [{name: value for scorer in scorers
             for name, value in scorer(restored, clean).items()}
            for restored, clean in pairs]


def collect(rows: Iterable[Mapping[str, float]],
            names: Iterable[str]) -> dict[str, list[float]]:
    """Scores of frames -> name to the values that there are."""
    rows = list(rows)
    return {name: [row[name] for row in rows if name in row]
            for name in names}
