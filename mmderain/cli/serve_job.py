"""One job of ``mmderain serve``: a process of its own, which may crash.

It looks at the upload, derains it and writes what the page shows. What happens
it tells as ``mmderain derain --json-progress`` does; it ends by itself when
nobody reads that any more.
"""

import argparse
import json
import sys
from pathlib import Path

from mmderain.cli import derain
from mmderain.cli.common import run
from mmderain.cli.progress_lines import JsonLines
from mmderain.errors import UserError

# by which previews and maps are written, which the page shows, and sound stays
# out that the output cannot hold
_WRITTEN = ('--preview', 'side', '--save-maps', '--leave-out-streams',
            '--json-progress')


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = argparse.ArgumentParser(prog='python -m mmderain.cli.serve_job')
    parser.add_argument('source', type=Path, help='in a folder of its own')
    parser.add_argument('target', type=Path)
    parser.add_argument('limits', type=json.loads)
    parser.add_argument('options', nargs='*', help='of mmderain derain')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Do the job; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: do_job(args), say=JsonLines().end)


def do_job(args: argparse.Namespace) -> None:
    """Look, derain, and write what is shown.

    Raises:
        UserError: It cannot be done.
    """
    from mmderain.serve.limits import Limits
    from mmderain.serve.look import look
    from mmderain.serve.view import write_view

    look(args.source, Limits(**args.limits))
    derain.derain(derain.build_parser().parse_args([
        str(args.source), str(args.target), *_WRITTEN, *args.options]))
    try:
        with JsonLines().begin(args.target, None, None, 0) as count:
            write_view(args.target, count)
    except UserError as error:  # the result is there all the same
        JsonLines().note(f'The result cannot be shown here: {error}')


if __name__ == '__main__':  # the processes it starts import this file
    sys.exit(main())
