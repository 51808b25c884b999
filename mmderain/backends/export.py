"""A checkpoint's network as an ONNX file, checked against PyTorch."""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from google.protobuf.message import Message
from torch import Tensor, nn

from mmderain.backends.exported_file import (
    INPUT,
    KEY,
    OUTPUT,
    ExportedNetwork,
    sealed,
)
from mmderain.backends.onnxruntime_backend import open_session
from mmderain.checkpoints.description import load_method
from mmderain.checkpoints.strict_loading import require_finite
from mmderain.errors import ConfigError, UserError
from mmderain.files import digest, write_whole
from mmderain.models.restoration import ExportedPart, WindowRestoration

# the first of ONNX's sets of operators that has deformable convolution and
# what the others need
_OPSET = 20
_SIZES = ((64, 96), (88, 136))  # by which any size is checked
# in [0, 1]; values that a network itself has rounded to levels of 8 bits may
# fall on the other side, so that this share may differ by more
_TOLERANCE, _ROUNDED = 1e-4, 1e-3


class _Part(nn.Module):
    """What is exported, as a module of its own."""

    def __init__(self, restoration: WindowRestoration, part: ExportedPart
                 ) -> None:
        super().__init__()
        self.generator = restoration.generator
        self.function = part.function

    def forward(self, clip: Tensor) -> Tensor:
        return self.function(clip)


def export_network(checkpoint: Path, output: Path,
                   method_name: str | None = None,
                   size: Sequence[int] | None = None) -> ExportedNetwork:
    """Export a network and check the file in ONNX Runtime.

    Args:
        checkpoint: A file that our training or our converter wrote.
        output: Written last, when it has passed the check.
        method_name: For checkpoints that do not say it.
        size: Height and width, where it is to take no others; needed of
            methods whose operators keep it.

    Raises:
        CheckpointError: The checkpoint cannot be read, or has diverged.
        ConfigError: A network of this method needs a size, or takes no such.
        UserError: The file computes something else, or cannot be written.
    """
    method, network = load_method(str(checkpoint), expected=method_name)
    require_finite(network.state_dict(), checkpoint)
    restoration = method.derainer_class().for_inference(
        network, dict(method.test_cfg))
    if size is None and not method.any_size:
        size = method.test_cfg.get('tile')
    spec = restoration.network_spec
    if size is not None and any(side % spec.divisor for side in size):
        raise ConfigError(f'--size {size[0]}x{size[1]}: expected multiples of '
                          f'{spec.divisor} for {method.name}.')
    part = restoration.exported_part()
    module = _Part(restoration, part).eval()
    sizes = _SIZES if size is None else (tuple(size), )
    example = _example(2 if size is None else 1, part, sizes[0])
    said = ExportedNetwork(
        method.name, spec, dict(method.test_cfg), restoration.map_names,
        None if size is None else tuple(size), digest(checkpoint),
        _layout(part), tuple(part.planes))
    content = _onnx(module, example, said)
    _check(content, module, part, sizes)
    write_whole(output, content, parents=True)
    return said


def _layout(part: ExportedPart) -> str:
    sides = ', '.join(map(str, part.planes))
    kind = 'RGB' if part.planes[-1] == 3 else 'statistics'
    return f'(n, {sides}, h, w) float32, {kind} in [0, 1]'


def _example(count: int, part: ExportedPart, size: Sequence[int],
             seed: int = 0) -> Tensor:
    return torch.rand((count, *part.planes, *size),
                      generator=torch.Generator().manual_seed(seed))


def _onnx(module: nn.Module, example: Tensor, said: ExportedNetwork
          ) -> bytes:
    dynamic = None
    if said.size is None:
        auto = torch.export.Dim.AUTO
        dynamic = ({0: auto, example.ndim - 2: auto, example.ndim - 1: auto},)
    with torch.no_grad(), _quiet():
        program = torch.onnx.export(
            module, (example, ), dynamo=True, opset_version=_OPSET,
            dynamic_shapes=dynamic, input_names=[INPUT],
            output_names=[OUTPUT], verbose=False)
    model = program.model_proto
    _forget_origin(model)
    model.metadata_props.add(key=KEY, value=said.to_json())
    return sealed(model.SerializeToString())


def _forget_origin(message: Message) -> None:
    """Take out where in the code each part came from.

    An eighth of the file, with the paths of the machine that wrote it.
    """
    for field, value in message.ListFields():
        if field.name in ('metadata_props', 'doc_string'):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in [value] if isinstance(value, Message) else value:
                _forget_origin(part)


def _check(content: bytes, module: nn.Module, part: ExportedPart,
           sizes: Sequence[Sequence[int]]) -> None:
    """Compare with PyTorch.

    Raises:
        UserError: They differ.
    """
    session = open_session(content)
    for number, size in enumerate(sizes, 1):
        clip = _example(1, part, size, number)
        with torch.no_grad():
            expected = module(clip).numpy()
        got, = session.run(None, {INPUT: clip.numpy()})
        error = np.abs(got - expected)
        if not (np.isfinite(error).all() and
                (error > _TOLERANCE).mean() <= _ROUNDED):
            raise UserError(
                f'ONNX Runtime gives other values than PyTorch for frames of '
                f'{size[0]}x{size[1]}: up to {np.nanmax(error):.4f} apart. '
                'Nothing was written.')


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's thoughts about its own insides."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter('ignore')
            yield
    finally:
        logging.disable(level)
