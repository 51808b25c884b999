"""Arrays of any library: NumPy's on a CPU, a runtime's own on its device.

Windows and tiles only stack, cut and add, which all libraries have. Which one
an array is of, it says itself (Python array API standard).
"""

from typing import Any

from array_api_compat import array_namespace
from array_api_compat import device as device_of

__all__ = ['Array', 'as_float', 'device_of', 'namespace']

Array = Any


def namespace(array: Array) -> Any:
    """The functions of the library that an array is of."""
    return array_namespace(array)


def as_float(clip: Array) -> Array:
    """Bytes as float32 in [0, 1]; floating point as float32."""
    xp = namespace(clip)
    floats = xp.astype(clip, xp.float32)
    return floats if xp.isdtype(clip.dtype, 'real floating') else floats / 255
