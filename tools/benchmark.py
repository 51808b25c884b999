"""Time a network against this machine; see `--help`."""

import sys

from mmderain.cli.benchmark import main

if __name__ == '__main__':
    sys.exit(main())
