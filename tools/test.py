"""Test a model; see `--help`."""

import sys

from mmderain.cli.test import main

if __name__ == '__main__':
    sys.exit(main())
