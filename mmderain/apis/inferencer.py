"""Derains arrays, images, folders and videos, without any config."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from mmderain.apis.derain_job import DerainJob
from mmderain.apis.derain_options import DerainOptions, DerainReport
from mmderain.checkpoints.description import load_method
from mmderain.compat import has_fast_bfloat16
from mmderain.errors import DataError, UserError
from mmderain.inference.auto_tile import choose_tile, free_memory
from mmderain.inference.frame_source import open_source
from mmderain.inference.image_io import IMAGE_SUFFIXES
from mmderain.inference.video_io import TimedFrame
from mmderain.weights import ShippedWeights, checked_path, find_weights

_AUTO = 'auto'
_DTYPES = dict(float32=None, bfloat16=torch.bfloat16, float16=torch.float16)


class DerainedFrame(NamedTuple):
    """A frame and what became of it.

    Args:
        source: The rainy frame.
        image: (h, w, 3) uint8 RGB.
        maps: Name to plane (h, w) uint8.
    """

    source: TimedFrame
    image: np.ndarray
    maps: dict[str, np.ndarray]


class DerainInferencer:
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

    def __init__(self,
                 model_ckpt: str | None = None,
                 model_name: str | None = None,
                 model_config: Config | dict | str | None = None,
                 device: str | torch.device | None = None,
                 dtype: str = _AUTO,
                 tile: str | tuple[int, int] | None = 'auto',
                 tile_overlap: int | None = None,
                 batch: int | None = None,
                 test_cfg: Mapping[str, Any] | None = None,
                 sharers: int = 1) -> None:
        # with which other processes build the same
        self.arguments = dict(
            model_ckpt=model_ckpt, model_name=model_name,
            model_config=model_config, dtype=dtype, tile=tile,
            tile_overlap=tile_overlap, batch=batch, test_cfg=test_cfg)
        if dtype not in (_AUTO, *_DTYPES):
            known = ', '.join((_AUTO, *_DTYPES))
            raise UserError(f'dtype has to be one of {known}, '
                            f'got {dtype!r}.')
        self.device = torch.device(device or (
            'cuda' if torch.cuda.is_available() else 'cpu'))
        self.sharers = sharers
        self.weights: ShippedWeights | None = None
        if model_ckpt is None:
            self.weights = find_weights(model_name)
            model_ckpt = checked_path(self.weights)
            model_name = self.weights.method
        self.checkpoint = Path(model_ckpt)
        self.method, network = load_method(
            str(model_ckpt), expected=model_name)
        if dtype == _AUTO:
            half = self.method.bfloat16 and has_fast_bfloat16(self.device)
            dtype = 'bfloat16' if half else 'float32'
        self.dtype = _DTYPES[dtype]
        settings = {**self.method.test_cfg, **_test_cfg(model_config)}
        self._own_tile = settings.get('tile')
        if tile_overlap is not None:
            settings['tile_overlap'] = tile_overlap
        if batch is not None:
            # until the size of the frames is known
            settings.update(window_batch=batch, tile_batch=1)
        own = {'window_batch', 'tile_batch'} & set(test_cfg or {})
        self._batch = None if own else batch
        settings.update(test_cfg or {})
        if settings.get('padding', 'replicate') is None:
            # a video keeps its first and last frames
            settings['padding'] = 'replicate'
        self._auto = tile == 'auto' and 'tile' not in (test_cfg or {})
        if tile != 'auto':
            settings['tile'] = tile
        self.derainer = self.method.derainer_class().for_inference(
            network, settings).to(self.device)
        # what a tile cannot be is said now, not after the first window
        _ = self.derainer.tile_spec

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps: what was removed, and what the network finds."""
        return 'removed', *self.derainer.map_names

    @property
    def keeps_state(self) -> bool:
        """Whether a frame depends on all before it."""
        return getattr(self.derainer, 'running', False)

    def free_memory(self) -> int:
        """Bytes of the device that may be used."""
        return free_memory(self.device) // self.sharers

    def fit_tile(self, height: int, width: int,
                 free: int | None = None) -> tuple[int, int] | None:
        """Choose the tile for frames of a size, where that is left to us.

        Args:
            height: Of the frames.
            width: Of the frames.
            free: Bytes; those of the device when None.
        """
        if not self._auto or self.keeps_state:
            tile = self.derainer.test_cfg.get('tile')
            self.set_tile(tile, height, width)
            return tile
        settings = self.derainer.test_cfg
        batch = self._batch or (settings.get('window_batch', 1)
                                * settings.get('tile_batch', 1))
        margin = 2 * self.derainer.margin
        tile = choose_tile(height + margin, width + margin,
                           self.method.bytes_per_pixel,
                           self.free_memory() if free is None else free,
                           batch)
        own = self._own_tile
        if own is not None:
            tile = tuple(own) if tile is None else (
                min(own[0], tile[0]), min(own[1], tile[1]))
        self.set_tile(tile, height, width)
        return tile

    def set_tile(self, tile: tuple[int, int] | None, height: int,
                 width: int) -> None:
        """Use tiles of this size from now on, for frames of that size."""
        self.derainer.test_cfg['tile'] = tile
        if self._batch is not None:
            spec = self.derainer.tile_spec
            tiles = 1 if spec is None else spec.count(height, width)
            self.derainer.test_cfg.update(
                tile_batch=min(self._batch, tiles),
                window_batch=max(1, self._batch // tiles))

    def stream(self, frames: Iterable[TimedFrame], with_maps: bool = False
               ) -> Iterator[DerainedFrame]:
        """Derain frame by frame; the tile stays as it is.

        Args:
            frames: All of one size.
            with_maps: Also return the maps of ``map_names``.
        """
        waiting: deque[TimedFrame] = deque()  # not restored yet

        def tensors() -> Iterator[Tensor]:
            for frame in frames:
                waiting.append(frame)
                yield torch.from_numpy(frame.image).permute(2, 0, 1)

        for result in self._restored(tensors(), with_maps):
            source = waiting.popleft()
            image = np.ascontiguousarray(result[:3].permute(1, 2, 0))
            maps = {}
            if with_maps:
                change = np.abs(image.astype(np.int16) - source.image)
                maps['removed'] = change.max(axis=2).astype(np.uint8)
                for name, plane in zip(self.derainer.map_names, result[3:],
                                       strict=True):
                    maps[name] = plane.numpy()
            yield DerainedFrame(source, image, maps)

    def _restored(self, frames: Iterator[Tensor],
                  with_maps: bool) -> Iterator[Tensor]:
        try:
            yield from self.derainer.stream(frames, with_maps, self.dtype)
        except torch.OutOfMemoryError as error:
            raise UserError(
                f'{self.device} has too little memory for frames of this size '
                f'({error}). Use smaller tiles, such as --tile 256, or a '
                'smaller --batch.'
            ) from error

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
            return self._images(open_source(Path(inputs)).read())
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


def _test_cfg(config: Config | dict | str | None) -> dict:
    if config is None:
        return {}
    if isinstance(config, str | Path):
        config = Config.fromfile(str(config))
    model = dict(config).get('model') or {}
    return dict(model.get('test_cfg') or {})


def _timed(images: Iterable[np.ndarray]) -> Iterator[TimedFrame]:
    for index, image in enumerate(images):
        image = np.asarray(image)
        if (image.dtype != np.uint8 or image.ndim != 3
                or image.shape[2] != 3):
            raise DataError('Expected frames as arrays (h, w, 3) of uint8 '
                            f'RGB, got {image.shape} of {image.dtype}.')
        yield TimedFrame(image, index, 1, index)
