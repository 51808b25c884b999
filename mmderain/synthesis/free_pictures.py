"""Pictures with free licences that installed packages carry.

Training clips that end in shipped weights are rendered from these and from
generated pictures alone. The table names each licence and where the package
says so. Left out of the same packages, as nothing or nothing clear is said
there: ``moon``, ``page``, ``coins``, ``ihc`` and ``motorcycle_*`` of
scikit-image, ``grace_hopper`` of Matplotlib; ``lfw_subset``, for its faces.
"""

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np

from mmderain.errors import DataError
from mmderain.media.images import read_image

_SKIMAGE = ('skimage', 'data', 'the docstring of skimage.data.{}')
_SKLEARN = ('sklearn', 'datasets/images', 'sklearn/datasets/images/README.txt')


class FreePicture(NamedTuple):
    """Where a picture lies, and what allows its use."""

    package: str  # as imported
    path: str  # inside the package
    licence: str
    author: str
    said_in: str  # where the package states the licence


def _skimage(file: str, licence: str, author: str,
             function: str | None = None) -> FreePicture:
    package, folder, said_in = _SKIMAGE
    return FreePicture(package, f'{folder}/{file}', licence, author,
                       said_in.format(function or file.split('.')[0]))


def _sklearn(file: str, author: str) -> FreePicture:
    package, folder, said_in = _SKLEARN
    return FreePicture(package, f'{folder}/{file}', 'CC BY 2.0', author,
                       said_in)


FREE_PICTURES = {
    'astronaut': _skimage('astronaut.png', 'public domain', 'NASA'),
    'brick': _skimage('brick.png', 'CC0', 'CC0Textures'),
    'camera': _skimage('camera.png', 'CC0', 'Lav Varshney'),
    'chelsea': _skimage('chelsea.png', 'CC0', 'Stefan van der Walt'),
    'clock': _skimage('clock_motion.png', 'public domain',
                      'Stefan van der Walt', 'clock'),
    'coffee': _skimage('coffee.png', 'CC0', 'Rachel Michetti'),
    'grass': _skimage('grass.png', 'CC0', 'linolafett'),
    'gravel': _skimage('gravel.png', 'CC0', 'CC0Textures'),
    'hubble_deep_field': _skimage('hubble_deep_field.jpg', 'public domain',
                                  'NASA'),
    'retina': _skimage('retina.jpg', 'CC0', 'Mikael Haggstrom'),
    'rocket': _skimage('rocket.jpg', 'public domain', 'SpaceX'),
    'china': _sklearn('china.jpg', 'danielbuechele'),
    'flower': _sklearn('flower.jpg', 'vultilion'),
}


@cache
def free_picture(name: str) -> np.ndarray:
    """A picture of :data:`FREE_PICTURES`.

    Returns:
        (h, w, 3) uint8 RGB, read once for a process; not to be written to.

    Raises:
        DataError: There is no such picture, or its package is missing.
    """
    if name not in FREE_PICTURES:
        raise DataError(f'picture: expected one of {", ".join(FREE_PICTURES)},'
                        f' got {name!r}.')
    entry = FREE_PICTURES[name]
    spec = find_spec(entry.package)
    if spec is None:
        distribution = {'skimage': 'scikit-image',
                        'sklearn': 'scikit-learn'}[entry.package]
        raise DataError(
            f'picture {name}: expected the package {distribution}, which '
            f'carries it, but it is not installed. pip install '
            f'{distribution}.')
    path = Path(spec.submodule_search_locations[0]) / entry.path
    if not path.is_file():
        raise DataError(f'{path}: expected the picture {name}, but there is '
                        f'none. Install another version of {entry.package}.')
    image = read_image(path)
    image.flags.writeable = False
    return image
