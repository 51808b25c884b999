"""The raindrop mask of a pair, as a transform."""

from mmagic.registry import TRANSFORMS
from mmcv.transforms import BaseTransform

from mmderain.datasets.mask_from_pair import (
    THRESHOLD,
    check_options,
    raindrop_mask,
)


@TRANSFORMS.register_module()
class RaindropMask(BaseTransform):
    """Compute ``drop_mask`` from ``img`` and ``gt``.

    Put it before the crop, whose border would otherwise disturb the
    morphology. The mask is a list of (h, w, 1) uint8, 0 or 255, one for each
    frame, like a mask that is read from a file.

    Args:
        threshold: As for ``mmderain.datasets.mask_from_pair.raindrop_mask``.
        reduction: As for ``raindrop_mask``.
        morphology: As for ``raindrop_mask``.

    Raises:
        UserError: An option has no such value.
    """

    def __init__(self, threshold: float = THRESHOLD, reduction: str = 'max',
                 morphology: int = 0) -> None:
        check_options(threshold, reduction, morphology)
        self.options = dict(threshold=threshold, reduction=reduction,
                            morphology=morphology)

    def transform(self, results: dict) -> dict:
        """Add ``drop_mask``, and the file to blame for it."""
        results['drop_mask'] = [
            raindrop_mask(rainy, clean, **self.options)[..., None]
            for rainy, clean in zip(results['img'], results['gt'],
                                    strict=True)]
        results['drop_mask_path'] = results['img_path']
        return results
