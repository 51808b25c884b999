"""Blur, noise and JPEG, as cameras and files bring them into clips."""

from dataclasses import dataclass

import cv2
import numpy as np

from mmderain.synthesis.camera import check_ranges


@dataclass(frozen=True)
class DegradationSettings:
    """How often, and how strongly; each is drawn once for a clip.

    Args:
        blur_share: Share of clips that are blurred.
        blur: Sigma in pixels.
        noise_share: Share of clips with noise, new in each frame.
        noise: Standard deviation in grey levels.
        jpeg_share: Share of clips that go through JPEG.
        jpeg: Quality.

    Raises:
        UserError: A value is out of range.
    """

    blur_share: float = 0.15
    blur: tuple[float, float] = (0.3, 0.8)
    noise_share: float = 0.25
    noise: tuple[float, float] = (0.5, 3.0)
    jpeg_share: float = 0.3
    jpeg: tuple[int, int] = (55, 95)

    def __post_init__(self) -> None:
        check_ranges(self, blur_share=(0, 1), blur=(0.1, 10),
                     noise_share=(0, 1), noise=(0, 100), jpeg_share=(0, 1),
                     jpeg=(5, 100))


def degrade(frames: np.ndarray, settings: DegradationSettings,
            rng: np.random.Generator) -> tuple[np.ndarray, dict]:
    """Blur, noise and JPEG, in this order.

    Args:
        frames: (t, h, w, 3) uint8 or float32 in grey levels, RGB.
        settings: How often and how strongly.
        rng: Source of every random choice.

    Returns:
        (t, h, w, 3) uint8, and what was done: 'blur', 'noise', 'jpeg'.
    """
    done = {}
    for name in ('blur', 'noise', 'jpeg'):
        chosen = rng.random() < getattr(settings, f'{name}_share')
        value = rng.uniform(*getattr(settings, name))
        if chosen:
            done[name] = round(float(value), 3)
    if 'blur' in done:
        frames = np.stack([cv2.GaussianBlur(frame, (0, 0), done['blur'])
                           for frame in frames])
    if 'noise' in done:
        frames = frames + done['noise'] * rng.standard_normal(
            frames.shape, np.float32)
    if frames.dtype != np.uint8:
        frames = np.clip(np.rint(frames), 0, 255).astype(np.uint8)
    if 'jpeg' in done:
        quality = [cv2.IMWRITE_JPEG_QUALITY, round(done['jpeg'])]
        # The codec's red and blue are the same to us both ways.
        frames = np.stack([
            cv2.imdecode(cv2.imencode('.jpg', frame[..., ::-1], quality)[1],
                         cv2.IMREAD_COLOR)[..., ::-1] for frame in frames])
    return frames, done
