"""Derains arrays, images, folders and videos, without any config."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.errors import DataError, UserError
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.media.frame_source import open_source
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import Restorer


class DerainInferencer(Restorer):
    """Rainy frames in, clean frames out; memory does not grow with length.

    Without a checkpoint the weights that come with mmderain are used
    (``mmderain models`` lists them; :attr:`weights` says which). A
    checkpoint says what network it holds; windows and tiles are those of
    the method's paper unless something else is said. Named arguments are
    those of MMagic's ``MMagicInferencer``, as is :meth:`infer`.

    Args:
        model_ckpt: A file that our training or our converter wrote; shipped
            weights when None.
        model_name: The file's method, only needed for files that do not say;
            without a file the name of shipped weights, or None for the
            default.
        model_config: A config of ours, or its path, whose ``model.test_cfg``
            is used. Nothing else of it is.
        device: 'cuda', 'cpu' and the like; a GPU where there is one.
        dtype: 'float32', or 'bfloat16' or 'float16' of autocast; 'auto' is
            float32, but bfloat16 for a method that was trained in it, on a
            device that is fast with it.
        tile: 'auto' (the method's own tiles, or else whole frames where they
            fit into memory and large tiles where not), a height and width, or
            None for whole frames.
        tile_overlap: Pixels that tiles share; the method's when None.
        batch: How many pieces go through the network at once: tiles of a
            window first, then, where a window has fewer, several windows.
            Faster on a GPU that smaller pieces leave idle; takes so many times
            the memory, which 'auto' tiles reckon with.
        test_cfg: Other settings of the derainer, over all of the above.
        sharers: How many processes share the device's memory.

    Raises:
        CheckpointError: The file cannot be read or says nothing, or shipped
            weights are damaged.
        ConfigError: A setting cannot be.
        UserError: There is no such method, shipped weights or dtype.

    Example:
        >>> derain = DerainInferencer()  # or a file: 'eevrsr.pth'
        >>> clean = derain(frames)                    # (t, h, w, 3) uint8
        >>> for frame in derain.frames('rainy.mp4'):  # one by one
        ...     show(frame)
        >>> report = derain('rainy.mp4', 'clean.mp4')
    """

    def frames(self, inputs: Any) -> Iterator[np.ndarray]:
        """Derain and hand out frame by frame.

        Args:
            inputs: A path, an array, or any iterable of (h, w, 3) uint8 RGB.

        Yields:
            np.ndarray: (h, w, 3) uint8 RGB.

        Raises:
            DataError: The input cannot be read, or is no uint8 RGB.
        """
        if isinstance(inputs, str | Path):
            source = open_source(Path(inputs))
            for damage in source.damage():
                raise DataError(f'{inputs}: {damage}. Replace the file.')
            return self._images(source.read())
        return self._images(_timed(inputs))

    def _images(self, frames: Iterator[TimedFrame]) -> Iterator[np.ndarray]:
        for first in frames:
            # before the stream begins, which asks for the tile once
            self.fit_tile(*first.image.shape[:2])
            for result in self.stream(chain([first], frames)):
                yield result.image

    def __call__(self, inputs: Any, output: str | Path | None = None,
                 options: DerainOptions | None = None
                 ) -> np.ndarray | Iterator[np.ndarray] | DerainReport:
        """Derain.

        Args:
            inputs: An image (h, w, 3) or a clip (t, h, w, 3), uint8 RGB; or
                the path of an image, a folder of frames or a video.
            output: Write it there: a video, a folder or an image.
            options: How to write it.

        Returns:
            The same as an array for an array; without ``output`` a generator
            of frames for a path; otherwise a report of what was written.

        Raises:
            UserError: Something cannot be read or written.
        """
        if output is not None:
            return DerainJob(self, Path(inputs), Path(output),
                             options or DerainOptions()).run()
        if isinstance(inputs, np.ndarray) and inputs.ndim == 3:
            image, = self.frames([inputs])
            return image
        if isinstance(inputs, np.ndarray):
            return np.stack(list(self.frames(inputs)))
        return self.frames(inputs)

    def infer(self, img: str | None = None, video: str | None = None,
              result_out_dir: str = '') -> DerainReport | list[np.ndarray]:
        """Derain as ``MMagicInferencer.infer`` is called.

        Args:
            img: Path of an image.
            video: Path of a video or of a folder of frames.
            result_out_dir: The result: a video, a folder or an image. A
                folder for an image gets the image under its name. Nothing is
                overwritten.

        Returns:
            A report of what was written; the frames without
            ``result_out_dir``.

        Raises:
            UserError: Neither or both were given, or as for calling.
        """
        if (img is None) == (video is None):
            raise UserError('infer() takes img=... or video=..., one of them.')
        source = Path(img or video)
        if not result_out_dir:
            return list(self.frames(source))
        target = Path(result_out_dir)
        if img and target.suffix.lower() not in IMAGE_SUFFIXES:
            target = target / source.name
        return self(source, target)


def _timed(images: Iterable[np.ndarray]) -> Iterator[TimedFrame]:
    for index, image in enumerate(images):
        image = np.asarray(image)
        if (image.dtype != np.uint8 or image.ndim != 3
                or image.shape[2] != 3):
            raise DataError('Expected frames as arrays (h, w, 3) of uint8 '
                            f'RGB, got {image.shape} of {image.dtype}.')
        yield TimedFrame(image, index, 1, index)
