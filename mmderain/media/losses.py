"""What a video has and its restored version cannot have."""

from pathlib import Path

import cv2
import numpy as np
from av.sidedata.sidedata import Type as SideData

from mmderain.media.encoding import Encoding
from mmderain.media.image_metadata import beside_pixels
from mmderain.media.video_info import VideoInfo

# what comes with frames and no encoder is given
_BESIDE_FRAMES = {
    SideData.MASTERING_DISPLAY_METADATA: 'the HDR10 mastering display',
    SideData.CONTENT_LIGHT_LEVEL: 'the HDR10 content light level',
    SideData.DYNAMIC_HDR_PLUS: 'HDR10+',
    SideData.DOVI_METADATA: 'Dolby Vision',
    SideData.DYNAMIC_HDR_VIVID: 'HDR Vivid',
    SideData.A53_CC: 'closed captions within the picture',
    SideData.STEREO3D: 'how its pictures are of two eyes (3D)',
    SideData.SPHERICAL: 'that its pictures are of a sphere',
    SideData.ICC_PROFILE: 'the colour profile',
    SideData.AFD: 'the active area of the picture',
    SideData.FILM_GRAIN_PARAMS: 'film grain that players add',
    SideData.S12M_TIMECODE: 'time codes within the picture'}
# containers that store how players turn the pictures: whatever it is, or
# where it is a turn or a mirror
_KEEP_MATRIX = ('mp4', 'mov')
_KEEP_TURNS = ('matroska', 'webm')


def losses(info: VideoInfo, encoding: Encoding | None) -> list[str]:
    """Name what is not kept.

    Args:
        info: Of the source.
        encoding: Of the output; None where it is images.
    """
    found = [name for kind, name in _BESIDE_FRAMES.items()
             if kind.name in info.beside]
    if info.has_alpha:
        found.append('transparency')
    if encoding and info.depth > 8 and not encoding.keeps_depth(info):
        found.append('more than 8 bits, as few devices play such H.264 (they '
                     'stay with --codec hevc)')
    return [f'not kept: {name}' for name in found]


def turn_losses(info: VideoInfo, muxer: str | None) -> list[str]:
    """Name what is not kept of how players turn and stretch the pictures.

    Args:
        info: Of the source.
        muxer: FFmpeg's name of the output's container; None for pictures
            alone, which are turned upright.
    """
    one = 1 << 16
    matrix = np.array(info.matrix or (one, 0, 0, 0, one)).take((0, 1, 3, 4))
    if muxer in _KEEP_MATRIX or (matrix == (one, 0, 0, one)).all():
        return []
    across = matrix.reshape(2, 2) / one
    is_stretched = not np.allclose(across @ across.T, np.eye(2), atol=1e-3)
    if muxer in _KEEP_TURNS and not is_stretched:
        return []
    if muxer is None and info.turns:
        return []
    how = 'stretch' if is_stretched else 'turn'
    return [f'not kept: how players {how} the pictures, which '
            f'{muxer or "pictures alone"} cannot say']


def image_losses(path: Path) -> list[str]:
    """Name what is not kept of an image, which stands for those beside it.

    Args:
        path: Of the image; what cannot be read is told elsewhere.
    """
    try:
        image = read_unchanged(path)
        found = beside_pixels(path.read_bytes())
    except (OSError, cv2.error):
        return []
    if image is None:
        return []
    if is_transparent(image):
        found.append('transparency')
    if image.dtype != np.uint8:
        found.append('more than 8 bits')
    return [f'not kept: {name}' for name in found]


def read_unchanged(path: Path) -> np.ndarray | None:
    """A picture as it is stored; None where it cannot be decoded.

    OpenCV's ``imread`` takes no TIFF that is turned, and ends the program at
    a name that is not in UTF-8.
    """
    return cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_UNCHANGED)


def is_transparent(image: np.ndarray) -> bool:
    """Whether a picture as OpenCV reads it, unchanged, is not all opaque."""
    if image.ndim < 3 or image.shape[2] < 4:
        return False
    alpha = image[..., 3]
    return alpha.min() < alpha.max() or alpha.max() < np.iinfo(np.uint8).max
