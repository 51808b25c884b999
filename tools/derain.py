"""Remove rain from a video; see `--help`."""

import sys

from mmderain.cli.derain import main

if __name__ == '__main__':
    sys.exit(main())
