"""What is measured: a network in one kind of numbers, or a clip's way."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mmderain.backends.export import export_network
from mmderain.backends.exported_file import INPUT
from mmderain.checkpoints.description import describe
from mmderain.cli.network_speed import (
    build_network,
    ceilings_of,
    count_operations,
    seconds_of,
)
from mmderain.cli.peak_memory import peak_memory
from mmderain.errors import UserError
from mmderain.methods import get_method
from mmderain.models.restoration import WindowRestoration

# of parameters that start at zero, which would hide what comes before them
_SPREAD = 0.02
_SEED = 0


def seeded_restoration(method: str, arguments: Mapping[str, Any],
                       settings: Mapping[str, Any]) -> WindowRestoration:
    """A method's restoration whose weights are random, the same every time.

    Raises:
        UserError: There is no such network.
    """
    torch.manual_seed(_SEED)
    network = build_network(method, dict(arguments))
    for parameter in network.parameters():
        if not parameter.any():
            nn.init.normal_(parameter, std=_SPREAD)
    return get_method(method).derainer_class().for_inference(
        network, settings)


def seeded_clip(count: int, height: int, width: int) -> Tensor:
    """Noise over a slope, (t, 3, h, w), uint8; the same every time."""
    chance = torch.Generator().manual_seed(_SEED)
    noise = torch.randint(0, 128, (count, 3, height, width), generator=chance)
    slope = torch.linspace(0, 127, width)
    return (noise + slope).byte()


class Subject:
    """Something that is run again and again, and the ceiling beside it.

    Args:
        run: What is measured.
        device: 'cpu' or 'cuda'.
        dtype: Of the matrix product that is the ceiling.
    """

    def __init__(self, run: Callable[[], Any], device: str,
                 dtype: torch.dtype) -> None:
        self._run, self._device, self._dtype = run, device, dtype
        # made when it is asked for, so that its arrays are not counted
        self._product: Callable[[], Tensor] | None = None

    def warm_up(self) -> int:
        """Run it once; returns its operations."""
        return count_operations(self._run)

    def memory(self) -> int:
        """The most bytes that were taken so far."""
        return peak_memory(self._device)

    def run(self) -> tuple[float, float]:
        """Seconds of a run, and seconds of the processor in all threads."""
        return self._timed(self._run)

    def ceiling(self) -> tuple[float, float]:
        """Operations a second of a matrix product, by either clock."""
        if self._product is None:
            self._product, self._work = ceilings_of(
                torch.device(self._device), self._dtype)['matmul']
            self._product()
        wall, processor = self._timed(self._product)
        return self._work / wall, self._work / processor

    def _timed(self, function: Callable[[], Any]) -> tuple[float, float]:
        began = time.process_time()
        wall = seconds_of(function, self._device)
        return wall, max(time.process_time() - began, 1e-9)


class ClipSubject(Subject):
    """A clip through a restoration, in our order or the official one.

    Args:
        method: Its name.
        arguments: Of its network.
        settings: ``test_cfg``.
        clip: Frames, height and width.
        official: In the order of the official code.
        device: 'cpu' or 'cuda'.
        threads: Of PyTorch; None for its own choice.

    Raises:
        UserError: The network cannot be built, or takes no such clips.
    """

    def __init__(self, method: str, arguments: Mapping[str, Any],
                 settings: Mapping[str, Any], clip: tuple[int, int, int],
                 official: bool, device: str, threads: int | None) -> None:
        if threads:
            torch.set_num_threads(threads)
        ours = seeded_restoration(method, arguments, settings).to(device)
        frames = seeded_clip(*clip)
        if official:
            restore = get_method(method).found_official_order().prepare(ours)
            frames = frames.to(device)
        self._frames: list[Tensor] = []

        def run() -> None:
            self._frames = list(restore(frames) if official else
                                ours.restored_frames(frames))

        self._first = ours.window_spec.covered_frames(clip[0]).start or 0
        super().__init__(run, device, torch.float32)

    def frames(self) -> np.ndarray:
        """What the last run has restored, (v, 3, h, w) float32."""
        return torch.stack(self._frames).float().cpu().numpy()

    def first(self) -> int:
        """Which frame is the first of :meth:`frames` in our order."""
        return self._first


class NetworkSubject(Subject):
    """What of a restoration is a function of one array, by PyTorch.

    Args:
        method: Its name.
        arguments: Of its network.
        size: Height and width.
        dtype: Name of the kind of numbers, for autocast.
        device: 'cpu' or 'cuda'.
        threads: Of PyTorch; None for its own choice.
    """

    def __init__(self, method: str, arguments: Mapping[str, Any],
                 size: tuple[int, int], dtype: str, device: str,
                 threads: int | None) -> None:
        if threads:
            torch.set_num_threads(threads)
        part, numbers = _part(method, arguments, size, device)
        kind = getattr(torch, dtype)

        @torch.no_grad()
        def run() -> None:
            with torch.autocast(device, kind,
                                enabled=kind != torch.float32):
                part(numbers)

        super().__init__(run, device, kind)


class OnnxSubject(Subject):
    """The same by ONNX Runtime, in float32 on the processor.

    Args:
        file: What :class:`Exporter` has written.
        method: As for :class:`NetworkSubject`, for the input.
        arguments: As for it.
        size: As for it.
        threads: Of either library.
    """

    def __init__(self, file: Path, method: str, arguments: Mapping[str, Any],
                 size: tuple[int, int], threads: int | None) -> None:
        from mmderain.backends import onnxruntime_backend
        if threads:
            torch.set_num_threads(threads)
            onnxruntime_backend.limit_threads(threads)
        session = onnxruntime_backend.open_session(file.read_bytes())
        _, numbers = _part(method, arguments, size, 'cpu')
        given = {INPUT: numbers.numpy()}
        super().__init__(lambda: session.run(None, given), 'cpu',
                         torch.float32)


class Exporter:
    """Writes ONNX files, in a process whose memory nobody measures."""

    def write(self, file: Path, method: str, arguments: Mapping[str, Any],
              size: tuple[int, int]) -> None:
        """Export a method's network for frames of a size.

        Raises:
            UserError: It cannot be exported.
        """
        network = seeded_restoration(method, arguments, {}).generator
        entry = get_method(method)
        checkpoint = file.with_suffix('.pth')
        torch.save(dict(
            meta=dict(mmderain=describe({
                'type': type(network).__name__, **entry.arguments,
                **arguments})),
            state_dict={f'generator.{name}': value for name, value
                        in network.state_dict().items()}), checkpoint)
        export_network(checkpoint, file, method, size)


def _part(method: str, arguments: Mapping[str, Any], size: tuple[int, int],
          device: str) -> tuple[Callable[[Tensor], Tensor], Tensor]:
    """The function, and what it is given."""
    ours = seeded_restoration(
        method, arguments, get_method(method).test_cfg).to(device)
    divisor = ours.network_spec.divisor
    if any(side % divisor for side in size):
        raise UserError(f'--size {size[0]}x{size[1]}: expected multiples of '
                        f'{divisor} for {method}.')
    part = ours.exported_part()
    chance = torch.Generator().manual_seed(_SEED)
    return part.function, torch.rand(
        (1, *part.planes, *size), generator=chance).to(device)
