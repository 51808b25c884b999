"""One frame from Python, of any kind, and how its result becomes alike.

Kinds of packages that are not loaded cannot come, so none is loaded for them.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmderain.errors import DataError

# from a result (h, w, 3) uint8 to one of the kind of the frame
Back = Callable[[np.ndarray], Any]


class Frame(NamedTuple):
    """A frame that was looked at, but not yet read.

    Args:
        size: Height and width.
        read: Makes of it an array of its own, (h, w, 3) uint8 RGB, and says
            how to make a result alike, for which the frame is not kept.
    """

    size: tuple[int, int]
    read: Callable[[], tuple[np.ndarray, Back]]


def as_frame(frame: Any, place: str = '') -> Frame:
    """Look at a frame.

    Args:
        frame: An array (h, w, 3) uint8 RGB, a PIL image, or a tensor
            (3, h, w), uint8 or floating point from 0 to 1.
        place: Which one it is, for messages: `` in frame 3``.

    Raises:
        DataError: It is something else.
    """
    if is_picture(frame):
        return _picture(frame, place)
    if is_tensor(frame):
        return _tensor(frame, place)
    if hasattr(frame, '__array__'):
        return _array(np.asarray(frame), place)
    raise DataError(
        'Expected frames as arrays (h, w, 3) of uint8 RGB, PIL images or '
        f'tensors (3, h, w), got {type(frame).__name__}{place}. ' + (
            'Give one path at a time.' if isinstance(frame, str | Path)
            else 'Make it one of them.'))


def is_picture(value: Any) -> bool:
    """Whether it is a PIL image."""
    return _is_a(value, 'PIL.Image', 'Image')


def is_tensor(value: Any) -> bool:
    """Whether it is a tensor of PyTorch."""
    return _is_a(value, 'torch', 'Tensor')


def check_values(tensor: Any, place: str = '') -> None:
    """Refuse a tensor whose values are not there one after the other.

    Raises:
        DataError: It is sparse, nested, or has a shape alone.
    """
    import torch

    kind, remedy = next((pair for is_so, *pair in (
        (tensor.is_nested, 'nested', 'Give its tensors one by one.'),
        (tensor.is_meta, 'meta', 'It has a shape, but no values: load them.'),
        (tensor.layout != torch.strided, 'sparse', 'Use tensor.to_dense().'),
    ) if is_so), (None, None))
    if kind is not None:
        raise DataError('Expected tensors that hold all values, got a '
                        f'{kind} one{place}. {remedy}')


def _is_a(value: Any, module: str, kind: str) -> bool:
    found = getattr(sys.modules.get(module), kind, None)
    return found is not None and isinstance(value, found)


def _array(frame: np.ndarray, place: str) -> Frame:
    height, width, channels = (*frame.shape[:3], 0, 0, 0)[:3]
    if (frame.dtype != np.uint8 or frame.ndim != 3 or channels != 3
            or not frame.size):
        raise DataError(
            'Expected frames as arrays (h, w, 3) of uint8 RGB, got '
            f'{frame.shape} of {frame.dtype}{place}. {_remedy(frame)}')
    # a copy: some hand out the same buffer, filled anew, each time
    return Frame((height, width), lambda: (
        np.array(frame, order='C'), lambda image: image))


def _remedy(frame: np.ndarray) -> str:
    if not frame.size:
        return 'It holds no pixel: look at where it comes from.'
    if frame.ndim == 4:
        return 'Give one clip at a time.'
    if frame.ndim == 2 or frame.shape[-1:] == (1, ):
        return 'Grey: np.stack([grey] * 3, axis=-1).'
    if frame.ndim == 3 and frame.shape[2] == 4:
        return 'Leave out alpha: frame[..., :3].'
    if frame.ndim == 3 and frame.shape[0] == 3 != frame.shape[2]:
        return 'Channels come last: frame.transpose(1, 2, 0).'
    return ('Bring its values to 0 to 255, then frame.astype(np.uint8).'
            if frame.dtype != np.uint8 else 'Give frames in colour.')


def _picture(frame: Any, place: str) -> Frame:
    if frame.mode != 'RGB':
        raise DataError(f'Expected PIL images of mode RGB, got {frame.mode}'
                        f"{place}. Use image.convert('RGB').")

    def read() -> tuple[np.ndarray, Back]:
        try:
            image = np.array(frame)
        except (OSError, ValueError) as error:
            which = place.removeprefix(' in ') or 'The PIL image'
            raise DataError(f'{which} cannot be read: {error}. Replace its '
                            'file, or keep it open.') from error
        return image, partial(_to_picture, info=dict(frame.info))

    return Frame(frame.size[::-1], read)


def _to_picture(image: np.ndarray, info: dict[str, Any]) -> Any:
    from PIL import Image

    picture = Image.fromarray(image)
    picture.info = info  # as PIL's own operations keep it
    return picture


def _tensor(frame: Any, place: str) -> Frame:
    import torch

    check_values(frame, place)
    shape, floats = tuple(frame.shape), (
        torch.float32, torch.float16, torch.bfloat16, torch.float64)
    got = f'got {shape} of {frame.dtype}{place}.'
    if len(shape) != 3 or shape[0] != 3 or not frame.numel():
        raise DataError('Expected tensors (3, h, w), or of clips (t, 3, h, w) '
                        f'or (n, t, 3, h, w), {got} ' + (
                            'Channels come first: frame.permute(2, 0, 1).'
                            if shape[-1:] == (3, ) else
                            'Grey: grey.expand(3, -1, -1).'
                            if shape[:1] == (1, ) and len(shape) == 3 else
                            'Give RGB with at least one pixel.'))
    if frame.dtype not in (torch.uint8, *floats):
        raise DataError(
            'Expected tensors of uint8, or of float32, float16, bfloat16 or '
            f'float64 from 0 to 1, {got} Bring values to 0 to 255, then '
            'frame.to(torch.uint8).')
    frame = frame.detach()
    if frame.dtype in floats:
        low, high = (float(value) for value in frame.aminmax())
        # what is not a number is not in between, either
        if not (low >= 0 and high <= 1):
            raise DataError(
                f'Expected values from 0 to 1 in tensors of {frame.dtype}, '
                f'got {low:.4g} to {high:.4g}{place}. Divide by 255, or clamp '
                'them.')

    def read() -> tuple[np.ndarray, Back]:
        levels = (frame.float() * 255).round() if frame.dtype in floats \
            else frame
        image = levels.to('cpu', torch.uint8).permute(1, 2, 0).numpy()
        return np.array(image, order='C'), partial(
            _to_tensor, device=frame.device, dtype=frame.dtype)

    return Frame(shape[1:], read)


def _to_tensor(image: np.ndarray, device: Any, dtype: Any) -> Any:
    import torch

    levels = torch.from_numpy(image).to(device).permute(2, 0, 1).contiguous()
    return levels if dtype == torch.uint8 else (levels.float() / 255).to(dtype)
