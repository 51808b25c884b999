"""The most memory that this process has taken so far."""

import re
import resource
from pathlib import Path

import torch


def peak_memory(device: str) -> int:
    """Bytes: of the process, or on a GPU of what PyTorch took there.

    Args:
        device: 'cpu' or 'cuda'.
    """
    if device == 'cuda':
        return torch.cuda.max_memory_allocated()
    # not getrusage where it can be had otherwise: that one begins with the
    # size of the process that started this one
    status = Path('/proc/self/status')
    found = re.search(r'VmHWM:\s*(\d+)', status.read_text()) \
        if status.is_file() else None
    kibibytes = found[1] if found else resource.getrusage(
        resource.RUSAGE_SELF).ru_maxrss
    return int(kibibytes) * 1024
