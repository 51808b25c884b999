"""A model that finds motion in what another one has restored before."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from functools import partial
from itertools import islice, tee
from pathlib import Path
from typing import Any

import numpy as np

from mmderain.backends import AUTO
from mmderain.backends.choice import fitting_backend
from mmderain.errors import ConfigError
from mmderain.media.video_info import TimedFrame
from mmderain.restorer.computing import ComputingPair
from mmderain.restorer.derained_frame import DerainedFrame
from mmderain.restorer.restorer import Read, Restorer
from mmderain.restorer.tile import Tile
from mmderain.weights import find_weights
from mmderain.windows.auto_tile import left_beside
from mmderain.windows.stream import StreamSpec


class GuidedRestorer(Restorer):
    """A restorer whose neighbours are aligned in cleaner frames.

    Rain leads optical flow astray. A small network takes most of it away
    first; flow is found in what comes of that, and the rainy frames are moved
    along it.

    Args:
        guide: Name of shipped weights; they see frames in the same tiles.
        *args: As for :class:`Restorer`.
        **options: The same.

    Raises:
        ConfigError: The method finds no motion in other frames.
        UserError: As for the restorer.
    """

    def __init__(self, guide: str, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._again = partial(GuidedRestorer, guide, *self._again.args,
                              **self._again.keywords)
        if not self.backend.takes_guide:
            raise ConfigError(
                f'test_cfg.guide={guide!r}: {self.name} finds no motion in '
                'other frames. Leave it out.')
        self.guide = Restorer(
            model_name=guide, device=self.backend.device,
            dtype=self.asked_dtype, sharers=self.sharers,
            backend=_fitting(guide, self._network.name))
        # what goes on may go on by another one, as the first model
        self.guide.computing.asked = self._network.asked
        self.computing = ComputingPair(self._network, self.guide.computing,
                                       is_guided=True)

    @property
    def known_by(self) -> dict:
        """What decides its results, but for rounding."""
        return dict(super().known_by, guide=self.guide.known_by)

    def fit_tile(self, height: int, width: int,
                 free: int | None = None) -> Tile:
        """Choose the tile; see the base class."""
        free = self.free_memory() if free is None else free
        return super().fit_tile(height, width, left_beside(
            free, self.guide.method.bytes_per_pixel, height, width))

    def stream(self, frames: Iterable[TimedFrame], spec: StreamSpec,
               with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain frame by frame; see the base class."""
        return self.stream_from(
            0, lambda entry: (frame for frame in frames), spec, with_maps)

    def stream_from(self, first: int, read: Read, spec: StreamSpec,
                    with_maps: bool = False) -> Generator[DerainedFrame]:
        """Derain from a frame on; see the base class."""
        entry = self.backend.restart_frame(first, spec)
        guide_spec = self._guide_spec(spec)
        early = self.guide.backend.restart_frame(entry, guide_spec)
        with closing(read(early)) as frames:
            own, others = tee(frames)
            with closing(self._guides(others, guide_spec)) as guides, \
                    closing(self._stream(
                        islice(own, entry - early, None), spec, with_maps,
                        islice(guides, entry - early, None))) as results:
                yield from islice(results, first - entry, None)

    def _guide_spec(self, spec: StreamSpec) -> StreamSpec:
        return replace(self.guide.backend.spec(None), tile=spec.tile,
                       prepare_threads=spec.prepare_threads)

    def _guides(self, frames: Iterator[TimedFrame], spec: StreamSpec
                ) -> Generator[np.ndarray]:
        with closing(self.guide.stream(frames, spec)) as results:
            for result in results:
                yield result.image


def _fitting(guide: str, backend: str) -> str:
    """The backend of the first model, where it takes the guide's files."""
    takes = {fitting_backend(Path(item.file))
             for item in find_weights(guide).files}
    return backend if backend in takes else AUTO
