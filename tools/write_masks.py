"""Write raindrop masks of a set of pairs; see `--help`."""

import sys

from mmderain.cli.write_masks import main

if __name__ == '__main__':
    sys.exit(main())
