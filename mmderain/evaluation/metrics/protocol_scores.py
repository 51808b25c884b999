"""PSNR and SSIM by a named protocol."""

import math

from mmagic.registry import METRICS

from mmderain.errors import DataError
from mmderain.evaluation.frame_scores import score_frame
from mmderain.evaluation.metrics.clip_metric import ClipMetric, paired_frames
from mmderain.evaluation.protocols import get_protocol


@METRICS.register_module()
class ProtocolScores(ClipMetric):
    """``PSNR`` and ``SSIM`` as a protocol of ``mmderain.evaluation`` says.

    MMagic's metrics differ: with ``convert_to='Y'`` they take our RGB frames
    for BGR, and they know one window only.

    Args:
        protocol: Its name: 'vrds', 'rainsyn', 'rainsyn_vdmamba', 'raindrop'
            or 'ntu'.
        **kwargs: As for MMEngine's ``BaseMetric``.

    Raises:
        ConfigError: There is no such protocol.
    """

    def __init__(self, protocol: str, **kwargs) -> None:
        super().__init__(**kwargs)
        self.protocol = get_protocol(protocol)
        self.average = self.protocol.average

    def score_clip(self, sample: dict) -> dict[str, list[float]]:
        """Score a clip.

        Args:
            sample: ``output.pred_img`` and ``gt_img``, (t, 3, h, w), RGB in
                [0, 255].

        Raises:
            DataError: The clip is too short for the protocol, or its frames
                cannot be scored.
        """
        frames = paired_frames(sample)
        dropped = self.protocol.dropped_ends
        if len(frames) <= 2 * dropped:
            raise DataError(
                f'Sequence {sample.get("key", "")!r} has {len(frames)} '
                f'frames; the protocol {self.protocol.name} drops {dropped} '
                'at either end. Choose another protocol.')
        scores = dict(PSNR=[], SSIM=[])
        for restored, clean, is_valid in frames[dropped:len(frames) - dropped]:
            found = (score_frame(restored, clean, self.protocol) if is_valid
                     else dict.fromkeys(scores, math.nan))
            for name, values in scores.items():
                values.append(found[name])
        return scores
