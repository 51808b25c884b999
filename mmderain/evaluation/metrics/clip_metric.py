"""What our metrics share: a sample is a clip, and its frames are kept apart.

MMagic's metrics average over the frames of a clip at once, so that a frame
that is not finite is never seen, and none keeps whole sequences.
"""

import logging
from collections.abc import Sequence

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import print_log
from mmengine.model import is_model_wrapper
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mmderain.evaluation.averages import average, find_non_finite
from mmderain.evaluation.frame_scores import to_levels


class ClipMetric(BaseMetric):
    """Scores clips; the figure is the mean over frames, then over clips.

    Every process scores whole clips and the scores of all frames are brought
    together before they are averaged, so that the number of processes does
    not matter. Values that are not finite are reported for their sequences
    and make the figure so.

    Args:
        **kwargs: As for MMEngine's ``BaseMetric``.
    """

    # what MMagic's evaluator asks of a metric
    SAMPLER_MODE = 'normal'
    sample_model = 'orig'
    # how a set is averaged: see ``Protocol``
    average = 'sequences'

    def prepare(self, module: nn.Module, dataloader: DataLoader) -> None:
        """Called by MMagic's evaluator before a test."""
        self.size = len(dataloader.dataset)
        inner = module.module if is_model_wrapper(module) else module
        self.data_preprocessor = inner.data_preprocessor

    def get_metric_sampler(self, model: nn.Module, dataloader: DataLoader,
                           metrics: list) -> DataLoader:
        """Called by MMagic's evaluator: this metric needs no other data."""
        return dataloader

    def process(self, data_batch: Sequence[dict],
                data_samples: Sequence[dict]) -> None:
        """Score the clips of one batch.

        Args:
            data_batch: Not used.
            data_samples: ``output.pred_img`` and what the metric compares it
                with, each (t, 3, h, w) or (3, h, w), RGB in [0, 255].
        """
        for sample in data_samples:
            self.results.append((sample.get('key', ''),
                                 self.score_clip(sample)))

    def score_clip(self, sample: dict) -> dict[str, list[float]]:
        """Name of a score -> its values, one for each frame."""
        raise NotImplementedError

    def evaluate(self) -> dict[str, float]:
        """The figures of all clips of all processes."""
        return super().evaluate(self.size)

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Average over all clips; report what is not finite."""
        for key, scores in results:
            for problem in find_non_finite(scores):
                print_log(f'{type(self).__name__}: sequence {key!r}: '
                          f'{problem}', 'current', logging.WARNING)
        clips = [scores for _, scores in results]
        return {name: average(clips, name, self.average) for name in clips[0]}


def to_frames(clip: Tensor) -> np.ndarray:
    """(t, 3, h, w) or (3, h, w), RGB in [0, 255] -> (t, h, w, 3).

    Whole numbers of 8 bits are uint8; others stay floating.
    """
    clip = np.asarray(clip.detach().cpu())
    return np.moveaxis(clip[None] if clip.ndim == 3 else clip, 1, -1)


def paired_frames(sample: dict) -> list[tuple[np.ndarray, np.ndarray, bool]]:
    """Restored and clean frames (h, w, 3) of 8 bits, and are they valid?

    What is not a number has no level: such a restored frame is not valid.
    """
    restored, clean = (to_frames(clip) for clip in (
        sample['output']['pred_img'], sample['gt_img']))
    return [(to_levels(ours), to_levels(theirs), not np.isnan(ours).any())
            for ours, theirs in zip(restored, clean, strict=True)]
