"""What a backend does."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mmderain.methods import Method
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.stream import StreamSpec


class Backend(Protocol):
    """A loaded network that restores clips on a device.

    Args:
        checkpoint: File with its weights.
        method: Name of its method, for files that do not say it.
        settings: Of the derainer (its ``test_cfg``), over the method's own.
        device: The backend's name of it; None for the best there is.
        dtype: 'auto', 'float32', 'bfloat16' or 'float16'.
    """

    method: Method
    device: Any
    dtype: str  # that is computed with; may be set
    settings: Mapping[str, Any]  # the method's, and what was said over them
    map_names: tuple[str, ...]  # planes that the network finds
    keeps_state: bool  # whether a frame depends on all before it
    margin: int  # pixels by which frames are extended
    takes_guide: bool  # whether it finds motion in other frames
    sees_guide: bool  # whether its network is made to see these, too

    def __init__(self, checkpoint: Path, method: str | None,
                 settings: Mapping[str, Any], device: Any,
                 dtype: str) -> None: ...

    def spec(self, tile: tuple[int, int] | None) -> StreamSpec:
        """Windows and tiles; frames whole when ``tile`` is None.

        Raises:
            ValueError: Tiles of this size cannot be.
        """

    def stream(self, frames: Iterator[np.ndarray], spec: StreamSpec,
               with_maps: bool,
               guides: Iterator[np.ndarray] | None = None
               ) -> Iterator[JudgedFrame]:
        """Restore frame by frame.

        Args:
            frames: Each (h, w, 3), uint8 RGB.
            spec: Of :meth:`spec`, perhaps with other batches.
            with_maps: Add a plane for each of ``map_names``.
            guides: For each frame another one, in which motion is found
                instead; where it ``takes_guide``.

        Yields:
            JudgedFrame: Planes (3, h, w), or (3 + m, h, w) with maps, of
            NumPy's uint8.

        Raises:
            DivergedError: A frame is not finite.
            UserError: The device has too little memory.
        """

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin to give ``frame`` as if unbroken."""

    def free_memory(self) -> int:
        """Bytes of the device that are free."""


class BackendModule(Protocol):
    """A module with a backend."""

    LoadedNetwork: type[Backend]

    @staticmethod
    def devices() -> list[str]:
        """Names of the devices of this machine."""

    @staticmethod
    def threads() -> int:
        """How many threads a computation on the CPU takes."""

    @staticmethod
    def limit_threads(count: int) -> None:
        """Take so many."""
