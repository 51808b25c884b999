"""LightMedianNet as an MMagic model."""

from mmagic.registry import MODELS

from mmderain.models.aligned_median.derainer import AlignedMedianDerainer
from mmderain.models.light_median.restoration import LightMedianRestoration


@MODELS.register_module()
class LightMedianDerainer(LightMedianRestoration, AlignedMedianDerainer):
    """Rain streaks from video, in real time on a processor.

    What :class:`AlignedMedianDerainer` does, with a smaller network and an
    alignment that takes less time; of ``test_cfg`` it knows the same, and
    ``alignment`` is 'quick' when nothing is said.
    """

    restoration = LightMedianRestoration
