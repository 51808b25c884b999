"""Convert an official checkpoint; see `--help`."""

import sys

from mmderain.cli.convert import main

if __name__ == '__main__':
    sys.exit(main())
