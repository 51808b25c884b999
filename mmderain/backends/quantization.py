"""Exported networks that convolve whole numbers of 8 bits.

A processor convolves them about twice as fast. What ranges the numbers have is
measured on clips; the last convolution, whose result is the picture, stays in
float32.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)

from mmderain.backends.exported_file import INPUT, sealed
from mmderain.backends.onnxruntime_backend import LoadedNetwork
from mmderain.errors import UserError
from mmderain.files import write_whole
from mmderain.media.psnr import psnr
from mmderain.weights import USUAL_GUIDE, checked_path, find_weights

Clip = Sequence[np.ndarray]  # frames (h, w, 3), uint8 RGB

_MOST_INPUTS = 32  # by which ranges are measured
# of the restored clips to those in float32; below it something is wrong
_LEAST_PSNR = 35.0


def quantize_network(exported: Path, output: Path,
                     clips: Sequence[Clip]) -> float:
    """Write a network with convolutions of 8 bits.

    Args:
        exported: What :func:`~mmderain.backends.export.export_network` wrote.
        output: Written last, when it restores the clips as before.
        clips: Rainy ones, such as it is to restore.

    Returns:
        float: PSNR in dB of the clips, as it restores them, to what comes of
        ``exported``.

    Raises:
        UserError: The clips are too short, it restores them otherwise, or the
            file cannot be written.
    """
    network = LoadedNetwork(exported, None, {}, 'cpu', 'auto')
    inputs: list[np.ndarray] = []
    expected = _restored(network, clips, inputs.append)
    if not inputs:
        raise UserError('The clips are too short for a window of '
                        f'{network.spec(None).window.length} frames. Name '
                        'longer ones.')
    with TemporaryDirectory() as folder:
        path = Path(folder) / output.name
        _quantize(exported, path, inputs[::-(-len(inputs) // _MOST_INPUTS)])
        path.write_bytes(sealed(path.read_bytes()))
        found = _restored(LoadedNetwork(path, None, {}, 'cpu', 'auto'), clips)
        content = path.read_bytes()
    # clips may have several sizes
    near = psnr(np.concatenate([
        (one.astype(np.float32) - other).ravel()
        for one, other in zip(found, expected, strict=True)]))
    if not near >= _LEAST_PSNR:
        raise UserError(
            f'With 8 bits the clips come out at {near:.1f} dB to the network '
            f'in float32, expected {_LEAST_PSNR:.0f} or more. Name other '
            'clips, or leave out --int8. Nothing was written.')
    write_whole(output, content, parents=True)
    return near


def _restored(network: LoadedNetwork, clips: Sequence[Clip],
              see: Callable[[np.ndarray], None] = lambda values: None
              ) -> list[np.ndarray]:
    """All frames restored; whatever goes into the network is shown."""
    run = network.restoration.run

    def watched(values: np.ndarray) -> np.ndarray:
        for item in values:
            see(item[None].copy())
        return run(values)

    network.restoration.run = watched
    # what it would give back of either is no matter of rounding
    network.restoration.exported['guard'] = False
    spec = network.spec(None)
    return [frame.planes for clip in clips for frame in network.stream(
        iter(clip), spec, False, _guides(clip) if network.sees_guide
        else None)]


def _guides(clip: Clip) -> Iterator[np.ndarray]:
    """What the usual guide makes of the frames."""
    exported = find_weights(USUAL_GUIDE).exported
    guide = LoadedNetwork(checked_path(exported), None, {}, 'cpu', 'auto')
    for frame in guide.stream(iter(clip), guide.spec(None), False):
        yield np.ascontiguousarray(frame.planes.transpose(1, 2, 0))


def _quantize(source: Path, target: Path,
              inputs: Sequence[np.ndarray]) -> None:
    *convolutions, _ = [node.name for node in onnx.load(source).graph.node
                        if node.op_type == 'Conv']
    with _quiet():
        quantize_static(
            source, target, _Inputs(inputs), quant_format=QuantFormat.QDQ,
            op_types_to_quantize=['Conv'], nodes_to_quantize=convolutions,
            # x86 has instructions for these two in this order
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
            per_channel=True,
            # 7 bits of weights: older processors would overflow
            reduce_range=True)


class _Inputs(CalibrationDataReader):
    """Inputs one after the other, then None."""

    def __init__(self, inputs: Sequence[np.ndarray]) -> None:
        self._inputs = iter(inputs)

    def get_next(self) -> dict[str, np.ndarray] | None:
        values = next(self._inputs, None)
        return None if values is None else {INPUT: values}


@contextmanager
def _quiet() -> Iterator[None]:
    """Without advice on how to prepare networks, which changes nothing."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(level)
