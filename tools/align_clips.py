"""Align rendered clips once, before training; see `--help`."""

import sys

from mmderain.cli.align_clips import main

if __name__ == '__main__':
    sys.exit(main())
