"""How large a tile may be for the memory that there is."""

# of what is free; the rest is for frames, the encoder and other programs
_SHARE = 0.5
_STEP = 32
_SMALLEST = 64
_LEAST_SHARE = 0.25


def left_beside(free: int, bytes_per_pixel: int, height: int,
                width: int) -> int:
    """What another network leaves, which takes whole frames; in bytes.

    Args:
        free: Bytes, of which a quarter is left in any case.
        bytes_per_pixel: What the other one takes for each pixel.
        height: Of the frames.
        width: Of the frames.
    """
    return max(free - bytes_per_pixel * height * width,
               int(_LEAST_SHARE * free))


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
