"""Render rain over clean frames: see ``--help`` and docs/synthesis.md."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':
    sys.exit(main(['synthesize', *sys.argv[1:]]))
