"""Rain over one clean clip: raindrops on the lens, then streaks."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from mmderain.errors import UserError
from mmderain.synthesis.camera import Camera, check_size
from mmderain.synthesis.fresh_streaks import FreshStreaks, FreshStreakSettings
from mmderain.synthesis.occlusions import (
    OcclusionSettings,
    RainOcclusions,
    hybrid_frame,
)
from mmderain.synthesis.presets import preset_settings
from mmderain.synthesis.raindrops import Raindrops, RaindropSettings
from mmderain.synthesis.streaks import RainStreaks, StreakSettings


class RainyFrame(NamedTuple):
    """A frame with everything that a set keeps about it, all uint8.

    In each channel ``lq`` is ``reliance`` where ``occlusion_mask`` is 255, and
    ``min(255, drop + streak_map)`` elsewhere: the hybrid rain model, whose B
    is ``drop``. ``drop_mask`` is 255 exactly where a channel of ``drop``
    differs from ``gt``. Where nothing occludes, ``reliance`` is 0; where
    something does, ``streak_map`` is.
    """

    lq: np.ndarray  # (h, w, 3) RGB, with drops and streaks
    gt: np.ndarray  # (h, w, 3) RGB, clean
    drop: np.ndarray  # (h, w, 3) RGB, with drops only
    drop_mask: np.ndarray  # (h, w), 0 or 255
    streak_map: np.ndarray  # (h, w), what the streaks add
    occlusion_mask: np.ndarray  # (h, w), 0 or 255: where rain is opaque
    reliance: np.ndarray  # (h, w), what is seen there


def sequence_rng(seed: int, sequence: int,
                 purpose: str) -> np.random.Generator:
    """The random numbers of one sequence for one purpose.

    They depend on nothing else, so a sequence is the same whatever others are
    made, and its drops the same with and without streaks.

    Args:
        seed: 0 or more.
        sequence: Index of the sequence, 0 or more.
        purpose: 'streaks', 'drops', 'motion' or 'occlusions'.

    Raises:
        UserError: A negative seed or index.
    """
    if seed < 0 or sequence < 0:
        raise UserError(f'seed: expected 0 or more, got '
                        f'{min(seed, sequence)}.')
    purposes = ('streaks', 'drops', 'motion', 'occlusions')
    return np.random.Generator(np.random.PCG64(
        [seed, sequence, purposes.index(purpose)]))


def checked_frames(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """The frames of a clip, if rain can be rendered over them.

    Args:
        frames: Clean frames of one size, (h, w, 3) uint8 RGB each; a generator
            will do, one frame is held at a time.

    Yields:
        The same, contiguous.

    Raises:
        UserError: A frame of another kind or size, or under 32 pixels.
    """
    size = None
    for index, frame in enumerate(frames):
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise UserError(
                f'frame {index}: expected uint8 RGB of shape (height, width, '
                f'3), got {frame.dtype} of shape {frame.shape}.')
        if size is None:
            size = frame.shape[:2]
            check_size(size, f'frame {index}')
        elif frame.shape[:2] != size:
            raise UserError(
                f'frame {index}: expected {size[0]}x{size[1]} like the first '
                f'frame, got {frame.shape[0]}x{frame.shape[1]}. The frames of '
                'a clip must have one size.')
        yield np.ascontiguousarray(frame)


class RainRenderer:
    """Renders rain over clean clips, one frame at a time.

    Args:
        streaks: Settings of streaks that fall through the clip, or of streaks
            that are fresh in every frame; None for no streaks.
        drops: Settings of the drops on the lens; None for no drops.
        occlusions: Settings of rain that hides the background, in the
            streaks' direction; None for none.
        camera: What turns metres and seconds into pixels and frames.
        seed: Same seed and sequence, same rain to the byte.
        sequence: Index of the clip in its set.

    Raises:
        UserError: A negative seed or index, or occlusions without streaks.
    """

    def __init__(self,
                 streaks: StreakSettings | FreshStreakSettings | None = None,
                 drops: RaindropSettings | None = None,
                 occlusions: OcclusionSettings | None = None,
                 camera: Camera | None = None, seed: int = 0,
                 sequence: int = 0) -> None:
        self.streaks = streaks
        self.drops = drops
        self.occlusions = occlusions
        if occlusions and not streaks:
            raise UserError('occlusions: expected streaks, too, as they take '
                            'their direction, got none. Add streaks.')
        self.camera = camera or Camera()
        self.seed = seed
        self.sequence = sequence
        sequence_rng(seed, sequence, 'streaks')

    @classmethod
    def from_preset(cls, name: str, seed: int = 0,
                    sequence: int = 0) -> 'RainRenderer':
        """A renderer of the rain of a preset, such as 'heavy'.

        Raises:
            UserError: There is no such preset, or it is varied rain.
        """
        settings = preset_settings(name)
        if settings.varied:
            raise UserError(f'preset: expected rain with maps, got {name!r}. '
                            'Use VariedRainRenderer.')
        return cls(settings.streaks, settings.drops, settings.occlusions,
                   seed=seed, sequence=sequence)

    def _start(self, size: tuple[int, int]) -> tuple[
            RainStreaks | FreshStreaks | None, Raindrops | None,
            RainOcclusions | None]:
        """The rain at the clip's first frame."""
        def rng(purpose: str) -> np.random.Generator:
            return sequence_rng(self.seed, self.sequence, purpose)

        streaks = drops = occlusions = None
        if isinstance(self.streaks, FreshStreakSettings):
            streaks = FreshStreaks(self.streaks, size, rng('streaks'))
        elif self.streaks:
            streaks = RainStreaks(self.streaks, self.camera, size,
                                  rng('streaks'))
        if self.drops:
            drops = Raindrops(self.drops, self.camera, size, rng('drops'))
        if self.occlusions:
            occlusions = RainOcclusions(self.occlusions, size, streaks.angle,
                                        rng('occlusions'))
        return streaks, drops, occlusions

    def render(self, frames: Iterable[np.ndarray]) -> Iterator[RainyFrame]:
        """Rain over a clip. Every call starts the same rain anew.

        Args:
            frames: As for :func:`checked_frames`, which raises its errors.

        Yields:
            A :class:`RainyFrame` for each frame.
        """
        moving = None
        for gt in checked_frames(frames):
            size = gt.shape[:2]
            if moving is None:
                streaks, drops, occlusions = moving = self._start(size)
            drop = drops.draw(gt) if drops else gt.copy()
            light = streaks.draw() if streaks else np.zeros(size, np.float32)
            opaque = np.zeros(size, bool)
            reliance = np.zeros(size, np.uint8)
            if occlusions:
                opaque, seen, rim = occlusions.draw()
                light += rim
                reliance = np.rint(seen).astype(np.uint8)
            if drops:
                # The rain is behind the lens' drops, which hide it.
                light *= drops.clear
                opaque &= drops.clear == 1
            light[opaque] = 0
            reliance[~opaque] = 0
            streak_map = np.minimum(np.rint(light), 255).astype(np.uint8)
            occlusion_mask = opaque.astype(np.uint8) * 255
            yield RainyFrame(
                lq=hybrid_frame(drop, streak_map, occlusion_mask, reliance),
                gt=gt, drop=drop,
                drop_mask=(drop != gt).any(axis=2).astype(np.uint8) * 255,
                streak_map=streak_map, occlusion_mask=occlusion_mask,
                reliance=reliance)
            for part in moving:
                if part:
                    part.advance()
