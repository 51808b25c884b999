"""What is installed and on what machine, for reports of faults.

MMEngine's ``collect_env`` needs PyTorch, which many who report do without.
"""

import importlib.metadata
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from mmderain.backends import BACKENDS, is_installed
from mmderain.backends.machine import cores, free_memory, processor
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.version import __version__

# as pip names them; of those that come in several forms, whichever is there
_PACKAGES = ('numpy', 'opencv-python', 'opencv-python-headless', 'av',
             'onnxruntime', 'onnxruntime-gpu', 'torch', 'torchvision',
             'mmengine', 'mmcv', 'mmcv-lite', 'mmagic', 'diffusers',
             'transformers', 'huggingface-hub', 'safetensors', 'onnx',
             'ray', 'fsspec')
_GIB = 1 << 30
_FOLDER = Path(__file__).resolve().parents[1]


def build_parser() -> CommandParser:
    """The arguments."""
    return CommandParser(
        prog='mmderain env',
        description='Print what is installed and on what machine, to go with '
                    'a report of a fault')


def main(argv: list[str] | None = None) -> int:
    """Print; returns the exit status."""
    build_parser().parse_args(argv)
    return run(lambda: print('\n'.join(
        f'{name + ":":<11} {value}' for name, value in report())))


def report() -> Iterator[tuple[str, str]]:
    """What a report tells, line by line: a name and its value."""
    yield 'mmderain', f'{__version__} in {_FOLDER}'
    yield 'Python', f'{platform.python_version()}, {sys.executable}'
    yield 'system', platform.platform()
    yield 'processor', (f'{processor()}, {cores()} cores, '
                        f'{free_memory() / _GIB:.1f} GiB free')
    yield 'GPU', _gpus()
    yield 'backends', ', '.join(filter(is_installed, BACKENDS)) or 'none'
    yield 'FFmpeg', _ffmpeg()
    yield 'packages', ', '.join(
        f'{name} {version}' for name, version in _versions())


def _versions() -> Iterator[tuple[str, str]]:
    for name in _PACKAGES:
        try:
            yield name, importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue


def _gpus() -> str:
    """What PyTorch sees; a package that is broken is what one looks for."""
    try:
        import torch
        names = [torch.cuda.get_device_name(number)
                 for number in range(torch.cuda.device_count())]
    except ModuleNotFoundError:
        return 'unknown, PyTorch is not installed'
    except Exception as error:
        return f'unknown, PyTorch does not work: {error}'
    return ', '.join(names) or f'none, for PyTorch {torch.__version__}'


def _ffmpeg() -> str:
    try:
        from av import library_versions
        return ', '.join(f'{name} {".".join(map(str, version))}'
                         for name, version in library_versions.items())
    except Exception as error:
        return f'unknown, PyAV does not work: {error}'
