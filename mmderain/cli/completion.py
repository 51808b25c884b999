"""What a shell completes: ``mmderain completion bash``, or zsh."""

import argparse
import importlib
from collections.abc import Mapping

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, path_text
from mmderain.packages import require_packages

_SHELLS = ('bash', 'zsh')


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain completion',
        description='Print what makes a shell complete the commands, their '
                    'options and the names of files.')
    parser.add_argument('shell', choices=_SHELLS)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Print; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: print_completion(args.shell))


def print_completion(shell: str) -> None:
    """Print the script of a shell.

    Raises:
        PackagesError: What writes it is not installed.
    """
    require_packages(['shtab'])
    import shtab

    from mmderain.cli.main import COMMANDS

    print(shtab.complete(whole_parser(COMMANDS, shtab.FILE), shell))


def whole_parser(commands: Mapping[str, tuple[str, str]],
                 files: Mapping[str, str]) -> argparse.ArgumentParser:
    """All commands as one parser.

    Args:
        commands: Their names, modules and what they do.
        files: By what a path is completed.
    """
    parser = argparse.ArgumentParser(prog='mmderain')
    parser.add_argument('--version', action='store_true')
    below = parser.add_subparsers()
    for name, (module, text) in commands.items():
        own = importlib.import_module(f'mmderain.cli.{module}').build_parser()
        for action in own._actions:
            if action.type in (path, path_text):
                action.complete = files
        # with its own --help
        below.add_parser(name, parents=[own], help=text, add_help=False)
    return parser
