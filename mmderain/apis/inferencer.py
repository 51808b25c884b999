"""Derains arrays, images, folders and videos, without any config."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.errors import DataError, UserError
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.devices import check_device
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.media.frame_source import open_source
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.media.video_info import TimedFrame
from mmderain.methods import Method
from mmderain.packages import require_packages
from mmderain.paths import find_config
from mmderain.restorer import choose_restorer
from mmderain.weights import ShippedWeights


class DerainInferencer:
    """Rainy frames in, clean frames out; memory does not grow with length.

    :meth:`infer` is called as that of MMagic's ``MMagicInferencer``.

    Args:
        model_ckpt: As for :class:`~mmderain.restorer.Restorer`: the file of a
            checkpoint, or None for the weights that come with mmderain.
        model_name: As for the restorer.
        model_config: The same, or a config's path, or the name of one of
            mmderain.
        remove: ``'streaks'``, ``'drops'`` (on the lens), or both, as of
            ``mmderain derain --remove``; both when None.
        **options: As for the restorer: ``device``, ``dtype``, ``tile``,
            ``tile_overlap``, ``batch``, ``test_cfg``.

    Raises:
        UserError: As for the restorer, or there is no such device.

    Example:
        >>> derain = DerainInferencer()  # or a file: 'eevrsr.pth'
        >>> clean = derain(frames)                    # (t, h, w, 3) uint8
        >>> for frame in derain.frames('rainy.mp4'):  # one by one
        ...     show(frame)
        >>> report = derain('rainy.mp4', 'clean.mp4')
    """

    def __init__(self, model_ckpt: str | None = None,
                 model_name: str | None = None,
                 model_config: Mapping | str | Path | None = None,
                 remove: Collection[str] | None = None,
                 **options: Any) -> None:
        if isinstance(model_config, str | Path):
            # reading a config is MMEngine's; without one it is not needed
            require_packages(['mmengine'])
            from mmengine.config import Config
            found = find_config(str(model_config))
            is_there = found is None or Path(model_config).is_file()
            model_config = Config.fromfile(
                str(model_config if is_there else found))
        if options.get('device') is not None:
            check_device(str(options['device']))
        self.restorer = choose_restorer(
            model_ckpt, model_name, remove, model_config=model_config,
            **options)

    @property
    def weights(self) -> ShippedWeights | None:
        """The shipped weights that are used, if any."""
        return self.restorer.weights

    @property
    def method(self) -> Method:
        """The method of the network."""
        return self.restorer.method

    def frames(self, inputs: Any) -> Iterator[np.ndarray]:
        """Derain and hand out frame by frame.

        Args:
            inputs: A path, an array, or any iterable of (h, w, 3) uint8 RGB.

        Yields:
            np.ndarray: (h, w, 3) uint8 RGB.

        Raises:
            DataError: The input cannot be read, or is not uint8 RGB.
        """
        if isinstance(inputs, str | Path):
            source = open_source(Path(inputs))
            for damage in source.damage():
                raise DataError(f'{inputs}: {damage}. Replace the file.')
            return self._images(source.read())
        return self._images(_timed(inputs))

    def _images(self, frames: Iterator[TimedFrame]) -> Iterator[np.ndarray]:
        for first in frames:
            size = first.image.shape[:2]
            spec = self.restorer.spec(self.restorer.fit_tile(*size), *size)
            for result in self.restorer.stream(chain([first], frames), spec):
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
            if not isinstance(inputs, str | Path):
                raise UserError(
                    'With an output expected the path of a video, an image or '
                    f'a folder, got {type(inputs).__name__}. Leave the output '
                    'out to get arrays for arrays.')
            return DerainJob(self.restorer, Path(inputs), Path(output),
                             options or DerainOptions()).run()
        if isinstance(inputs, np.ndarray) and inputs.ndim == 3:
            image, = self.frames([inputs])
            return image
        if isinstance(inputs, np.ndarray):
            frames = list(self.frames(inputs))
            return np.stack(frames) if frames else inputs.copy()
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
    if not isinstance(images, Iterable):
        raise DataError('Expected a path, an array or an iterable of frames, '
                        f'got {type(images).__name__}.')
    size = None
    for index, image in enumerate(images):
        # a copy: some hand out the same buffer, filled anew, each time
        image = np.array(image, order='C')
        if (image.dtype != np.uint8 or image.ndim != 3
                or image.shape[2] != 3 or not image.size):
            raise DataError('Expected frames as arrays (h, w, 3) of uint8 '
                            f'RGB, got {image.shape} of {image.dtype}.')
        size = size or image.shape
        if image.shape != size:
            raise DataError(f'Expected frames of one size, {size} as the '
                            f'first, got {image.shape} in frame {index}.')
        yield TimedFrame(image, index, 1, index)
