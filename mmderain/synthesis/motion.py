"""Clean clips out of still images, by a simulated camera motion."""

from collections.abc import Iterator

import cv2
import numpy as np

from mmderain.errors import UserError
from mmderain.synthesis.camera import check_size

# How much larger than a turned frame an image has to be, for room to move.
_ROOM = 1.1
_BORDER = 4  # pixels that the Lanczos filter reaches beyond a sample


def _smooth_noise(rng: np.random.Generator, times: np.ndarray) -> np.ndarray:
    """Hand shake: (t, 2) values about in -1..1, smooth in time."""
    periods = rng.uniform((8, 17, 31), (13, 29, 53), (2, 3))
    phases = rng.uniform(0, 2 * np.pi, (2, 3))
    waves = np.sin(2 * np.pi * times[:, None, None] / periods + phases)
    return waves @ np.array([0.25, 0.35, 0.4])


def camera_frames(image: np.ndarray, num_frames: int, size: tuple[int, int],
                  rng: np.random.Generator | int, *, speed: float = 0.01,
                  zoom: float = 0.15, rotation: float = 2.0,
                  shake: float = 0.004,
                  name: str = 'image') -> Iterator[np.ndarray]:
    """Frames of a camera that moves smoothly over a still image.

    Args:
        image: (H, W, 3) uint8 RGB, about 1.2 times the frames' size or more.
        num_frames: How many frames, 1 or more.
        size: (height, width) of the frames.
        rng: Source of the motion, or a seed for it.
        speed: Fastest pan, in frame widths per frame.
        zoom: Largest zoom over the clip, 0 to 0.5.
        rotation: Largest turn to either side, in degrees, 0 to 10.
        shake: Amplitude of the hand shake in frame widths.
        name: The image's name in messages.

    Yields:
        (h, w, 3) uint8 RGB; no pixel comes from outside the image.

    Raises:
        UserError: The image is of another kind or too small, or an argument
            is out of range.
    """
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise UserError(
            f'{name}: expected uint8 RGB of shape (height, width, 3), got '
            f'{image.dtype} of shape {image.shape}.')
    check_size(size, 'size')
    height, width = size
    if num_frames < 1:
        raise UserError(f'num_frames: expected 1 or more, got {num_frames}.')
    for option, value, high in (('speed', speed, 0.1),
                                ('zoom', zoom, 0.5),
                                ('rotation', rotation, 10),
                                ('shake', shake, 0.05)):
        if not 0 <= value <= high:
            raise UserError(f'{option}: expected 0 to {high}, got {value}.')
    # Half the box around the frame when turned the most.
    steepest = np.deg2rad(rotation)
    half = 0.5 * np.array([
        width * np.cos(steepest) + height * np.sin(steepest),
        height * np.cos(steepest) + width * np.sin(steepest)])
    bounds = np.array([image.shape[1], image.shape[0]], float)
    # Image pixels per frame pixel at most, when the whole image is seen.
    fit = (bounds / 2 / (half + _BORDER + 1)).min()
    if fit < _ROOM:
        needed = np.ceil(2 * _ROOM * (half + _BORDER + 1)).astype(int)
        raise UserError(
            f'{name}: expected at least {needed[1]}x{needed[0]} pixels for '
            f'moving frames of {height}x{width}, got {image.shape[0]}x'
            f'{image.shape[1]}. Use a larger image or smaller frames.')
    rng = np.random.default_rng(rng)

    times = np.arange(num_frames)
    progress = times / max(num_frames - 1, 1)
    eased = progress * progress * (3 - 2 * progress)
    turn = np.deg2rad(rotation) * rng.uniform(-1, 1, 2)
    angle = turn[0] + (turn[1] - turn[0]) * eased

    # Image pixels per frame pixel: 1 at least, so that nothing is enlarged,
    # and less than fits, to leave room for the pan.
    widest = rng.uniform(max(1.0, 0.6 * fit), max(1.0, 0.9 * fit))
    closest = max(1.0, widest * (1 - zoom * rng.uniform()))
    ends = rng.permutation([closest, widest])
    scale = ends[0] + (ends[1] - ends[0]) * eased

    # Shrunk by area as far as any frame needs, the image can be warped
    # without aliasing.
    small_size = np.rint(bounds / widest)
    small = cv2.resize(image, tuple(int(side) for side in small_size),
                       interpolation=cv2.INTER_AREA)
    ratio = small_size / bounds

    low = half * widest * ratio + _BORDER
    high = small_size - 1 - low
    start = rng.uniform(low, high)
    goal = rng.uniform(low, high)
    path = goal - start
    # The eased pan is 1.5 times faster in the middle than on average.
    furthest = speed * width * max(num_frames - 1, 1) / 1.5
    path *= min(1.0, furthest / max(np.hypot(*path), 1e-9))
    centres = (start + path * eased[:, None]
               + shake * width * _smooth_noise(rng, times))
    centres = np.clip(centres, low, high)

    for centre, theta, zoomed in zip(centres, angle, scale, strict=True):
        turned = np.array([[np.cos(theta), -np.sin(theta)],
                           [np.sin(theta), np.cos(theta)]])
        matrix = zoomed * ratio[:, None] * turned
        shift = centre - matrix @ np.array([(width - 1) / 2, (height - 1) / 2])
        yield cv2.warpAffine(
            small, np.column_stack([matrix, shift]), (width, height),
            flags=cv2.INTER_LANCZOS4 | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REFLECT_101)


def camera_clip(image: np.ndarray, num_frames: int, size: tuple[int, int],
                rng: np.random.Generator | int,
                **motion: float) -> np.ndarray:
    """The frames of :func:`camera_frames` in one array.

    Returns:
        (t, h, w, 3) uint8 RGB.
    """
    return np.stack(list(camera_frames(
        image, num_frames, size, rng, **motion)))
