"""How large a tile may be for the memory that there is."""

from pathlib import Path

import torch

# of what is free; the rest is for frames, the encoder and other programs
_SHARE = 0.5
_STEP = 32
_SMALLEST = 64


def free_memory(device: torch.device) -> int:
    """Bytes that are free on a device; on the CPU, what a process may take."""
    if device.type == 'cuda':
        return torch.cuda.mem_get_info(device)[0]
    text = Path('/proc/meminfo')
    if not text.is_file():
        return 4 << 30  # another system than Linux: a cautious guess
    fields = dict(line.split(':') for line in text.read_text().splitlines())
    return int(fields['MemAvailable'].split()[0]) * 1024


def choose_tile(height: int, width: int, bytes_per_pixel: int,
                free: int, batch: int = 1) -> tuple[int, int] | None:
    """The largest tile that fits; None where whole frames do.

    Args:
        height: Of the frames.
        width: Of the frames.
        bytes_per_pixel: What a window takes for each pixel of a frame.
        free: Bytes.
        batch: How many tiles, or else windows, are to fit at once.
    """
    pixels = _SHARE * free / (bytes_per_pixel * batch)
    if height * width <= pixels:
        return None
    side = max(_SMALLEST, int(pixels**0.5) // _STEP * _STEP)
    return min(side, height), min(side, width)
