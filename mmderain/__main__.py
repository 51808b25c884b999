"""``python -m mmderain COMMAND``: the commands where none is installed."""

import sys

from mmderain.cli.main import main

if __name__ == '__main__':  # the processes it starts import this file
    sys.exit(main())
