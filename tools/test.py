"""Test a model; see `--help`."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':
    sys.exit(main(['test', *sys.argv[1:]]))
