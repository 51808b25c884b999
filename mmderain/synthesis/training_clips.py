"""Short clips to train on: a scene, clean and in varied rain."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.errors import UserError
from mmderain.media.psnr import psnr
from mmderain.synthesis.camera import check_ranges, check_size
from mmderain.synthesis.degradation import DegradationSettings, degrade
from mmderain.synthesis.footage import Footage
from mmderain.synthesis.free_pictures import FREE_PICTURES
from mmderain.synthesis.negatives import add_negative
from mmderain.synthesis.scenes import SceneRenderer, SceneSettings
from mmderain.synthesis.varied_rain import VariedRain, VariedRainSettings

SPLITS = ('train', 'val')
_MOST_ATTEMPTS = 100
_LUMA = np.array([[0.299, 0.587, 0.114]])


@dataclass(frozen=True)
class TrainingClipSettings:
    """Everything that decides what training clips look like.

    Args:
        size: (height, width) of the frames.
        num_frames: Frames of a clip, an odd number.
        no_rain_share: Share of clips without rain; their centre frame is the
            truth to the bit.
        footage_share: Share of clips of real footage, where there is any; the
            others are simulated scenes.
        video_share: Share of it that is of videos; a camera moves over
            pictures in the others.
        negative_share: Share of clips in which something happens that is no
            rain, see ``negatives.py``.
        cut_share: Share of clips in which another scene ends before the
            centre frame, or begins after it.
        lowest_psnr: Clips whose rainy centre frame is below on luma, in dB,
            are drawn anew.
        val_pictures: Pictures that the split 'val' alone shows; 'train'
            shows the scene's others.
        scene: What scenes.
        before: What is done to the clean clip; it is part of the truth.
        rain: What rain.
        after: What is done to the rainy clip, not to the truth.

    Raises:
        UserError: A value is out of range, or a split has no pictures.
    """

    size: tuple[int, int] = (192, 192)
    num_frames: int = 5
    no_rain_share: float = 0.07
    footage_share: float = 0.5
    video_share: float = 0.65
    negative_share: float = 0.0
    cut_share: float = 0.0
    lowest_psnr: float = 13.5
    val_pictures: tuple[str, ...] = ('chelsea', 'rocket')
    scene: SceneSettings = SceneSettings()
    before: DegradationSettings = DegradationSettings(
        blur_share=0.25, blur=(0.3, 0.7), noise_share=0.35,
        noise=(0.5, 2.5), jpeg_share=0.3, jpeg=(70, 97))
    rain: VariedRainSettings = VariedRainSettings()
    after: DegradationSettings = DegradationSettings()

    def __post_init__(self) -> None:
        check_size(self.size, 'TrainingClipSettings.size')
        unit = (0, 1)
        check_ranges(self, num_frames=(1, 99), no_rain_share=unit,
                     footage_share=unit, video_share=unit,
                     negative_share=unit, cut_share=unit, lowest_psnr=(0, 60))
        if self.num_frames % 2 == 0:
            raise UserError('TrainingClipSettings.num_frames: expected an '
                            f'odd number, got {self.num_frames}.')
        for split in SPLITS:
            self.pictures(split)

    def pictures(self, split: str) -> tuple[str, ...]:
        """Names of the pictures that a split shows."""
        held_out = self.val_pictures
        names = tuple(
            name for name in self.scene.pictures
            if (name in held_out) == (split == 'val'))
        unknown = set(held_out) - set(FREE_PICTURES)
        if unknown or not (names or self.scene.generated_share == 1):
            raise UserError(
                'TrainingClipSettings.val_pictures: expected some of '
                f'{", ".join(self.scene.pictures)}, and not all, got '
                f'{held_out}.')
        return names


def _alike(value: object, example: object) -> bool:
    """Whether a setting is of its default's kind."""
    if isinstance(example, tuple):
        if not isinstance(value, tuple):
            return False
        if isinstance(example[0], str):  # names, any number of them
            return all(isinstance(item, str) for item in value)
        return len(value) == len(example) and all(map(_alike, value, example))
    kind = (int, float) if isinstance(example, float) else type(example)
    return isinstance(value, kind) and not isinstance(value, bool)


def settings_from(values: Mapping, base: object | None = None) -> object:
    """Settings with some values replaced, as a JSON file gives them.

    Args:
        values: By field; settings within settings are mappings themselves,
            and lists stand for tuples.
        base: The settings to start from, the default
            :class:`TrainingClipSettings` if None.

    Raises:
        UserError: An unknown field, or a value of another kind or out of
            range.
    """
    base = TrainingClipSettings() if base is None else base
    name = type(base).__name__
    if not isinstance(values, Mapping):
        raise UserError(f'{name}: expected a mapping of fields to values, '
                        f'got {values!r}.')
    known = [item.name for item in fields(base)]
    changes = {}
    for key, value in values.items():
        if key not in known:
            raise UserError(f'{name}: expected fields of {", ".join(known)}, '
                            f'got {key!r}.')
        present = getattr(base, key)
        if is_dataclass(present):
            value = settings_from(value, present)
        elif isinstance(present, tuple) and isinstance(value, list):
            value = tuple(value)
        if not (is_dataclass(present) or _alike(value, present)):
            raise UserError(f'{name}.{key}: expected a value like {present}, '
                            f'got {value!r}.')
        changes[key] = value
    return replace(base, **changes)


