"""Batch normalisation as TensorFlow 1 did it for EEVRSR."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DebiasedBatchNorm2d(nn.BatchNorm2d):
    """Statistics with the population variance and a debiased start.

    Inference is PyTorch's. In training the moving statistics differ from
    PyTorch's in two ways, both the original's (``net_final.py``):

    * They start without a bias: after t steps they are the weighted mean of
      what was seen, ``sum(0.999^(t-i) x_i) / sum(0.999^(t-i))``; after the
      first step they are its values. The original keeps the biased sum and
      divides by ``1 - 0.999^t``; here the momentum of step t is
      ``0.001 / (1 - 0.999^t)``, which is the same.
    * The moving variance is the batch's population variance, as used for
      normalising. PyTorch takes the sample variance.

    Before the first step the moving variance is 1, not the original's 0,
    which would divide by almost nothing.
    """

    def __init__(self, num_features: int) -> None:
        super().__init__(num_features, eps=1e-3, momentum=1e-3)

    def forward(self, x: Tensor) -> Tensor:
        """(n, c, h, w) -> (n, c, h, w)."""
        if not self.training:
            return super().forward(x)
        with torch.no_grad():
            # what F.batch_norm normalises with, in its precision
            variance, mean = torch.var_mean(
                x.float() if x.dtype.itemsize < 4 else x, dim=(0, 2, 3),
                correction=0)
            self.num_batches_tracked += 1
            steps = self.num_batches_tracked.double()
            debiasing = 1 - (1 - self.momentum)**steps
            weight = (self.momentum / debiasing).to(mean.dtype)
            self.running_mean.lerp_(mean, weight)
            self.running_var.lerp_(variance, weight)
        return F.batch_norm(x, None, None, self.weight, self.bias,
                            training=True, eps=self.eps)


def normalised_conv(conv: nn.Conv2d, norm: nn.BatchNorm2d,
                    x: Tensor) -> Tensor:
    """A convolution and its normalisation; outside of training in one step.

    Args:
        conv: The convolution.
        norm: What normalises its output.
        x: Shape (n, c, h, w).
    """
    if norm.training:
        return norm(conv(x))
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = (conv.bias - norm.running_mean) * scale + norm.bias
    return F.conv2d(x, conv.weight * scale[:, None, None, None], bias,
                    conv.stride, conv.padding)
