"""Whether a file holds the state of unfinished work."""

from mmderain.jobs.segments import Segment

# of a segment; 0.1 knew of no guard, and some time nobody of drops
_FIELDS = (5, 6, len(Segment._fields))


def is_state(state: object) -> bool:
    """Whether it has the shape of what a parts folder keeps."""
    if not isinstance(state, dict):
        return False
    segments = state.get('segments', {})
    return (
        bool(state.keys() & {'mmderain', 'settings'})
        and all(isinstance(state.get(name, {}), dict)
                for name in ('settings', 'segments', 'files', 'placed'))
        and all(number.isdecimal() and isinstance(known, list)
                and len(known) in _FIELDS
                and all(isinstance(value, int | float) for value in known)
                for number, known in segments.items())
        and _is_tile(state.get('tile')))


def _is_tile(tile: object) -> bool:
    return tile is None or (
        isinstance(tile, list) and len(tile) == 2
        and all(isinstance(side, int) and side > 0 for side in tile))
