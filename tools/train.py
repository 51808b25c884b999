"""Train a model; see `--help`."""

import sys

from mmderain.cli.train import main

if __name__ == '__main__':
    sys.exit(main())
