"""What is restored at once of a frame: a tile, or all of it."""

# height and width; None for whole frames
Tile = tuple[int, int] | None


def said_of_tile(tile: Tile) -> str:
    """A tile in words: width and height, as of a video."""
    return ('whole frames' if tile is None
            else f'tiles of {tile[1]}x{tile[0]}')
