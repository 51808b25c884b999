"""Restores frames by PyTorch, on a CPU or a GPU."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch

from mmderain.backends.machine import free_memory
from mmderain.backends.precision import best_dtype, fastest_dtype
from mmderain.checkpoints.description import load_method
from mmderain.errors import NoMemoryError
from mmderain.methods import Method
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec

_DTYPES = dict(float32=None, bfloat16=torch.bfloat16, float16=torch.float16)


class LoadedNetwork:
    """A checkpoint's network on a device; see ``interface.Backend``.

    Raises:
        CheckpointError: The file cannot be read, or says nothing.
        ConfigError: A setting cannot be.
        UserError: There is no such method.
    """

    def __init__(self, checkpoint: Path, method: str | None,
                 settings: Mapping[str, Any], device: Any,
                 dtype: str) -> None:
        self.device = torch.device(device or (
            'cuda' if torch.cuda.is_available() else 'cpu'))
        self.method, network = load_method(str(checkpoint), expected=method)
        self.derainer = self.method.derainer_class().for_inference(
            network, {**self.method.test_cfg, **settings}).to(self.device)
        self.dtype = (fastest_dtype(self.method, self.derainer)
                      if dtype == 'auto' else dtype)
        self.settings = MappingProxyType(self.derainer.test_cfg)
        self.map_names = self.derainer.map_names
        self.keeps_state = getattr(self.derainer, 'running', False)
        self.margin = self.derainer.margin
        self.takes_guide = self.derainer.takes_guide
        self.sees_guide = self.derainer.sees_guide

    def spec(self, tile: tuple[int, int] | None) -> StreamSpec:
        """Windows and tiles; see the interface."""
        return self.derainer.stream_spec_of(tile)

    def stream(self, frames: Iterator[np.ndarray], spec: StreamSpec,
               with_maps: bool,
               guides: Iterator[np.ndarray] | None = None
               ) -> Iterator[JudgedFrame]:
        """Restore frame by frame; see the interface."""
        try:
            for frame in self.derainer.judged_stream(
                    _tensors(frames), with_maps, _DTYPES[self.dtype],
                    spec=spec,
                    guides=None if guides is None else _tensors(guides)):
                yield frame._replace(planes=frame.planes.numpy())
        except torch.OutOfMemoryError as error:
            raise NoMemoryError(
                f'{self.device} has too little memory for frames of this size '
                f'({error}). Use smaller tiles, such as --tile 256, or a '
                'smaller --batch.') from error

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the interface."""
        return self.derainer.restart_frame(frame, spec)

    def free_memory(self) -> int:
        """Bytes that are free; on the CPU, what a process may take."""
        if self.device.type == 'cuda':
            return torch.cuda.mem_get_info(self.device)[0]
        return free_memory()


def _tensors(frames: Iterator[np.ndarray]) -> Iterator[torch.Tensor]:
    """(h, w, 3) -> (3, h, w)"""
    return (torch.from_numpy(frame).permute(2, 0, 1) for frame in frames)


def devices() -> list[str]:
    """Names of the devices of this machine."""
    return ['cpu', *(f'cuda:{number}'
                     for number in range(torch.cuda.device_count()))]


def gpu_dtype(method: Method, device: str) -> str:
    """The precision for a method on a GPU where nobody says one.

    That of a network which was loaded there; nothing is loaded for it.
    """
    return best_dtype(method, torch.device(device))


def threads() -> int:
    """How many threads a computation on the CPU takes."""
    return torch.get_num_threads()


def limit_threads(count: int) -> None:
    """Take so many."""
    torch.set_num_threads(count)
