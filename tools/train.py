"""Train a model; see `--help`."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':
    sys.exit(main(['train', *sys.argv[1:]]))
