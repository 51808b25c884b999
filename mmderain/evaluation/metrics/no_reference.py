"""Metrics of restored clips that ask for no clean ones."""

import math

from mmagic.evaluation.metrics.niqe import niqe
from mmagic.registry import METRICS
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.evaluation.metrics.clip_metric import ClipMetric, to_frames

# NIQE compares the statistics of blocks and needs several of them.
_BLOCK = 96
_FEWEST_BLOCKS = 2


@METRICS.register_module()
class ClipNIQE(ClipMetric):
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
        ConfigError: The step is below 1.
    """

    def __init__(self, step: int = 1, score_input: bool = True,
                 **kwargs) -> None:
        super().__init__(**kwargs)
        if step < 1:
            raise ConfigError(
                f'ClipNIQE: step has to be 1 or more, but is {step}.')
        self.step = step
        self.score_input = score_input

    def score_clip(self, sample: dict) -> dict[str, list[float]]:
        """Score a clip.

        Args:
            sample: ``output.pred_img`` and ``input``, each (t, 3, h, w),
                uint8 RGB.
        """
        scores = dict(NIQE=self._score(sample['output']['pred_img']))
        if self.score_input:
            scores['NIQE_input'] = self._score(sample['input'])
        return scores

    def _score(self, clip: Tensor) -> list[float]:
        height, width = clip.shape[-2:]
        if (height // _BLOCK) * (width // _BLOCK) < _FEWEST_BLOCKS:
            return [math.nan]
        # MMagic's function takes BGR
        return [float(niqe(frame[..., ::-1], 0, 'HWC', 'gray'))
                for frame in to_frames(clip[::self.step])]
