"""Transforms of whole clips: one draw of parameters serves every key.

Flips and transposition are MMagic's (``Flip``, ``RandomTransposeHW``), which
take several keys already; put ``Flip`` first, since it works in place and
OpenCV refuses transposed views.
"""

import cv2
import numpy as np
from mmagic.datasets.transforms import LoadImageFromFile
from mmagic.registry import TRANSFORMS
from mmagic.utils import all_to_tensor
from mmcv.transforms import BaseTransform

from mmderain.errors import DataError


@TRANSFORMS.register_module()
class SampleClip(BaseTransform):
    """Take consecutive frames, the same ones of every key.

    Every list under a key ``*_path`` is cut.

    Args:
        length: Frames to take.
        random: At a random place; else from the first frame on.
    """

    def __init__(self, length: int, random: bool = True) -> None:
        self.length = length
        self.random = random

    def transform(self, results: dict) -> dict:
        """Cut the lists of paths.

        Raises:
            DataError: The sequence is shorter than the clip.
        """
        total = len(results['img_path'])
        if total < self.length:
            raise DataError(
                f'Sequence {results.get("key")} has {total} frames, a clip of '
                f'{self.length} was asked for.')
        start = np.random.randint(total - self.length + 1) if self.random \
            else 0
        for key, value in results.items():
            if key.endswith('_path') and isinstance(value, list):
                results[key] = value[start:start + self.length]
        return results


@TRANSFORMS.register_module()
class LoadFrames(LoadImageFromFile):
    """MMagic's ``LoadImageFromFile``, as RGB and with errors that name a file.

    Args:
        key: ``{key}_path`` holds the list of files.
        color_type: ``'color'``, or ``'grayscale'`` for maps.
        **kwargs: As for MMagic's class.
    """

    def __init__(self, key: str, color_type: str = 'color', **kwargs) -> None:
        super().__init__(key, color_type=color_type, channel_order='rgb',
                         **kwargs)

    def _load_image(self, filename: str) -> np.ndarray:
        try:
            image = super()._load_image(filename)
        # OpenCV, Pillow and file servers each have errors of their own
        except Exception as error:
            raise self._refused(filename, error) from error
        if image is None:
            raise self._refused(filename)
        return image

    def _refused(self, filename: str, error: Exception | None = None
                 ) -> DataError:
        # OpenCV's words are about its own code
        reason = ('it is none, or not a whole one'
                  if error is None or isinstance(error, cv2.error) else
                  getattr(error, 'strerror', None) or error)
        return DataError(
            f'{filename} ({self.key}): expected an image, but: {reason}. '
            'Replace the file; mmderain check-data finds all such files of '
            'a config.')


@TRANSFORMS.register_module()
class PairedClipCrop(BaseTransform):
    """Cut the same random square out of every frame of every key.

    Args:
        keys: What to crop, lists of (h, w, c).
        size: Side of the square in pixels.
    """

    def __init__(self, keys: list[str], size: int) -> None:
        self.keys = keys
        self.size = size

    def transform(self, results: dict) -> dict:
        """Crop.

        Raises:
            DataError: A frame is smaller than the crop, or the keys differ in
                size; the file is named.
        """
        height, width = results[self.keys[0]][0].shape[:2]
        if min(height, width) < self.size:
            raise DataError(
                f'{results[self.keys[0] + "_path"][0]} is {width}x{height} '
                f'pixels, the crop needs {self.size}x{self.size}.')
        top = np.random.randint(height - self.size + 1)
        left = np.random.randint(width - self.size + 1)
        for key in self.keys:
            for path, frame in zip(results[f'{key}_path'], results[key],
                                   strict=True):
                if frame.shape[:2] != (height, width):
                    raise DataError(
                        f'{path} is {frame.shape[1]}x{frame.shape[0]} pixels, '
                        f'the other frames are {width}x{height}.')
            results[key] = [
                frame[top:top + self.size, left:left + self.size]
                for frame in results[key]]
        return results


@TRANSFORMS.register_module()
class StackFrames(BaseTransform):
    """Lists of (h, w, c) to tensors (t, c, h, w), also for one frame.

    MMagic's ``PackInputs`` would make an image of a clip of one frame. Leave
    this out to feed an image network of MMagic with single frames.

    Args:
        keys: What to stack; keys that a sample lacks are passed over.
    """

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys

    def transform(self, results: dict) -> dict:
        """Stack the frames of every key."""
        for key in self.keys:
            if key in results:
                frames = all_to_tensor(results[key])
                results[key] = frames if frames.ndim == 4 else frames[None]
        return results
