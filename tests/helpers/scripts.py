"""The scripts of tools/, in this process."""

import sys
from importlib import import_module
from unittest.mock import patch

from tests.tiny import ROOT


def status_of(script: str, words: list[str]) -> int:
    """What a script ends with."""
    with patch.object(sys, 'path', [str(ROOT / 'tools'), *sys.path]):
        try:
            return import_module(script).main(words)
        except SystemExit as stop:  # argparse
            return stop.code
