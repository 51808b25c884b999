"""A loaded model that turns frames into frames, on any backend."""

import dataclasses
from collections import deque
from collections.abc import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import closing
from functools import cached_property, partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.backends import AUTO
from mmderain.backends.choice import NetworkFiles, fitting_backend
from mmderain.backends.interface import Backend
from mmderain.errors import ConfigError, DivergedError, UserError
from mmderain.files import digest
from mmderain.media.video_info import TimedFrame
from mmderain.methods import Method
from mmderain.models.judged_frame import JudgedFrame
from mmderain.restorer.computing import Computing
from mmderain.restorer.derained_frame import (
    REMOVED,
    DerainedFrame,
    removed,
)
from mmderain.restorer.tile import Tile
from mmderain.weights import (
    ShippedWeights,
    checked_path,
    find_weights,
    require_no_name,
)
from mmderain.windows.auto_tile import choose_tile
from mmderain.windows.stream import StreamSpec

_DTYPES = (AUTO, 'float32', 'bfloat16', 'float16')

# of the derainer's settings, those that change how a frame is computed but not
# what it is, up to rounding
_OF_SPEED = ('tile', 'prepare_threads', 'window_batch', 'tile_batch')

# opens a clip at a frame
Read = Callable[[int], Generator[TimedFrame]]


