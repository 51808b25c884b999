"""What is fastest is tried once on a machine, and remembered.

What one processor gains another loses: some convolve more slowly in bfloat16
than in float32, though they have instructions for it.
"""

import logging
import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from mmderain.errors import UserError
from mmderain.file_kinds import no_file
from mmderain.files import parse_json, write_json

# half precision costs accuracy, so it has to gain something
LEAST_GAIN = 1.1
_TRIES = 3
_LOG = logging.getLogger(__name__)


def remembered(key: str, find: Callable[[], str],
               choices: tuple[str, ...]) -> str:
    """What was found before, or is found now.

    Args:
        key: All that the answer depends on: processor, versions and the like.
        find: Tries it.
        choices: What the answer may be; whatever else a file says is none.
    """
    known = _known()
    if known.get(key) not in choices:
        _LOG.info('trying once which is faster here, %s: some seconds',
                  ' or '.join(choices))
        found = find()
        # others may be trying, too
        known = {**_known(), key: found}
        # nothing is lost but the seconds it took
        with suppress(UserError, RuntimeError):
            write_json(_file(), known, parents=True)
    return known[key]


def best_seconds(ways: Mapping[str, Callable[[], object]]
                 ) -> dict[str, float]:
    """The least time that each of several ways takes, in turns.

    In turns, as other work on the machine comes and goes.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(_TRIES):
        for name, run in ways.items():
            began = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - began)
    return {name: min(seconds) for name, seconds in taken.items()}


def _file() -> Path:
    """Where it is kept.

    Raises:
        RuntimeError: There is no home folder.
    """
    folder = os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache'
    return Path(folder) / 'mmderain' / 'trials.json'


def _known() -> Mapping[str, str]:
    """What was found before."""
    try:
        if no_file(_file()):
            return {}
        known = parse_json(_file().read_text(encoding='utf-8'))
    except (OSError, ValueError, RuntimeError):
        return {}
    return known if isinstance(known, dict) else {}
