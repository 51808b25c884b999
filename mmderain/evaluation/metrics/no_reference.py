"""Metrics of restored clips that ask for no clean ones."""

import math
from collections.abc import Sequence

from mmagic.evaluation.metrics.niqe import niqe
from mmagic.registry import METRICS
from mmengine.evaluator import BaseMetric
from mmengine.model import is_model_wrapper
from torch import Tensor, nn
from torch.utils.data import DataLoader

# NIQE compares the statistics of blocks and needs several of them.
_BLOCK = 96
_FEWEST_BLOCKS = 2


@METRICS.register_module()
class ClipNIQE(BaseMetric):
    """NIQE of restored clips and, to compare, of the rainy ones.

    Lower is better; what rain removal does to a scene's own texture counts,
    too, so look at the frames. The computation is MMagic's, on grey levels of
    8 bits. MMagic's metric itself asks for a clean clip and takes RGB frames
    for BGR.

    The results are ``NIQE`` and ``NIQE_input``: means over the frames of a
    clip, then over the clips. Frames smaller than two blocks of 96 pixels
    have no NIQE; a clip of such frames gives nan.

    Args:
        step: Score every so many frames, from the first one on.
        score_input: Also score the rainy clips.
        **kwargs: As for MMEngine's ``BaseMetric``.

    Raises:
        ValueError: The step is below 1.
    """

    # what MMagic's evaluator asks of a metric
    SAMPLER_MODE = 'normal'
    sample_model = 'orig'

    def __init__(self, step: int = 1, score_input: bool = True,
                 **kwargs) -> None:
        super().__init__(**kwargs)
        if step < 1:
            raise ValueError(f'step has to be 1 or more, but is {step}')
        self.step = step
        self.score_input = score_input

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
            data_samples: ``output.pred_img`` and ``input``, each
                (t, 3, h, w), uint8 RGB.
        """
        for sample in data_samples:
            scores = dict(NIQE=self._score(sample['output']['pred_img']))
            if self.score_input:
                scores['NIQE_input'] = self._score(sample['input'])
            self.results.append(scores)

    def _score(self, clip: Tensor) -> float:
        height, width = clip.shape[-2:]
        if (height // _BLOCK) * (width // _BLOCK) < _FEWEST_BLOCKS:
            return math.nan
        # RGB to BGR, (t, 3, h, w) -> (t, h, w, 3)
        frames = clip[::self.step].flip(1).permute(0, 2, 3, 1).cpu().numpy()
        scores = [float(niqe(frame, 0, 'HWC', 'gray')) for frame in frames]
        return sum(scores) / len(scores)

    def evaluate(self) -> dict[str, float]:
        """The mean over all clips of all processes."""
        return super().evaluate(self.size)

    def compute_metrics(self, results: list[dict]) -> dict[str, float]:
        """Average over the clips."""
        return {name: sum(scores[name] for scores in results) / len(results)
                for name in results[0]}
