"""A convolutional network band by band, so that its features fit a cache."""

from collections.abc import Callable

import torch
from torch import Tensor


def in_bands(function: Callable[[Tensor], Tensor], x: Tensor, reach: int,
             pixels: int) -> Tensor:
    """Apply a network to horizontal bands; the result is that of one pass.

    Memory for features depends on a band and no longer on the image, and on a
    processor the features of a small band stay in its cache.

    Args:
        function: Convolutions of stride 1 that pad with zeros, and operations
            pixel by pixel; from (n, c, h, w) to (n, c', h, w).
        x: Shape (n, c, h, w).
        reach: Rows that one row of the result depends on, to either side.
        pixels: Of a band, about; a band has ``4 * reach`` rows at least.

    Returns:
        Tensor: Shape (n, c', h, w).
    """
    batch, _, height, width = x.shape
    rows = max(4 * reach, pixels // (batch * width))
    results = []
    for top in range(0, height, rows):
        start = max(0, top - reach)
        band = function(x[:, :, start:top + rows + reach])
        results.append(band[:, :, top - start:top - start + rows])
    return torch.cat(results, dim=2) if len(results) > 1 else results[0]
