"""How much memory the machine has left."""

from pathlib import Path

_GUESS = 4 << 30  # on another system than Linux; cautious


def free_memory() -> int:
    """Bytes that a process may take."""
    text = Path('/proc/meminfo')
    if not text.is_file():
        return _GUESS
    fields = dict(line.split(':') for line in text.read_text().splitlines())
    return int(fields['MemAvailable'].split()[0]) * 1024
