"""Reading the state of unfinished work."""

from pathlib import Path

from mmderain.errors import UserError
from mmderain.files import parse_json
from mmderain.jobs.outputs import STATE_NAME
from mmderain.jobs.segments import Segment

# of a segment; 0.1 knew of no guard, and some time nobody of drops
_FIELDS = (5, 6, len(Segment._fields))


def load_state(folder: Path) -> dict:
    """Read the state in a folder of parts; an empty one where there is none.

    Raises:
        UserError: It cannot be used.
    """
    path = folder / STATE_NAME
    if not path.is_file():
        return {}
    problem = None
    try:
        state = parse_json(path.read_text(encoding='utf-8'))
        if not _is_state(state):
            problem = 'it is not a record of unfinished work'
    except (OSError, ValueError) as error:
        problem = str(error)
    if problem:
        raise UserError(
            f'{path}: expected the record of unfinished work, but it '
            f'cannot be used ({problem}). Rename {folder}, or remove '
            'it yourself to start anew.')
    return state


def _is_state(state: object) -> bool:
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
