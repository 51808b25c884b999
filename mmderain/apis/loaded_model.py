"""A checkpoint's network, ready to restore frames on a device."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from mmengine.config import Config
from torch import Tensor

from mmderain.checkpoints.description import load_method
from mmderain.compat import has_fast_bfloat16
from mmderain.errors import DivergedError, UserError
from mmderain.inference.auto_tile import choose_tile, free_memory
from mmderain.inference.video_io import TimedFrame
from mmderain.weights import ShippedWeights, checked_path, find_weights

if TYPE_CHECKING:
    from mmderain.models.derainers.base import JudgedFrame

_AUTO = 'auto'
_DTYPES = dict(float32=None, bfloat16=torch.bfloat16, float16=torch.float16)


class DerainedFrame(NamedTuple):
    """A frame and what became of it.

    Args:
        source: The rainy frame.
        image: (h, w, 3) uint8 RGB.
        maps: Name to plane (h, w) uint8.
        guarded: The part of the rainy frame that the derainer's guard gave
            back, from 0 to 1.
    """

    source: TimedFrame
    image: np.ndarray
    maps: dict[str, np.ndarray]
    guarded: float = 0.0


class LoadedModel:
    """Restores frames; knows its device, its precision and its tiles.

    Named as for :class:`DerainInferencer`, which adds what goes in and out.

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

        for result, guarded in self._restored(tensors(), with_maps, waiting):
            source = waiting.popleft()
            image = np.ascontiguousarray(result[:3].permute(1, 2, 0))
            maps = {}
            if with_maps:
                change = np.abs(image.astype(np.int16) - source.image)
                maps['removed'] = change.max(axis=2).astype(np.uint8)
                for name, plane in zip(self.derainer.map_names, result[3:],
                                       strict=True):
                    maps[name] = plane.numpy()
            yield DerainedFrame(source, image, maps, guarded)

    def _restored(self, frames: Iterator[Tensor], with_maps: bool,
                  waiting: deque[TimedFrame]) -> Iterator['JudgedFrame']:
        """Restore, with errors that speak of the input and its options."""
        try:
            yield from self.derainer.judged_stream(frames, with_maps,
                                                   self.dtype)
        except DivergedError as error:
            # the stream may have begun in the middle of the input
            raise DivergedError.in_frame(
                f'frame {waiting[0].index}') from error
        except torch.OutOfMemoryError as error:
            raise UserError(
                f'{self.device} has too little memory for frames of this size '
                f'({error}). Use smaller tiles, such as --tile 256, or a '
                'smaller --batch.'
            ) from error


def _test_cfg(config: Config | dict | str | None) -> dict:
    if config is None:
        return {}
    if isinstance(config, str | Path):
        config = Config.fromfile(str(config))
    model = dict(config).get('model') or {}
    return dict(model.get('test_cfg') or {})