class TrainingClip(NamedTuple):
    """A clip, all RGB."""

    rainy: np.ndarray  # (t, h, w, 3) uint8
    truth: np.ndarray  # (h, w, 3) uint8, the centre frame without rain
    facts: dict  # what it shows, fit for JSON

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """What is stored of it."""
        return self.rainy, self.truth


def luma_psnr(image: np.ndarray, truth: np.ndarray) -> float:
    """PSNR on luma in dB, 99 at most.

    Args:
        image: (h, w, 3) uint8 RGB.
        truth: (h, w, 3) uint8 RGB.
    """
    return psnr(cv2.transform(
        image.astype(np.float32) - truth.astype(np.float32), _LUMA), 99.0)


class TrainingClipRenderer:
    """Renders the clips of one set.

    Args:
        settings: What they look like.
        seed: Same settings, footage, seed, split and index, same clip to the
            byte (as long as NumPy and OpenCV are the same).
        split: 'train' or 'val'.
        folders: Of real footage; see :class:`Footage`, which raises errors.
        held_out: What is not used of it.

    Raises:
        UserError: A negative seed or an unknown split.
    """

    def __init__(self, settings: TrainingClipSettings, seed: int,
                 split: str = 'train', folders: tuple[Path, ...] = (),
                 held_out: tuple[str, ...] = ()) -> None:
        if seed < 0 or split not in SPLITS:
            raise UserError(f'expected a seed from 0 on and a split of '
                            f'{", ".join(SPLITS)}, got {seed} and {split!r}.')
        self.settings, self.seed, self.split = settings, seed, split
        self._footage = Footage(folders, held_out).kinds()
        self._scenes = SceneRenderer(
            replace(settings.scene, pictures=settings.pictures(split)),
            settings.size, settings.num_frames)

    def render(self, index: int) -> TrainingClip:
        """A clip.

        Args:
            index: Its number, 0 or more.

        Raises:
            UserError: The settings ask for rain that is always too heavy.
        """
        settings = self.settings
        centre = settings.num_frames // 2
        for attempt in range(_MOST_ATTEMPTS):
            rng = np.random.Generator(np.random.PCG64(
                [self.seed, SPLITS.index(self.split), index, attempt]))
            clean, facts = self._clean(rng)
            clean, facts['before'] = degrade(clean, settings.before, rng)
            rainy = clean
            if rng.random() >= settings.no_rain_share:
                rainy = self._rain(clean, facts, rng)
            quality = luma_psnr(rainy[centre], clean[centre])
            if quality >= settings.lowest_psnr:
                facts.update(index=index, attempt=attempt,
                             psnr=round(quality, 2))
                return TrainingClip(rainy, clean[centre], facts)
        raise UserError(
            f'clip {index}: expected one of {_MOST_ATTEMPTS} attempts at '
            f'{settings.lowest_psnr} dB or more. Lower lowest_psnr or make '
            'the rain lighter.')

    def _clean(self, rng: np.random.Generator) -> tuple[np.ndarray, dict]:
        """A clip without rain, and what it shows."""
        settings = self.settings
        clean, facts = self._scene(rng)
        # nothing is drawn for what there is none of, so that settings of
        # before make the clips of before
        if settings.negative_share and rng.random() < settings.negative_share:
            clean, facts['negative'] = add_negative(clean, rng)
        if settings.cut_share and rng.random() < settings.cut_share:
            other, facts['cut_to'] = self._scene(rng)
            centre = settings.num_frames // 2
            far = slice(int(rng.integers(centre + 1, settings.num_frames + 1)),
                        None)
            if rng.random() < 0.5:
                far = slice(None, int(rng.integers(centre + 1)))
            clean = clean.copy()
            clean[far] = other[far]
        return clean, facts

    def _scene(self, rng: np.random.Generator) -> tuple[np.ndarray, dict]:
        settings = self.settings
        if self._footage and rng.random() < settings.footage_share:
            kind = self._footage_kind(rng)
            clip = self._footage[kind](settings.size, settings.num_frames,
                                       rng)
            return self._scenes.relit(clip, rng), dict(
                background=kind, objects=[])
        return self._scenes.render(rng)

    def _footage_kind(self, rng: np.random.Generator) -> str:
        others = sorted({*self._footage} - {'video'})
        is_video = rng.random() < self.settings.video_share
        if 'video' in self._footage and (is_video or not others):
            return 'video'
        return str(rng.choice(others))

    def _rain(self, clean: np.ndarray, facts: dict,
              rng: np.random.Generator) -> np.ndarray:
        rain = VariedRain(self.settings.rain, self.settings.size, rng)
        frames = []
        for frame in clean:
            frames.append(rain.add_to(frame))
            rain.advance()
        rainy, facts['after'] = degrade(
            np.stack(frames), self.settings.after, rng)
        facts['rain'] = rain.facts()
        return rainy