class Restorer:
    """Restores frames; knows its weights and how they are used.

    Without a checkpoint the weights that come with mmderain are used
    (``mmderain models`` lists them; :attr:`weights` says which). A
    checkpoint says what network it holds; windows and tiles are those of
    the method's paper unless something else is said. Named arguments are
    those of MMagic's ``MMagicInferencer``.

    Args:
        model_ckpt: A file that our training or our converter wrote, or a
            network that ``mmderain export`` did; shipped weights when None.
        model_name: The file's method, only needed for files that do not say;
            without a file the name of shipped weights, or None for the
            default.
        model_config: A config of ours, whose ``model.test_cfg`` is used.
            Nothing else of it is.
        device: 'cuda', 'cpu' and the like; a GPU where there is one.
        dtype: 'float32', or 'bfloat16' or 'float16' of autocast; 'auto' is
            float32, but bfloat16 for a method that was trained in it, on a
            device that is faster with it.
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
        backend: What computes, of ``mmderain.backends.BACKENDS``; 'auto' is
            what takes the file; for shipped weights, which all take, PyTorch
            on a GPU, and on a CPU what is installed and faster.

    Raises:
        CheckpointError: The file cannot be read or says nothing, or shipped
            weights are damaged.
        ConfigError: A setting cannot be.
        UserError: There is no such method, shipped weights or dtype.
    """

    def __init__(self,
                 model_ckpt: str | None = None,
                 model_name: str | None = None,
                 model_config: Mapping | None = None,
                 device: Any = None,
                 dtype: str = AUTO,
                 tile: str | Tile = AUTO,
                 tile_overlap: int | None = None,
                 batch: int | None = None,
                 test_cfg: Mapping[str, Any] | None = None,
                 sharers: int = 1,
                 backend: str = AUTO) -> None:
        self._again = partial(
            Restorer, model_ckpt, model_name, model_config, dtype=dtype,
            tile=tile, tile_overlap=tile_overlap, batch=batch,
            test_cfg=test_cfg)
        self.asked_dtype = dtype
        if dtype not in _DTYPES:
            raise UserError(f'dtype has to be one of {", ".join(_DTYPES)}, '
                            f'got {dtype!r}.')
        self.sharers = sharers
        self.weights: ShippedWeights | None = None
        if model_ckpt is None:
            self.weights = find_weights(model_name)
            model_ckpt = checked_path(self.weights)
            model_name = self.weights.method
        else:
            require_no_name(model_ckpt)
        self.checkpoint = Path(model_ckpt)
        files = {fitting_backend(self.checkpoint): self.checkpoint}
        if self.weights is not None and self.weights.exported is not None:
            files['onnxruntime'] = checked_path(self.weights.exported)
        test_cfg = dict(test_cfg or {})
        model = (model_config or {}).get('model') or {}
        settings = {**(self.weights.settings if self.weights else {}),
                    **(model.get('test_cfg') or {})}
        if tile_overlap is not None:
            settings['tile_overlap'] = tile_overlap
        if batch is not None:
            # until the size of the frames is known
            settings.update(window_batch=batch, tile_batch=1)
        own = {'tile': settings['tile']} if 'tile' in settings else {}
        if tile != AUTO:
            settings['tile'] = tile
        settings.update(test_cfg)
        # a video keeps its first and last frames
        if settings.get('padding', 'replicate') is None:
            settings['padding'] = 'replicate'
        self._network = self.computing = Computing(NetworkFiles(
            files, model_name, settings, device, dtype), backend)
        self._is_auto = tile == AUTO and 'tile' not in test_cfg
        self._own_tile = {**self.method.test_cfg, **own}.get('tile')
        self._batch = (None if {'window_batch', 'tile_batch'} & set(test_cfg)
                       else batch)
        # what a tile cannot be is said now, not after the first window
        try:
            self.backend.spec(self._said_tile)
        except ValueError as error:
            raise ConfigError(f'tile {self._said_tile}: {error}.') from error

    @property
    def method(self) -> Method:
        """The method of the network."""
        return self.backend.method

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.method.name

    @property
    def shipped(self) -> tuple[ShippedWeights, ...]:
        """The weights that come with mmderain, as far as they are used."""
        return () if self.weights is None else (self.weights, )

    @property
    def window_length(self) -> int:
        """Frames with whose help one is restored."""
        return self.backend.spec(None).window.length

    @property
    def known_by(self) -> dict:
        """What decides its results, but for rounding."""
        return dict(
            checkpoint=self.checkpoint_digest, method=self.method.name,
            test_cfg={name: value
                      for name, value in self.backend.settings.items()
                      if name not in _OF_SPEED})

    @property
    def backend(self) -> Backend:
        """The loaded network."""
        return self._network.backend

    @property
    def dtype(self) -> str:
        """The precision that is computed with."""
        return self.backend.dtype

    def builder(self, device: str, sharers: int) -> 'Callable[[], Restorer]':
        """By what another process builds the same on its device."""
        return partial(self._again, device=device, sharers=sharers,
                       backend=self._network.chosen_way(
                           [device])['backend'])

    def builder_elsewhere(self, device: str, sharers: int
                          ) -> 'Callable[[], Restorer]':
        """The same for another machine, which chooses its own backend."""
        return partial(self._again, device=device, sharers=sharers,
                       backend=self._network.asked)

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps: what was removed, and what the network finds."""
        return REMOVED, *self.backend.map_names

    @property
    def finds_drops(self) -> bool:
        """Whether it looks for drops on the lens in video."""
        return 'drops' in self.backend.map_names

    @property
    def stages(self) -> 'tuple[Restorer, ...]':
        """The restorers that frames go through."""
        return (self, )

    @property
    def keeps_state(self) -> bool:
        """Whether a frame depends on all before it."""
        return self.backend.keeps_state

    @cached_property
    def checkpoint_digest(self) -> str:
        """SHA-256 of the checkpoint, also where its ONNX form computes."""
        return digest(self.checkpoint)

    def free_memory(self) -> int:
        """Bytes of the device that may be used."""
        return self.backend.free_memory() // self.sharers

    @property
    def _said_tile(self) -> Tile:
        tile = self.backend.settings.get('tile')
        return None if tile is None else tuple(tile)

    @property
    def chooses_tile(self) -> bool:
        """Whether the tile is left to us, and so depends on the memory."""
        return self._is_auto

    def fit_tile(self, height: int, width: int,
                 free: int | None = None) -> Tile:
        """Choose the tile for frames of a size, where that is left to us.

        Args:
            height: Of the frames.
            width: Of the frames.
            free: Bytes; those of the device when None.
        """
        if not self._is_auto or self.keeps_state:
            return self._said_tile
        spec = self.backend.spec(None)
        batch = self._batch or spec.window_batch * spec.tile_batch
        margin = 2 * self.backend.margin
        tile = choose_tile(height + margin, width + margin,
                           self.method.bytes_per_pixel,
                           self.free_memory() if free is None else free,
                           batch)
        own = self._own_tile
        if own is None:
            return tile
        return tuple(own) if tile is None else (
            min(own[0], tile[0]), min(own[1], tile[1]))

    def spec(self, tile: Tile, height: int, width: int) -> StreamSpec:
        """How frames of a size are restored in tiles of a size."""
        spec = self.backend.spec(tile)
        if self._batch is None:
            return spec
        tiles = 1 if spec.tile is None else spec.tile.count(height, width)
        return dataclasses.replace(
            spec, tile_batch=min(self._batch, tiles),
            window_batch=max(1, self._batch // tiles))

    def stream_from(self, first: int, read: Read, spec: StreamSpec,
                    with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain from a frame on, as if from the clip's beginning.

        Args:
            first: Index of the frame in the clip.
            read: Opens the clip; it is entered early enough.
            spec: As for :meth:`stream`.
            with_maps: The same.

        Raises:
            DivergedError: As for :meth:`stream`.
            UserError: The same.
        """
        entry = self.backend.restart_frame(first, spec)
        with closing(read(entry)) as frames, closing(
                self.stream(frames, spec, with_maps)) as results:
            yield from islice(results, first - entry, None)

    def stream(self, frames: Iterable[TimedFrame], spec: StreamSpec,
               with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain frame by frame.

        Args:
            frames: All of one size.
            spec: How, of :meth:`spec`.
            with_maps: Also return the maps of ``map_names``.

        Raises:
            DivergedError: A frame is not finite.
            UserError: The device has too little memory.
        """
        yield from self._stream(frames, spec, with_maps)

    def _stream(self, frames: Iterable[TimedFrame], spec: StreamSpec,
                with_maps: bool, guides: Iterator[np.ndarray] | None = None
                ) -> Generator[DerainedFrame]:
        waiting: deque[TimedFrame] = deque()  # not restored yet

        def images() -> Iterator[np.ndarray]:
            for frame in frames:
                waiting.append(frame)
                yield frame.image

        try:
            for result in self.backend.stream(
                    images(), spec, with_maps, guides):
                yield self._derained(waiting.popleft(), result, with_maps)
        except DivergedError as error:
            # the stream may have begun in the middle of the input
            raise DivergedError.in_frame(
                f'frame {waiting[0].index}') from error

    def _derained(self, source: TimedFrame, result: JudgedFrame,
                  with_maps: bool) -> DerainedFrame:
        planes = result.planes
        image = np.ascontiguousarray(planes[:3].transpose(1, 2, 0))
        maps = {}
        if with_maps:
            maps[REMOVED] = removed(source.image, image)
            maps.update(zip(self.backend.map_names, planes[3:], strict=True))
        return DerainedFrame(source, image, maps, result.guarded,
                             result.drops, result.covered)
