"""Is every image of a data set there, readable and what it should be?"""

import re
from pathlib import Path

import numpy as np
from mmengine.dist import is_main_process
from PIL import Image, UnidentifiedImageError
from tqdm import tqdm

from mmderain.file_kinds import no_file

# A map is one channel; masks are black and white.
_MASKS = ('drop_mask', 'occlusion_mask')
_GRAY_KEYS = (*_MASKS, 'streak_map')
_BLACK, _WHITE = 32, 223  # what lies between them is grey
_SOFT_EDGES = 0.01  # of an image
_NAMED = 3  # problems of a kind that are listed
_LISTED = 50


def check_headers(clips: list[dict]) -> list[str]:
    """Compare the sizes of all images of a sequence, from their headers.

    Args:
        clips: Samples of a ``ClipDataset``.

    Returns:
        list[str]: A line for every problem, with the file's path.
    """
    return _check(clips, 'checking image headers', _header_problem)


def check_pixels(clips: list[dict]) -> list[str]:
    """Decode every image and look at its values, too.

    Args:
        clips: Samples of a ``ClipDataset``.

    Returns:
        list[str]: A line for every problem, with the file's path.
    """
    return check_headers(clips) + _check(clips, 'reading every pixel',
                                         _pixel_problem)


def _check(clips: list[dict], title: str, find_problem) -> list[str]:
    problems = []
    files = [(clip, key, path) for clip in clips for key in clip
             if key.endswith('_path') for path in clip[key]]
    sizes: dict[str, tuple] = {}
    for clip, key, path in tqdm(files, desc=title, unit='image', leave=False,
                                mininterval=1, disable=not is_main_process()):
        problem = find_problem(key.removesuffix('_path'), path, clip, sizes)
        if problem:
            problems.append(f'{path}: {problem}')
    return problems


def shortened(problems: list[str]) -> list[str]:
    """A few of each kind, and how many more there are.

    Args:
        problems: A line for each, ``path: what``.
    """
    kinds: dict[str, list[str]] = {}
    for problem in problems:
        kind = re.sub(r'\d+', 'N', problem.rpartition(': ')[2])
        kinds.setdefault(kind, []).append(problem)
    lines = []
    for group in kinds.values():
        rest = len(group) - _NAMED
        lines += group[:_NAMED]
        if rest > 0:
            lines.append(f'... and {rest} more of this kind')
    rest = len(lines) - _LISTED
    return lines[:_LISTED] + (
        [f'... and {rest} more lines'] if rest > 0 else [])


def _header_problem(key: str, path: str, clip: dict,
                    sizes: dict) -> str | None:
    # without opening it: a pipe would be waited for
    problem = no_file(Path(path))
    if problem is not None:
        return f'not an image: {problem}'
    try:
        with Image.open(path) as image:
            size = image.size
    except Image.DecompressionBombError:
        return 'too large an image, of more pixels than Pillow opens'
    except (OSError, SyntaxError, ValueError):
        return 'not an image'
    expected = sizes.setdefault(clip['key'], size)
    if size != expected:
        return ('{}x{} pixels, the first frame of its sequence has '
                '{}x{}').format(*size, *expected)
    return None


def _pixel_problem(key: str, path: str, clip: dict,
                   sizes: dict) -> str | None:
    if no_file(Path(path)) is not None:
        return None  # the header check has named it
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        return None  # the same
    except (OSError, SyntaxError, ValueError) as error:
        return f'cannot be decoded ({error})'
    if pixels.dtype != np.uint8:
        return f'{pixels.dtype} values, expected 8 bits a channel'
    if key not in _GRAY_KEYS:
        return None
    if pixels.ndim == 3 and np.any(pixels[..., :1] != pixels[..., :3]):
        return f'has colours, {key} should be grey'
    if 0 < pixels.max() <= 1:
        return (f'values up to {pixels.max()}, {key} should use 0 to 255 (it '
                'looks like a map saved as 0 and 1)')
    if key in _MASKS:
        grey = np.mean((pixels > _BLACK) & (pixels < _WHITE))
        if grey > _SOFT_EDGES and grey > np.mean(pixels >= _WHITE):
            return f'mostly grey, {key} should be black and white'
    return None
