"""What windows a network takes, and how settings say it gets them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mmderain.errors import ConfigError
from mmderain.windows.stream import StreamSpec
from mmderain.windows.tiles import TileSpec
from mmderain.windows.windows import WindowSpec

# what settings say of windows and tiles
SETTINGS = frozenset(
    {'window', 'stride', 'padding', 'tile', 'tile_overlap', 'margin',
     'window_batch', 'tile_batch', 'prepare_threads'})
_LEAST = dict(window_batch=1, tile_batch=1, prepare_threads=0)
# of which less than that is refused where it is known why
_WHOLE = ('window', 'stride', 'margin', 'tile_overlap')


def check_counts(settings: Mapping[str, Any]) -> None:
    """Refuse numbers of windows, tiles and threads that cannot be.

    Raises:
        ConfigError: Of too few no frame would come out.
    """
    for name in _WHOLE:
        value = settings.get(name, 0)
        if not isinstance(value, int):
            raise ConfigError(f'test_cfg.{name} has to be a whole number, got '
                              f'{value!r:.60}.')
    for name, least in _LEAST.items():
        value = settings.get(name, least)
        if not isinstance(value, int) or value < least:
            raise ConfigError(f'test_cfg.{name} has to be a number from '
                              f'{least} on, got {value!r}.')
    tile = settings.get('tile')
    if tile is not None and not (
            isinstance(tile, list | tuple) and len(tile) == 2
            and all(isinstance(side, int) for side in tile)):
        raise ConfigError('tile has to be a height and a width, such as (256, '
                          f'256), or None for whole frames, got {tile!r:.60}.')


@dataclass(frozen=True)
class NetworkSpec:
    """What a network says of itself.

    Args:
        window: Frames that go in, unless settings say otherwise.
        valid: Which of them are restored; all when None.
        divisor: Height and width are multiples of it.
        margin: Pixels of replicated context that it needs around a frame.
    """

    window: int = 1
    valid: tuple[int, int] | None = None
    divisor: int = 1
    margin: int = 0

    def window_spec(self, settings: Mapping[str, Any]) -> WindowSpec:
        """Its window, with the strides of settings."""
        return WindowSpec(
            length=settings.get('window', self.window),
            valid=self.valid,
            stride=settings.get('stride', 1),
            divisor=self.divisor,
            padding=settings.get('padding', 'replicate'),
            margin=settings.get('margin', self.margin))

    def tile_spec(self, settings: Mapping[str, Any],
                  size: Sequence[int] | None) -> TileSpec | None:
        """Tiles of a height and width, or None for whole frames."""
        if size is None:
            return None
        overlap = settings.get('tile_overlap', 32)
        margin = self.window_spec(settings).margin
        return TileSpec(tuple(size), overlap,
                        max(margin, overlap // 2) if margin else 0)

    def stream_spec(self, settings: Mapping[str, Any],
                    tile: Sequence[int] | None) -> StreamSpec:
        """How a clip goes through it, in tiles or whole frames."""
        return StreamSpec(
            self.window_spec(settings), self.tile_spec(settings, tile),
            settings.get('window_batch', 1), settings.get('tile_batch', 1),
            settings.get('prepare_threads', 2))
