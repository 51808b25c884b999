"""What comes with the package: ``mmderain models``."""

import argparse

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.errors import CheckpointError
from mmderain.methods import METHODS
from mmderain.weights import (
    FOLDER,
    OF_DROPS,
    SHIPPED,
    ShippedWeights,
    checked_path,
)


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    return CommandParser(
        prog='mmderain models',
        description='List the weights that come with mmderain and what they '
                    'are good for. "mmderain derain" takes the default ones '
                    'where none are named.')


def main(argv: list[str] | None = None) -> int:
    """List; returns the exit status."""
    build_parser().parse_args(argv)
    return run(list_models)


def list_models() -> int:
    """Print the table.

    Returns:
        int: 0, or 1 where a file is missing or damaged.
    """
    if not SHIPPED:
        print('no weights come with this version: name a checkpoint with '
              '"mmderain derain --checkpoint FILE"')
    states = [_print_entry(
        entry, entry is SHIPPED[0] or entry.name == OF_DROPS)
        for entry in SHIPPED]
    theirs = sorted(name for name, method in METHODS.items()
                    if method.conversion is not None)
    print('mmderain derain takes each by --model NAME. Weights of '
          f'{", ".join(theirs)} are their authors\': mmderain convert makes '
          'files for --checkpoint of them')
    return 0 if all(states) else 1


def _print_entry(entry: ShippedWeights, is_default: bool) -> bool:
    """Print one; returns whether its files are whole."""
    print(f'{entry.name}{" (default)" if is_default else ""}\n'
          f'  {entry.good_for}\n'
          f'  method {entry.method}, {entry.size / 1e6:.2f} MB, SHA-256 '
          f'{entry.sha256[:12]}\n'
          + (f'  guide {entry.guide}, in whose frames motion is found\n'
             if entry.guide else '') +
          f'  card: {FOLDER / entry.card}')
    try:
        for file in entry.files:
            checked_path(file)
    except CheckpointError as error:
        print(f'  damaged: {error}')
        return False
    return True
