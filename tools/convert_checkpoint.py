"""Convert an official checkpoint; see `--help`."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':
    sys.exit(main(['convert', *sys.argv[1:]]))
