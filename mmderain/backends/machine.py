"""What the machine is and has."""

import os
import re
import sys
from pathlib import Path

_DEVICES = Path('/dev')
_GUESS = 4 << 30  # bytes, on another system than Linux; cautious


def free_memory() -> int:
    """Bytes that a process may take."""
    text = Path('/proc/meminfo')
    if not text.is_file():
        return _GUESS
    fields = dict(line.split(':') for line in text.read_text().splitlines())
    return int(fields['MemAvailable'].split()[0]) * 1024


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, 'sched_getaffinity'):  # Linux
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor() -> str:
    """Its name, where the system tells it."""
    text = Path('/proc/cpuinfo')
    name = re.search(r'model name\s*:\s*(.+)',
                     text.read_text()) if text.is_file() else None
    return name[1].strip() if name else 'unknown'


def may_have_gpu() -> bool:
    """Whether there may be one, which PyTorch then knows for certain."""
    if not sys.platform.startswith('linux'):
        return True
    return any(any(_DEVICES.glob(name))
               for name in ('nvidia*', 'kfd', 'dxg'))
