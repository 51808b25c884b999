"""Metrics that compare restored with clean clips."""

import logging
import math
from collections.abc import Mapping

from mmagic.registry import METRICS
from mmengine.logging import print_log
from torch import nn
from torch.utils.data import DataLoader

from mmderain.errors import DataError, UserError
from mmderain.evaluation.lpips_scorer import LPIPSScorer
from mmderain.evaluation.metrics.clip_metric import ClipMetric, paired_frames
from mmderain.evaluation.protocols import get_protocol
from mmderain.evaluation.scorers import (
    FlowScorer,
    ProtocolScorer,
    Scorer,
    TemporalErrorScorer,
    collect,
    score_sequence,
)


class PairedMetric(ClipMetric):
    """Scores clips by a protocol, with a scorer of the subclass.

    Args:
        protocol: Its name: 'vrds', 'rainsyn', 'rainsyn_vdmamba', 'raindrop'
            or 'ntu'.
        **kwargs: As for MMEngine's ``BaseMetric``.

    Raises:
        ConfigError: There is no such protocol.
    """

    scorer: Scorer

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
        frames = frames[dropped:len(frames) - dropped]
        rows = score_sequence((pair for *pair, _ in frames), [self.scorer])
        for row, (_, _, is_valid) in zip(rows, frames, strict=True):
            if not is_valid:
                row.update(dict.fromkeys(self.scorer.names, math.nan))
        return collect(rows, self.scorer.names)


@METRICS.register_module()
class ProtocolScores(PairedMetric):
    """``PSNR`` and ``SSIM`` as a protocol of ``mmderain.evaluation`` says.

    MMagic's metrics differ: with ``convert_to='Y'`` they take our RGB frames
    for BGR, and they know one window only.

    Args:
        protocol: As for :class:`PairedMetric`.
        **kwargs: As for MMEngine's ``BaseMetric``.
    """

    def __init__(self, protocol: str, **kwargs) -> None:
        super().__init__(protocol, **kwargs)
        self.scorer = ProtocolScorer(self.protocol)


@METRICS.register_module()
class TOF(PairedMetric):
    """``tOF``, the distance of optical flows: see :class:`FlowScorer`.

    Args:
        protocol: As for :class:`PairedMetric`; how the mean is taken.
        farneback: As for :class:`FlowScorer`.
        **kwargs: As for MMEngine's ``BaseMetric``.
    """

    def __init__(self, protocol: str,
                 farneback: Mapping[str, float] | None = None,
                 **kwargs) -> None:
        super().__init__(protocol, **kwargs)
        self.scorer = FlowScorer(farneback)


@METRICS.register_module()
class TemporalError(PairedMetric):
    """``temporal_error``, flicker in levels: see :class:`TemporalErrorScorer`.

    Args:
        protocol: As for :class:`PairedMetric`; how the mean is taken.
        **kwargs: As for MMEngine's ``BaseMetric``.
    """

    def __init__(self, protocol: str, **kwargs) -> None:
        super().__init__(protocol, **kwargs)
        self.scorer = TemporalErrorScorer()


@METRICS.register_module()
class LPIPS(PairedMetric):
    """``LPIPS`` with AlexNet: see :class:`LPIPSScorer`.

    Where it cannot be computed (no package, no weights) an error is logged
    before the test, the figure is nan, and the other metrics go on.

    Args:
        protocol: As for :class:`PairedMetric`; also the order of channels.
        pretrained: File of torchvision's AlexNet, instead of the download.
        device: As for :class:`LPIPSScorer`.
        **kwargs: As for MMEngine's ``BaseMetric``.
    """

    def __init__(self, protocol: str, pretrained: str | None = None,
                 device: str | None = None, **kwargs) -> None:
        super().__init__(protocol, **kwargs)
        self.pretrained = pretrained
        self.device = device
        self.scorer = None
        self._is_loaded = False

    def prepare(self, module: nn.Module, dataloader: DataLoader) -> None:
        """Called by MMagic's evaluator before a test; loads the weights."""
        super().prepare(module, dataloader)
        self._load()

    def score_clip(self, sample: dict) -> dict[str, list[float]]:
        """Score a clip; no values without weights."""
        self._load()
        if self.scorer is None:
            return dict(LPIPS=[])
        return super().score_clip(sample)

    def compute_metrics(self, results: list[tuple]) -> dict[str, float]:
        """Average; without weights there is nothing more to report."""
        if self._is_loaded and self.scorer is None:
            return dict(LPIPS=math.nan)
        return super().compute_metrics(results)

    def _load(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        try:
            self.scorer = LPIPSScorer(self.protocol.lpips_order,
                                      self.pretrained, self.device)
        except UserError as error:
            print_log(f'LPIPS is left out: {error}', 'current',
                      logging.ERROR)
