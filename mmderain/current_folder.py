"""Where Python looks for modules: in the current folder last.

``python -m mmderain`` lets Python look there first, and beside somebody's
videos may lie a numpy.py or a random.py of theirs. Configs may want what is
there, so that it is not left out. This is imported before anything else.
"""

import os
import sys


def _look_there_last() -> None:
    """Move it to the end, while Python is still looking for what ``-m`` names.

    Where mmderain itself is taken from there it stays in its place.
    """
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        here = os.getcwd()
    except FileNotFoundError:  # it has been removed, as is said later
        return
    if sys.argv[:1] == ['-m'] and sys.path[:1] == [here] != [ours]:
        sys.path.append(sys.path.pop(0))


_look_there_last()
