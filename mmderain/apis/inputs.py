"""What is given from Python, as frames, and its result of the same kind."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from typing import Any

import numpy as np

from mmderain.apis.frame import (
    Frame,
    as_frame,
    check_values,
    is_picture,
    is_tensor,
)
from mmderain.errors import DataError

# restores a clip, each result of the kind of its frame
Restore = Callable[[Iterable[Frame]], Iterator[Any]]


def derained(inputs: Any, restore: Restore) -> Any:
    """Restore what is given.

    Args:
        inputs: A frame, of what :func:`~mmderain.apis.frame.as_frame` takes; a
            clip: an array (t, h, w, 3), a tensor (t, 3, h, w), a list or tuple
            of frames, or any iterable of them; or clips, (n, t, 3, h, w).
        restore: Restores a clip.

    Returns:
        Any: The same; an iterator for what is none of these but an iterable.

    Raises:
        DataError: As of :func:`frames_of`.
    """
    if is_tensor(inputs):
        check_values(inputs)
        if inputs.ndim == 5:
            return _clips(inputs, restore)
    frames = frames_of(inputs)
    if _is_frame(inputs):
        result, = restore(frames)
        return result
    if is_tensor(inputs):
        return _stacked_tensors(list(restore(frames)), inputs)
    if isinstance(inputs, np.ndarray):
        results = list(restore(frames))
        return np.stack(results) if results else inputs.copy()
    if isinstance(inputs, list | tuple):
        results = list(restore(frames))
        return results if isinstance(inputs, list) else tuple(results)
    return restore(frames)


def _clips(inputs: Any, restore: Restore) -> Any:
    clips = [frames_of(clip) for clip in inputs]  # looked at first
    return _stacked_tensors(
        [_stacked_tensors(list(restore(clip)), like)
         for clip, like in zip(clips, inputs, strict=True)], inputs)


def frames_of(inputs: Any) -> Iterable[Frame]:
    """The frames of a frame or a clip.

    All that is there already is looked at now, before any work.

    Args:
        inputs: As for :func:`derained`, but for several clips.

    Raises:
        DataError: It is none of these, its frames cannot be used, or are not
            of one size.
    """
    if is_tensor(inputs):
        check_values(inputs)
    if _is_frame(inputs):
        return [as_frame(inputs)]
    is_whole = _is_whole(inputs)
    if is_whole and inputs.ndim != 4:
        raise DataError(
            'Expected one frame or one clip, (h, w, 3) or (t, h, w, 3) of '
            'arrays and (3, h, w) or (t, 3, h, w) of tensors, got '
            f'{tuple(inputs.shape)}. Give one clip at a time.')
    if not isinstance(inputs, Iterable) or isinstance(
            inputs, Mapping | Set | bytes | bytearray | memoryview):
        raise DataError('Expected a path, an array, a PIL image, a tensor or '
                        'an iterable of frames, got '
                        f'{type(inputs).__name__}. ' + (
                            'Use numpy.asarray(...).' if isinstance(
                                inputs, memoryview) else 'Give one of them.'))
    if not is_whole and not isinstance(inputs, list | tuple):
        return _of_one_size(inputs)
    frames = list(_of_one_size(inputs))
    if not frames and not is_whole:
        raise DataError('Expected at least one frame, got an empty '
                        f'{type(inputs).__name__}. Leave out empty clips.')
    return frames


def _is_frame(inputs: Any) -> bool:
    return is_picture(inputs) or _is_whole(inputs) and inputs.ndim < 4


def _is_whole(inputs: Any) -> bool:
    return is_tensor(inputs) or isinstance(inputs, np.ndarray)


def _of_one_size(frames: Iterable[Any]) -> Iterator[Frame]:
    size = None
    for index, given in enumerate(frames):
        frame = as_frame(given, f' in frame {index}')
        size = size or frame.size
        if frame.size != size:
            raise DataError(
                f'Expected frames of one size, {size} as the first, got '
                f'{frame.size} in frame {index}. Give clips of other sizes '
                'one after the other.')
        yield frame


def _stacked_tensors(results: list[Any], like: Any) -> Any:
    if not results:
        return like.detach().clone()
    import torch

    return torch.stack(results)
