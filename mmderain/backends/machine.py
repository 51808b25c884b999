"""What the machine is and has, beside its GPUs."""

import os
import re
from pathlib import Path

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
