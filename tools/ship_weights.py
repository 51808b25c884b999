"""Make shipped weights of a training checkpoint; see `--help`."""

import sys

from mmderain.cli.ship_weights import main

if __name__ == '__main__':
    sys.exit(main())
