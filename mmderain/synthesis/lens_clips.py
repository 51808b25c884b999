"""Clips with drops on the lens, as what a network sees of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.errors import UserError
from mmderain.models.lens_drops.fill import REACH as SIGHT
from mmderain.models.lens_drops.statistics import (
    BLOCK,
    REACH,
    BlockMaker,
    planes,
)
from mmderain.synthesis.camera import check_ranges, check_size
from mmderain.synthesis.coding import through_h264
from mmderain.synthesis.degradation import DegradationSettings, degrade
from mmderain.synthesis.footage import Footage
from mmderain.synthesis.generated_pictures import (
    GENERATORS,
    generated_picture,
)
from mmderain.synthesis.lens_drops import LensDrops, LensDropSettings
from mmderain.synthesis.overlays import Overlay
from mmderain.synthesis.scenes import SceneRenderer, SceneSettings

_BLOCKS = 2 * REACH + 1
# and the one before, from which the first one differs
NUM_FRAMES = _BLOCKS * BLOCK + 1
# the frames of the block in question, and with those next to it
_MIDDLE = slice(1 + BLOCK * REACH, 1 + BLOCK * (REACH + 1))
_NEAR = slice(1 + BLOCK * (REACH - 1), 1 + BLOCK * (REACH + 2))
# share of the scenes on the other side of a cut that stand still
_OTHERS_STILL = 0.4
# frames that a photo of several is shown, at most
_LONGEST_HOLD = 16
# levels by which a drop that counts changes what is behind it
_VISIBLE = 4.0
# pixels that a scene moves behind drops that can be filled
_MOVES = 3.0
_AROUND = 6.0  # pixels over which that is looked at
# a drop that lets half of the light through is a whole one
_COVER_GAIN = 2.0


@dataclass(frozen=True)
class LensClipSettings:
    """Everything that decides what the clips look like.

    Args:
        size: (height, width), in the pixels in which drops are looked for.
        drops_share: Share of clips with drops.
        still_share: Share of clips that stand still but for noise.
        overlay_share: Share of clips with something else that stands still:
            a bonnet, burned-in text, black bars, logos, buttons.
        cut_share: Share of clips in which another scene begins or ends, at
            once or faded.
        photos_share: Share of clips of photos that do not follow each other.
        short_share: Share of clips that begin or end near the block.
        footage_share: Share of clips of real footage, where there is any; the
            others are simulated scenes.
        coded_share: Share of clips that go through H.264.
        crf: Its rate factor.
        scene: What scenes.
        drops: What drops.
        after: What the camera and the file do to the clip.

    Raises:
        UserError: A value is out of range.
    """

    size: tuple[int, int] = (128, 128)
    drops_share: float = 0.6
    still_share: float = 0.12
    overlay_share: float = 0.4
    cut_share: float = 0.15
    photos_share: float = 0.05
    short_share: float = 0.25
    footage_share: float = 0.6
    coded_share: float = 0.4
    crf: tuple[int, int] = (16, 32)
    scene: SceneSettings = SceneSettings(
        still_share=0.2, pan=7.0, shake=0.8, layers=(0, 3))
    drops: LensDropSettings = LensDropSettings()
    after: DegradationSettings = DegradationSettings(
        blur_share=0.2, noise_share=0.5, noise=(0.3, 4.0), jpeg_share=0.5,
        jpeg=(50, 95))

    def __post_init__(self) -> None:
        check_size(self.size, 'LensClipSettings.size')
        if self.coded_share and any(side % 2 for side in self.size):
            raise UserError(
                'LensClipSettings.size: expected even sides, as H.264 takes '
                f'no others, got {self.size}. Or set coded_share to 0.')
        unit = (0, 1)
        check_ranges(self, drops_share=unit, still_share=unit,
                     overlay_share=unit, cut_share=unit, photos_share=unit,
                     short_share=unit, footage_share=unit, coded_share=unit,
                     crf=(0, 51))


class LensClip(NamedTuple):
    """A sample.

    Args:
        planes: (p, h, w) uint8, of the clip's middle block.
        target: (2, h, w) uint8: how much of each pixel is covered in the
            block, and where that counts (255); not where nobody could tell.
        facts: What it shows, fit for JSON.
    """

    planes: np.ndarray
    target: np.ndarray
    facts: dict

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """What is stored of it."""
        return self.planes, self.target


class LensClipRenderer:
    """Renders the clips of one set.

    Args:
        settings: What they look like.
        seed: Same settings, footage, seed and index, same clip.
        folders: Of real footage.
        held_out: What is not used of it; see :class:`Footage`.
    """

    def __init__(self, settings: LensClipSettings, seed: int,
                 folders: tuple[Path, ...] = (),
                 held_out: tuple[str, ...] = ()) -> None:
        self.settings, self.seed = settings, seed
        self.footage = Footage(folders, held_out)
        self._scenes = SceneRenderer(settings.scene, settings.size,
                                     NUM_FRAMES)

    def render(self, index: int) -> LensClip:
        """A clip."""
        settings = self.settings
        rng = np.random.Generator(np.random.PCG64([self.seed, index]))
        are_photos = rng.random() < settings.photos_share
        if are_photos:
            clean, scene, still = self._photos(rng), 'photos', False
        else:
            clean, scene, still = self._scene(rng, settings.still_share)
        facts: dict[str, object] = dict(index=index, scene=scene, still=still)
        moved = moved_by(clean)
        facts['moved'] = round(float(np.median(moved)), 1)
        overlay = None
        if rng.random() < settings.overlay_share:
            overlay = Overlay.random(settings.size, rng)
            facts['overlay'] = overlay.kind
            if overlay.in_scene:
                clean = overlay.over(clean)
        seen, cover = clean, np.zeros(clean.shape[:3], np.float32)
        if rng.random() < settings.drops_share:
            drops = LensDrops(settings.drops, settings.size, len(clean), rng)
            facts['drops'] = drops.kind
            seen, cover = drops.cover(clean)
        if rng.random() < settings.cut_share:
            share = _share_of_other(rng)[:, None, None]
            other, facts['other'], _ = self._scene(rng, _OTHERS_STILL)
            clean, seen = (np.rint(frames + share[..., None] * (
                other.astype(np.float32) - frames)).astype(np.uint8)
                for frames in (clean, seen))
            cover = cover * (1 - share)
            if np.ptp(share[_NEAR]):
                # what is behind a drop is not found over there
                cover[:] = 0
        if are_photos:
            cover[:] = 0  # what is behind a drop is in no other photo
        if overlay is not None and not overlay.in_scene:
            clean, seen = overlay.over(clean), overlay.over(seen)
            cover = cover * (1 - overlay.share[..., 0])
        target = _target(clean, seen, cover, moved)
        seen, _ = degrade(seen, settings.after, rng)
        if rng.random() < settings.coded_share:
            low, high = settings.crf
            seen = through_h264(seen, int(rng.integers(low, high + 1)))
        return LensClip(self._planes(seen, rng), target, facts)

    def _scene(self, rng: np.random.Generator, still_share: float
               ) -> tuple[np.ndarray, str, bool]:
        """A scene, what it is of, and whether it was made to stand."""
        kinds = self.footage.kinds()
        if kinds and rng.random() < self.settings.footage_share:
            name = str(rng.choice(tuple(kinds)))
            frames = kinds[name](self.settings.size, NUM_FRAMES, rng)
        else:
            name, frames = 'simulated', self._scenes.render(rng)[0]
        still = bool(rng.random() < still_share)
        return np.repeat(frames[:1], len(frames),
                         0) if still else frames, name, still

    def _photos(self, rng: np.random.Generator) -> np.ndarray:
        """Photos that do not follow each other, some frames of each."""
        hold = 1 if rng.random() < 0.5 else int(rng.integers(2, _LONGEST_HOLD))
        photos = []
        for _ in range(-(-NUM_FRAMES // hold)):
            kinds = self.footage.kinds()
            if kinds and rng.random() < self.settings.footage_share:
                draw = kinds[str(rng.choice(tuple(kinds)))]
                photos.append(draw(self.settings.size, 1, rng)[0])
            else:
                photos.append(generated_picture(
                    str(rng.choice(tuple(GENERATORS))), self.settings.size,
                    rng))
        return np.repeat(photos, hold, 0)[:NUM_FRAMES]

    def _planes(self, frames: np.ndarray,
                rng: np.random.Generator) -> np.ndarray:
        maker = BlockMaker()
        first, last = 0, _BLOCKS
        if rng.random() < self.settings.short_share:
            if rng.random() < 0.5:
                first = int(rng.integers(1, REACH + 1))
            else:
                last = int(rng.integers(REACH + 1, _BLOCKS))
        if first == 0:
            maker.block(frames[:1])
        blocks = [maker.block(frames[1 + BLOCK * block:][:BLOCK])
                  for block in range(first, last)]
        return planes(blocks, REACH - first)


def _share_of_other(rng: np.random.Generator) -> np.ndarray:
    """How much of another scene each frame shows: a cut, or a fade."""
    place = rng.uniform(1, NUM_FRAMES - 1)
    length = 0.01 if rng.random() < 0.6 else rng.uniform(2, 30)
    share = np.clip((np.arange(NUM_FRAMES, dtype=np.float32) - place)
                    / length + 0.5, 0, 1)
    return share if rng.random() < 0.5 else 1 - share


def moved_by(frames: np.ndarray) -> np.ndarray:
    """How far the scene moves while a thing behind a drop can be found.

    Args:
        frames: (t, h, w, 3) uint8 RGB, without drops.

    Returns:
        (h, w) float32 in pixels: the farthest from where it is in the middle.
    """
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
    middle = len(frames) // 2
    farthest = np.zeros(frames.shape[1:3], np.float32)
    for times in (range(middle, max(0, middle - SIGHT), -1),
                  range(middle, min(len(frames) - 1, middle + SIGHT))):
        step = np.sign(times.step)
        path = np.zeros((*farthest.shape, 2), np.float32)
        for time in times:
            pair = [cv2.cvtColor(frames[at], cv2.COLOR_RGB2GRAY)
                    for at in (time, time + step)]
            path += dis.calc(*pair, None)
            np.maximum(farthest, np.hypot(*path.transpose(2, 0, 1)),
                       out=farthest)
    return farthest


def _target(clean: np.ndarray, seen: np.ndarray, cover: np.ndarray,
            moved: np.ndarray) -> np.ndarray:
    alpha = np.minimum(_COVER_GAIN * cover[_MIDDLE].max(0), 1)
    change = cv2.absdiff(seen, clean).max(3).max(0).astype(np.float32)
    change = cv2.blur(change, (5, 5))
    if np.median(moved) < _MOVES:
        # a standing camera: what is behind a drop is never seen, and what
        # looks like one is not to be touched
        alpha[:] = 0
    moves = cv2.GaussianBlur(moved, (0, 0), _AROUND) > _MOVES
    counts = (alpha < 0.1) | (change > _VISIBLE) & moves
    return np.rint(255 * np.stack([alpha, counts])).astype(np.uint8)
