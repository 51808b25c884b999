"""Two models after each other, in one pass over the frames."""

from collections.abc import (
    Callable,
    Generator,
    Iterable,
)
from contextlib import closing
from dataclasses import replace
from functools import partial

from mmderain.media.video_info import TimedFrame
from mmderain.methods import Method
from mmderain.restorer.computing import ComputingPair
from mmderain.restorer.derained_frame import (
    REMOVED,
    DerainedFrame,
    removed,
)
from mmderain.restorer.restorer import Read, Restorer
from mmderain.restorer.tile import Tile
from mmderain.weights import ShippedWeights
from mmderain.windows.auto_tile import left_beside
from mmderain.windows.stream import StreamSpec


class RestorerChain:
    """Restores what another restorer has restored.

    It is used as a :class:`~mmderain.restorer.Restorer` is. Tiles are those of
    the first model; the second one, of drops on the lens, takes whole frames.

    Args:
        first: Restores the frames.
        second: Restores what comes of it.
    """

    def __init__(self, first: Restorer, second: Restorer) -> None:
        self.first, self.second = first, second
        self.computing = ComputingPair(first.computing, second.computing)
        self.asked_dtype = first.asked_dtype

    def builder(self, device: str, sharers: int
                ) -> 'Callable[[], RestorerChain]':
        """By what another process builds the same on its device."""
        return partial(_built, self.first.builder(device, sharers),
                       self.second.builder(device, sharers))

    def builder_elsewhere(self, device: str, sharers: int
                          ) -> 'Callable[[], RestorerChain]':
        """The same for another machine, which chooses its own backends."""
        return partial(_built, self.first.builder_elsewhere(device, sharers),
                       self.second.builder_elsewhere(device, sharers))

    @property
    def method(self) -> Method:
        """That of the first model."""
        return self.first.method

    @property
    def weights(self) -> ShippedWeights | None:
        """That the first model uses, if they come with mmderain."""
        return self.first.weights

    @property
    def shipped(self) -> tuple[ShippedWeights, ...]:
        """The weights that come with mmderain, as far as they are used."""
        return self.first.shipped + self.second.shipped

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f'{self.first.name} and {self.second.name}'

    @property
    def window_length(self) -> int:
        """Frames with whose help one is restored by the first model."""
        return self.first.window_length

    @property
    def known_by(self) -> dict:
        """What decides its results, but for rounding."""
        second = self.second.known_by
        return {name: [value, second.get(name)]
                for name, value in self.first.known_by.items()}

    @property
    def map_names(self) -> tuple[str, ...]:
        """The maps of both."""
        return *self.first.map_names, *self.second.map_names[1:]

    @property
    def stages(self) -> tuple[Restorer, ...]:
        """The restorers that frames go through."""
        return self.first, self.second

    @property
    def keeps_state(self) -> bool:
        """Whether a frame depends on all before it."""
        return self.first.keeps_state or self.second.keeps_state

    @property
    def chooses_tile(self) -> bool:
        """Whether the tile is left to us; see the restorer."""
        return self.first.chooses_tile

    def free_memory(self) -> int:
        """Bytes of the device that may be used."""
        return self.first.free_memory()

    def fit_tile(self, height: int, width: int,
                 free: int | None = None) -> Tile:
        """The tile of the first model; see the restorer.

        What the second one needs for its frames is left to it.
        """
        free = self.free_memory() if free is None else free
        return self.first.fit_tile(height, width, left_beside(
            free, self.second.method.bytes_per_pixel, height, width))

    def spec(self, tile: Tile, height: int, width: int
             ) -> tuple[StreamSpec, StreamSpec]:
        """How frames of a size are restored; see the restorer."""
        return (self.first.spec(tile, height, width),
                self.second.spec(None, height, width))

    def stream(self, frames: Iterable[TimedFrame],
               spec: tuple[StreamSpec, StreamSpec],
               with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain frame by frame; see the restorer."""
        return self.stream_from(
            0, lambda entry: (frame for frame in frames), spec, with_maps)

    def stream_from(self, first: int, read: Read,
                    spec: tuple[StreamSpec, StreamSpec],
                    with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain from a frame on; see the restorer."""
        before: dict[int, DerainedFrame] = {}

        def restored(entry: int) -> Generator[TimedFrame]:
            with closing(self.first.stream_from(
                    entry, read, spec[0], with_maps)) as results:
                for result in results:
                    before[result.source.index] = result
                    yield replace(result.source, image=result.image)

        with closing(self.second.stream_from(
                first, restored, spec[1], with_maps)) as results:
            for result in results:
                index = result.source.index
                yield _joined(before[index], result)
                for done in [number for number in before if number <= index]:
                    del before[done]


def _built(*builders: Callable[[], Restorer]) -> RestorerChain:
    """A chain in another process."""
    return RestorerChain(*(build() for build in builders))


def _joined(first: DerainedFrame, second: DerainedFrame) -> DerainedFrame:
    """What both have made of a frame."""
    maps = {**first.maps, **second.maps}
    if maps:
        maps[REMOVED] = removed(first.source.image, second.image)
    return DerainedFrame(first.source, second.image, maps, first.guarded,
                         second.drops, second.covered)
