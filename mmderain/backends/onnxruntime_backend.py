"""Restores frames by ONNX Runtime, on a CPU, without PyTorch."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import onnxruntime

from mmderain import backends
from mmderain.backends.exported_file import (
    INPUT,
    ExportedNetwork,
    check_seal,
)
from mmderain.backends.machine import free_memory
from mmderain.errors import CheckpointError, UserError
from mmderain.methods import get_method
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec

_FATAL = 4  # ONNX Runtime tells errors by exceptions, too


class LoadedNetwork:
    """An exported network on the CPU; see ``interface.Backend``.

    Raises:
        CheckpointError: The file cannot be read, or is of another method.
        ConfigError: A setting cannot be.
        UserError: It is asked for another device or precision.
    """

    keeps_state = False

    def __init__(self, checkpoint: Path, method: str | None,
                 settings: Mapping[str, Any], device: Any,
                 dtype: str) -> None:
        if str(device or 'cpu') != 'cpu' or dtype not in ('auto', 'float32'):
            raise UserError(
                '--backend onnxruntime computes on the CPU in float32; got '
                f'{device or "cpu"} and {dtype}. Leave out --device and '
                '--dtype, or use --backend torch with the checkpoint.')
        self.device, self.dtype = 'cpu', 'float32'
        try:
            content = checkpoint.read_bytes()
            session = open_session(content)
        except OSError as error:
            raise CheckpointError(
                f'{checkpoint}: expected a file that can be read, got '
                f'"{error.strerror}". Fix the path.') from error
        except _BAD_FILE as error:
            raise CheckpointError(
                f'{checkpoint}: expected an ONNX file that mmderain export '
                'has written, but it cannot be read. Export it anew.'
                ) from error
        said = ExportedNetwork.from_metadata(
            session.get_modelmeta().custom_metadata_map, checkpoint)
        check_seal(content, checkpoint)
        try:
            self.method = get_method(said.method)
        except UserError as error:
            raise CheckpointError(f'{checkpoint}: {error}') from error
        if method is not None and method != self.method.name:
            raise CheckpointError(
                f'{checkpoint} is of the method {self.method.name!r}, not of '
                f'{method!r}. Name that one, or none.')
        arrays = self.method.arrays_class()
        own = {name: value for name, value in said.settings.items()
               if name in arrays.options}
        if said.size is not None:
            settings = dict(settings, tile=said.size)
        self.restoration = arrays(
            self._run, said.network, {**own, **settings}, said.settings,
            said.planes)
        self.settings = MappingProxyType(
            {**said.settings, **self.restoration.settings})
        self.map_names = said.map_names
        self.margin = said.network.margin
        self.takes_guide = self.restoration.takes_guide
        self.sees_guide = self.restoration.sees_guide
        self._session, self._size = session, said.size
        self._name = checkpoint

    def _run(self, clips: np.ndarray) -> np.ndarray:
        if self._size not in (None, clips.shape[-2:]):
            raise UserError(
                f'This network was exported for {self._size[0]}x'
                f'{self._size[1]} pixels, got {clips.shape[-2]}x'
                f'{clips.shape[-1]}: frames are smaller. Export it with '
                '--size, or use the checkpoint.')
        try:
            return self._session.run(
                None, {INPUT: np.ascontiguousarray(clips)})[0]
        except _InvalidArgument as error:
            raise CheckpointError(
                f'{self._name}: its network takes other windows than its '
                f'metadata say, got {clips.shape}. Export it anew.'
                ) from error

    def spec(self, tile: tuple[int, int] | None) -> StreamSpec:
        """Windows and tiles; see the interface."""
        return self.restoration.spec(self._size or tile)

    def stream(self, frames: Iterator[np.ndarray], spec: StreamSpec,
               with_maps: bool,
               guides: Iterator[np.ndarray] | None = None
               ) -> Iterator[JudgedFrame]:
        """Restore frame by frame; see the interface."""
        return self.restoration.stream(frames, spec, with_maps, guides)

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin; see the interface."""
        return self.restoration.restart_frame(frame, spec)

    def free_memory(self) -> int:
        """Bytes that a process may take."""
        return free_memory()


_InvalidArgument = (
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument)
# what a file that is none, or half of one, leads to
_BAD_FILE = (onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
             onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
             _InvalidArgument,
             onnxruntime.capi.onnxruntime_pybind11_state.Fail,
             onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented,
             RuntimeError, ValueError)


def open_session(content: bytes) -> onnxruntime.InferenceSession:
    """Load an ONNX file."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.log_severity_level = _FATAL
    # cores that wait are for decoding, alignment and encoding
    options.add_session_config_entry(
        'session.intra_op.allow_spinning', '0')
    return onnxruntime.InferenceSession(
        content, options, providers=['CPUExecutionProvider'])


def devices() -> list[str]:
    """Names of the devices of this machine."""
    return ['cpu']


def threads() -> int:
    """How many threads a computation on the CPU takes."""
    return backends.threads()


def limit_threads(count: int) -> None:
    """Take so many, in what is loaded from now on."""
    backends.limit_threads(count)
