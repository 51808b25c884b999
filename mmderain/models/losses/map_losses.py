"""Losses of rain maps, and of the frame that a map covers."""

import torch
import torch.nn.functional as F
from mmagic.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class MapBCELoss(nn.Module):
    """Binary cross-entropy of a map of probabilities.

    Computed in float32 also under autocast, where PyTorch refuses it.

    Args:
        loss_weight: Factor of the mean.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, pred: Tensor, target: Tensor) -> Tensor:
        """Both of any one shape, in [0, 1]."""
        with torch.autocast(pred.device.type, enabled=False):
            return self.loss_weight * F.binary_cross_entropy(
                pred.float(), target.float())


@MODELS.register_module()
class CoverLoss(nn.Module):
    """Cross-entropy of how much is covered, and the Dice loss.

    The latter (Milletari et al., 3DV 2016) is that of each sample, so that
    small covers count as much as large ones.

    Args:
        dice_weight: Of the Dice loss.
        smoothing: Pixels that are added to its numerator and denominator: a
            sample without any cover is right with little.
    """

    def __init__(self, dice_weight: float = 0.3,
                 smoothing: float = 50.0) -> None:
        super().__init__()
        self.dice_weight = dice_weight
        self.smoothing = smoothing

    def forward(self, logits: Tensor, target: Tensor,
                counts: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits: Shape (n, 1, h, w).
            target: The same, in [0, 1].
            counts: The same, 0 where the target is not known.
        """
        logits = logits.float()
        entropy = F.binary_cross_entropy_with_logits(
            logits, target, weight=counts)
        found, target = (plane.flatten(1) for plane in (
            logits.sigmoid() * counts, target * counts))
        dice = 1 - (2 * (found * target).sum(1) + self.smoothing) / (
            found.sum(1) + target.sum(1) + self.smoothing)
        return entropy + self.dice_weight * dice.mean()


@MODELS.register_module()
class OcclusionLoss(nn.Module):
    """Softmax cross-entropy of the two-class degradation map.

    Our reading of J4R-Net's talk, which prints the logsumexp of the logits
    minus the map, where the cross-entropy has the logit of the true class.

    Args:
        loss_weight: Factor of the mean over all pixels.
    """

    def __init__(self, loss_weight: float = 1.0) -> None:
        super().__init__()
        self.loss_weight = loss_weight

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Compute the loss.

        Args:
            logits: Shape (n, t, 2, h, w); the second class is occluded.
            target: Shape (n, t, 1, h, w), in [0, 1]; occluded above 0.5.
        """
        classes = (target[:, :, 0] > 0.5).long().flatten(0, 1)
        return self.loss_weight * F.cross_entropy(
            logits.flatten(0, 1), classes)


@MODELS.register_module()
class HoleLoss(nn.Module):
    """L1 inside a mask, relative to the part of the frame it covers.

    ``mean |pred * mask - target * mask| / (mean(mask) + eps)``, as in the
    official ViMP-Net (``derainer.py``), so that a frame with few drops counts
    as much as one with many.

    Args:
        loss_weight: Factor of the result.
        eps: Keeps a frame without drops finite.
    """

    def __init__(self, loss_weight: float = 1.0, eps: float = 1e-8) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.eps = eps

    def forward(self, pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """``pred``, ``target``: (n, t, 3, h, w); ``mask``: (n, t, 1, h, w)."""
        inside = F.l1_loss(pred * mask, target * mask)
        return self.loss_weight * inside / (mask.mean() + self.eps)
