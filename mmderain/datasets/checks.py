"""Is every image of a data set there, readable and what it should be?"""

import numpy as np
from mmengine.dist import is_main_process
from PIL import Image
from tqdm import tqdm

# A map is one channel; masks are black and white.
_GRAY_KEYS = ('drop_mask', 'streak_map', 'occlusion_mask')


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


def _header_problem(key: str, path: str, clip: dict,
                    sizes: dict) -> str | None:
    try:
        with Image.open(path) as image:
            size = image.size
    except (OSError, SyntaxError, ValueError):
        return 'not an image'
    expected = sizes.setdefault(clip['key'], size)
    if size != expected:
        return ('{}x{} pixels, the first frame of its sequence has '
                '{}x{}').format(*size, *expected)
    return None


def _pixel_problem(key: str, path: str, clip: dict,
                   sizes: dict) -> str | None:
    try:
        with Image.open(path) as image:
            pixels = np.asarray(image)
    except (OSError, SyntaxError, ValueError) as error:
        # without pixels the header check has named it already
        return None if 'cannot identify' in str(error) else \
            f'cannot be decoded ({error})'
    if pixels.dtype != np.uint8:
        return f'{pixels.dtype} values, expected 8 bits a channel'
    if key not in _GRAY_KEYS:
        return None
    if pixels.ndim == 3 and np.any(pixels[..., :1] != pixels[..., :3]):
        return f'has colours, {key} should be grey'
    if 0 < pixels.max() <= 1:
        return (f'values up to {pixels.max()}, {key} should use 0 to 255 (it '
                'looks like a map saved as 0 and 1)')
    return None
