"""Whether a GIF is whole: its blocks are followed to the end mark."""

from pathlib import Path

_EXTENSION, _IMAGE, _END = 0x21, 0x2C, 0x3B


def is_cut(path: Path) -> bool:
    """Whether a GIF ends before its end mark.

    What comes behind the mark does not matter, nor do blocks that are of no
    known kind: there the decoder speaks.
    """
    content = path.read_bytes()
    try:
        place = 13 + _colors(content[10])
        while content[place] != _END:
            if content[place] == _EXTENSION:
                place += 2
            elif content[place] == _IMAGE:
                # position and size, a table of colours, bits of a code
                place += 11 + _colors(content[place + 9])
            else:
                return False
            while content[place]:  # blocks of data, each with its length
                place += 1 + content[place]
            place += 1
    except IndexError:
        return True
    return False


def _colors(flags: int) -> int:
    """Bytes of a table of colours."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
