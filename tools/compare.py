"""Compare methods on one set under one protocol; see `--help`."""

import sys

from mmderain.cli.compare import main

if __name__ == '__main__':
    sys.exit(main())
