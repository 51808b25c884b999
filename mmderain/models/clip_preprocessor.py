"""From the bytes of a batch to what a derainer computes with."""

import torch
from mmagic.registry import MODELS
from mmagic.structures import DataSample
from mmengine.model import BaseDataPreprocessor
from torch import Tensor


@MODELS.register_module()
class ClipPreprocessor(BaseDataPreprocessor):
    """Clips of uint8 to RGB in [0, 1] for training; untouched for testing.

    A test clip can be a whole video. It stays uint8 on the CPU until a window
    of it is due, so MMagic's preprocessor, which turns everything into float
    on the device, does not fit. Nothing is normalised: outside a network a
    clip is RGB in [0, 1].
    """

    def forward(self, data: dict, training: bool = False) -> dict:
        """Prepare a batch.

        Args:
            data: ``inputs``, a list of (t, 3, h, w) uint8 RGB; and
                ``data_samples``, a list with ``gt_img`` and maps, uint8.
            training: Stack, move to the device and scale to [0, 1].

        Returns:
            dict: For training ``inputs`` (n, t, 3, h, w) and one stacked data
            sample; otherwise the two lists as they came.
        """
        if not training:
            return data
        samples = DataSample.stack(data['data_samples'])
        for name in list(samples.keys()):
            samples.set_field(self._scale(samples.get(name)), name)
        return dict(inputs=self._scale(torch.stack(list(data['inputs']))),
                    data_samples=samples)

    def _scale(self, clip: Tensor) -> Tensor:
        # Bytes travel to the device, not floats.
        return self.cast_data(clip).float() / 255
