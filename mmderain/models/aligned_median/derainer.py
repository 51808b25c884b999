"""AlignedMedianNet as an MMagic model: alignment, luma, passes."""

from typing import Any

from mmagic.registry import MODELS
from mmagic.structures import DataSample
from torch import Tensor

from mmderain.models.aligned_median.restoration import AlignedMedianRestoration
from mmderain.models.base import BaseDerainer
from mmderain.models.luma import full_range_luma
from mmderain.models.shipped import shipped_restoration


@MODELS.register_module()
class AlignedMedianDerainer(AlignedMedianRestoration, BaseDerainer):
    """Rain streaks from video, by a network of our own.

    Five frames come in and the one in the middle is restored. Its neighbours
    are aligned to it by :func:`align_neighbours`, outside the network and on
    the CPU. The network sees full-range luma as ``split_luma`` has it, or
    RGB where it has three channels.

    A clip is mirrored at its ends: repeated, the first frame would be three
    of the five, and their median with all of its rain. So it is at cuts, with
    the guard; see :mod:`~mmderain.models.aligned_median.own_frames`.

    Args:
        guide: Name of shipped weights for PyTorch. Clips are restored with
            what these make of them, as ``mmderain derain`` does with its
            ``test_cfg.guide``; the weights are no part of the model's.
        **kwargs: As for :class:`BaseDerainer`. Of ``test_cfg`` it knows also
            ``chroma``, of a network on luma: 'blend' takes as much of the
            aligned median's as the network takes of its luma, 'rainy' keeps
            that of the rainy frame; and ``passes``: with 2, flow is found
            again in the restored frames, and the rainy ones, moved along it,
            are restored again, at twice the cost; and ``guard``: with True,
            what rain does not explain is given back after every pass, by
            :mod:`~mmderain.models.aligned_median.streak_guard`; False leaves
            the network's result as it is; and ``alignment``: 'composed' finds
            flow from frame to frame alone, once, and follows it to farther
            neighbours, instead of finding ('direct') that to each;
            'device' finds it where the frames are restored, for GPUs that
            would wait for processor cores, less well.

    Raises:
        ConfigError: A setting of ``test_cfg`` has no such value, or there
            are no such weights.
    """

    restoration = AlignedMedianRestoration

    def __init__(self, *args: Any, guide: str | None = None, **kwargs: Any
                 ) -> None:
        super().__init__(*args, **kwargs)
        if guide is not None:
            # a module's attribute would be trained and saved with it
            object.__setattr__(self, 'guide', shipped_restoration(guide))

    def forward_train(self, inputs: Tensor, data_samples: DataSample,
                      **kwargs) -> dict[str, Tensor]:
        """Compute the loss.

        Args:
            inputs: Five rainy frames and, moved to the one in the middle, its
                four neighbours, (n, 9, 3, h, w), RGB in [0, 1]; for a guided
                network, (n, 10, 3, h, w), as ``prepare_window`` returns it.
            data_samples: ``gt_img``, the clean frame of the middle,
                (n, 1, 3, h, w), RGB in [0, 1].

        Returns:
            dict[str, Tensor]: ``loss_pix``.
        """
        target = data_samples.gt_img[:, 0]
        if self._on_luma:
            target = full_range_luma(target)
        output = self._restore(inputs, full_range_luma(inputs))
        return dict(loss_pix=self.pixel_loss(output.restored, target))
