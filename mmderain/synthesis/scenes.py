"""Clean clips of simulated scenes: moving cameras, objects, distractors."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.errors import UserError
from mmderain.synthesis.camera import check_ranges
from mmderain.synthesis.free_pictures import FREE_PICTURES, free_picture
from mmderain.synthesis.generated_pictures import (
    GENERATORS,
    draw_grid,
    draw_lines,
    draw_object,
    draw_text,
    draw_twigs,
    fractal_noise,
    generated_picture,
)

DISTRACTORS = ('lines', 'grid', 'text', 'twigs')
_TRANSFER_POINTS = np.linspace(0, 1, 256)[:, None]


@dataclass(frozen=True)
class SceneSettings:
    """What scenes there are. All is drawn once for a clip or a layer.

    Args:
        pictures: Names of the pictures in
            :data:`~mmderain.synthesis.free_pictures.FREE_PICTURES`.
        generated_share: Share of backgrounds and of objects' surfaces that
            are generated pictures instead.
        still_share: Share of clips whose camera stands still.
        pan: Largest speed in pixels a frame; slow ones are more frequent.
        zoom: Largest, as a share a frame.
        rotation: Largest, in degrees a frame.
        shake: Largest standard deviation of the hand's shake in pixels.
        tilt: Largest angle of the camera in degrees.
        scale: Picture pixels per frame pixel.
        layers: Fewest and most objects before the background.
        layer_pan: Largest speed of an object in pixels a frame.
        layer_size: Half an object's size in parts of the frame.
        distractor_share: Share of clips with thin lines, grids, text or
            twigs, so that not all that is thin and bright is taken for rain.
        brightness: Factor of the clip.
        gamma: Exponent of the clip.
        saturation: Factor of a surface's colours.

    Raises:
        UserError: A value is out of range, or a picture is unknown.
    """

    pictures: tuple[str, ...] = tuple(FREE_PICTURES)
    generated_share: float = 0.3
    still_share: float = 0.15
    pan: float = 8.0
    zoom: float = 0.015
    rotation: float = 1.0
    shake: float = 1.2
    tilt: float = 8.0
    scale: tuple[float, float] = (0.7, 2.2)
    layers: tuple[int, int] = (0, 2)
    layer_pan: float = 10.0
    layer_size: tuple[float, float] = (0.1, 0.4)
    distractor_share: float = 0.22
    brightness: tuple[float, float] = (0.45, 1.15)
    gamma: tuple[float, float] = (0.65, 1.6)
    saturation: tuple[float, float] = (0.2, 1.3)

    def __post_init__(self) -> None:
        unit = (0, 1)
        check_ranges(
            self, generated_share=unit, still_share=unit, pan=(0, 50),
            zoom=(0, 0.1), rotation=(0, 10), shake=(0, 10), tilt=(0, 45),
            scale=(0.3, 10), layers=(0, 8), layer_pan=(0, 50),
            layer_size=(0.02, 1), distractor_share=unit, brightness=(0.05, 3),
            gamma=(0.2, 5), saturation=(0, 3))
        unknown = set(self.pictures) - set(FREE_PICTURES)
        if unknown or not (self.pictures or self.generated_share == 1):
            raise UserError(
                f'SceneSettings.pictures: expected some of '
                f'{", ".join(FREE_PICTURES)}, got {self.pictures}.')


class SceneRenderer:
    """Renders one scene after another.

    Args:
        settings: What scenes.
        size: (height, width) of the frames.
        num_frames: Frames of a clip, 1 or more.
    """

    def __init__(self, settings: SceneSettings, size: tuple[int, int],
                 num_frames: int) -> None:
        self.settings, self.size = settings, size
        # Frame times, 0 in the middle of the clip.
        self._times = np.arange(num_frames) - (num_frames - 1) / 2
        # Canvases reach beyond the frame by what the camera usually sees.
        self._margin = round(0.2 * min(size))
        self._canvas = (size[0] + 2 * self._margin,
                        size[1] + 2 * self._margin)

    def render(self, rng: np.random.Generator
               ) -> tuple[np.ndarray, dict[str, object]]:
        """A clip.

        Returns:
            (t, h, w, 3) uint8 RGB, and what it shows.
        """
        settings = self.settings
        shows: dict[str, object] = {}
        surface, shows['background'] = self._surface(rng)
        still = rng.random() < settings.still_share
        camera = self._motion(rng, 0.0 if still else settings.pan)
        frames = [self._warp(surface, matrix, cv2.INTER_CUBIC)
                  for matrix in camera]
        few, most = settings.layers
        shows['objects'] = []
        for _ in range(int(rng.integers(few, most + 1))):
            surface, name = self._surface(rng)
            mask = self._object_mask(rng)
            motion = self._motion(rng, settings.layer_pan)
            shows['objects'].append(name)
            for frame, matrix in zip(frames, motion, strict=True):
                self._put(frame, self._warp(surface, matrix),
                          self._warp(mask, matrix))
        if rng.random() < settings.distractor_share:
            shows['distractor'] = self._distract(frames, camera, rng)
        return self.relit(np.stack(frames), rng), shows

    def relit(self, frames: np.ndarray,
              rng: np.random.Generator) -> np.ndarray:
        """A clip (t, h, w, 3) uint8 RGB in another brightness and gamma."""
        return cv2.LUT(frames.reshape(-1, frames.shape[2], 3),
                       self._transfer(rng)).reshape(frames.shape)

    def _transfer(self, rng: np.random.Generator) -> np.ndarray:
        """The clip's brightness and gamma as a (256, 1, 3) table."""
        settings = self.settings
        low, high = np.log(settings.gamma)
        gamma = np.exp(rng.uniform(low, high)) * rng.uniform(0.95, 1.05, 3)
        table = rng.uniform(*settings.brightness) * _TRANSFER_POINTS ** gamma
        return np.clip(np.rint(255 * table), 0, 255).astype(
            np.uint8).reshape(256, 1, 3)

    def _surface(self, rng: np.random.Generator) -> tuple[np.ndarray, str]:
        """A canvas of something, and its name."""
        if rng.random() < self.settings.generated_share:
            name = str(rng.choice(tuple(GENERATORS)))
            return generated_picture(name, self._canvas, rng), name
        name = str(rng.choice(self.settings.pictures))
        picture = free_picture(name)
        if rng.random() < 0.15:
            picture = picture.transpose(1, 0, 2)
        # Drawn smaller than asked where the picture does not fill the canvas.
        low, high = np.log(self.settings.scale)
        scale = min(np.exp(rng.uniform(low, high)), min(
            have / need for have, need in zip(
                picture.shape[:2], self._canvas, strict=True)))
        height, width = (int(scale * side) for side in self._canvas)
        top = rng.integers(picture.shape[0] - height + 1)
        left = rng.integers(picture.shape[1] - width + 1)
        part = np.ascontiguousarray(
            picture[top:top + height, left:left + width])
        if rng.random() < 0.5:
            part = cv2.flip(part, 1)
        part = cv2.resize(part, self._canvas[::-1], interpolation=(
            cv2.INTER_AREA if scale > 1 else cv2.INTER_CUBIC))
        return self._recolour(part, rng), name

    def _recolour(self, image: np.ndarray,
                  rng: np.random.Generator) -> np.ndarray:
        # Between grey and itself, each channel with a gain; grey pictures
        # take on the gains' tint.
        keep = rng.uniform(*self.settings.saturation)
        mixing = keep * np.eye(3) + (1 - keep) / 3
        gains = rng.uniform(0.85, 1.1, 3)
        return cv2.transform(image, mixing * gains[:, None])

    def _motion(self, rng: np.random.Generator, pan: float) -> np.ndarray:
        """(t, 2, 3): from pixels of each frame to pixels of a canvas."""
        settings, times = self.settings, self._times
        moving = float(pan > 0)
        heading = rng.uniform(0, 2 * np.pi)
        velocity = pan * rng.random() ** 1.5 * np.array(
            [np.cos(heading), np.sin(heading)])
        bend = 0.15 * np.linalg.norm(velocity) * rng.uniform(-1, 1, 2)
        shake = moving * settings.shake * rng.random() ** 2
        centre = (velocity * times[:, None] + bend * times[:, None] ** 2 / 2
                  + shake * rng.standard_normal((len(times), 2)))
        angle = np.deg2rad(
            settings.tilt * rng.uniform(-1, 1) + moving * times
            * settings.rotation * rng.uniform(-1, 1) * rng.random())
        scale = np.exp(moving * times * settings.zoom * rng.uniform(-1, 1)
                       * rng.random())
        cos, sin = scale * np.cos(angle), scale * np.sin(angle)
        linear = np.stack([cos, -sin, sin, cos], 1).reshape(-1, 2, 2)
        middle = np.array([self.size[1] - 1, self.size[0] - 1]) / 2
        shift = middle + self._margin + centre - linear @ middle
        return np.concatenate([linear, shift[..., None]], 2)

    def _warp(self, canvas: np.ndarray, matrix: np.ndarray,
              filtering: int = cv2.INTER_LINEAR) -> np.ndarray:
        return cv2.warpAffine(
            canvas, matrix, self.size[::-1],
            flags=filtering | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101)

    def _put(self, frame: np.ndarray, over: np.ndarray,
             mask: np.ndarray) -> None:
        """Put one image or colour over a frame, in place."""
        rows = np.flatnonzero(mask.any(1))
        cols = np.flatnonzero(mask.any(0))
        if not len(rows):
            return
        box = np.s_[rows[0]:rows[-1] + 1, cols[0]:cols[-1] + 1]
        below = frame[box].astype(np.float32)
        over = over[box] if over.ndim == 3 else over
        share = mask[box].astype(np.float32)[..., None] / 255
        frame[box] = (below + share * (over - below) + 0.5).astype(np.uint8)

    def _object_mask(self, rng: np.random.Generator) -> np.ndarray:
        mask = np.zeros(self._canvas, np.uint8)
        if rng.random() < 0.2:  # a bush: what is above a level of noise
            noise = fractal_noise(self._canvas, rng, 0.6, 3, 6)
            mask[noise > rng.uniform(0.55, 0.75)] = 255
        else:
            draw_object(mask, rng, rng.uniform(*self.settings.layer_size)
                        * min(self.size))
        return cv2.GaussianBlur(mask, (5, 5), rng.uniform(0.4, 1.2))

    def _distract(self, frames: Sequence[np.ndarray], camera: np.ndarray,
                  rng: np.random.Generator) -> str:
        kind = str(rng.choice(DISTRACTORS))
        mask = np.zeros(self._canvas, np.uint8)
        if kind == 'lines':
            draw_lines(mask, rng, int(rng.integers(2, 60)))
        elif kind == 'grid':
            draw_grid(mask, rng)
        elif kind == 'text':
            draw_text(mask, rng, int(rng.integers(1, 8)))
        else:
            draw_twigs(mask, rng, int(rng.integers(5, 60)))
        mask = cv2.convertScaleAbs(mask, alpha=rng.uniform(0.4, 1.0))
        # Bright ones are what resembles rain.
        grey = rng.uniform(150, 255) if rng.random() < 0.75 \
            else rng.uniform(0, 90)
        colour = np.clip(grey + rng.uniform(-25, 25, 3), 0, 255).astype(
            np.float32)
        # On the background, on something that moves, or on the screen.
        way = rng.integers(3)
        motion = camera if way == 0 else self._motion(
            rng, self.settings.layer_pan if way == 1 else 0.0)
        for frame, matrix in zip(frames, motion, strict=True):
            self._put(frame, colour, self._warp(mask, matrix))
        return kind
