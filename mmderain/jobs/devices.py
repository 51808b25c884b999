"""Which devices there are to share the work."""

import re
from collections.abc import Sequence

from mmderain.backends import find_backend
from mmderain.errors import UserError


def parse_devices(text: str) -> tuple[str, ...]:
    """Read ``0,1``, ``cuda:0,cuda:1`` or ``cpu,cpu``.

    Raises:
        UserError: There is no such device, or they are of several kinds.
    """
    devices = tuple(
        f'cuda:{int(name)}' if name.isdecimal() else name
        for name in (part.strip() for part in text.split(',')))
    check_devices(devices)
    return devices


def check_devices(devices: Sequence[str]) -> None:
    """Refuse devices that cannot share a video.

    Raises:
        UserError: There is no such device, or they are of several kinds, whose
            results differ.
    """
    if not devices:
        raise UserError('--devices: expected devices such as 0,1 or cpu,cpu, '
                        'got none.')
    for name in devices:
        if not re.fullmatch(r'cpu|cuda:\d+', name):
            raise UserError(
                f'--devices: {name!r} is not a device; expected numbers of '
                'GPUs such as 0,1, or cuda:0,cuda:1, or cpu,cpu.')
    for name in devices:
        _require('--devices', name)
    if len({name.partition(':')[0] for name in devices}) > 1:
        raise UserError(
            f'--devices: {", ".join(devices)} are of several kinds, which '
            'round differently; the parts of a video would not match. Use '
            'GPUs or the CPU.')


def check_device(name: str) -> None:
    """Refuse a device that is not there.

    Raises:
        UserError: It is not.
    """
    if not re.fullmatch(r'cpu|cuda(:\d+)?', name):
        raise UserError(f'--device: {name!r} is not a device; expected cpu, '
                        'cuda or the number of a GPU such as cuda:1.')
    _require('--device', 'cuda:0' if name == 'cuda' else name)


def _require(option: str, name: str) -> None:
    if name == 'cpu':
        return
    # imports PyTorch, which takes seconds
    known = find_backend().devices()
    if name not in known:
        raise UserError(f'{option}: there is no {name} here. There are: '
                        f'{", ".join(known)}.')
