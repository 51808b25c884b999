"""Time a network against this machine; see `--help`."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':
    sys.exit(main(['benchmark', *sys.argv[1:]]))
