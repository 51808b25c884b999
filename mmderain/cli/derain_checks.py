"""Options of ``mmderain derain`` that do not go together, before any work."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.cli.common import require_local_checkpoint
from mmderain.cli.derain_encoding import (
    OF_ENCODERS,
    check_encoding_arguments,
)
from mmderain.cli.model_settings import check_settings
from mmderain.errors import UserError
from mmderain.methods import get_method
from mmderain.weights import find_weights, require_no_name

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.jobs.archive_list import Entry


def check_arguments(args: argparse.Namespace, is_archive: bool) -> None:
    """Complain about what needs no slow import to be seen.

    Args:
        args: The options.
        is_archive: Whether there is, or may be, more than one input.

    Raises:
        UserError: Options are missing, or exclude each other.
        CheckpointError: There is no such file.
    """
    for option in ('shard', 'summary', 'stage_dir'):
        if not is_archive and getattr(args, option) is not None:
            name = f'--{option.replace("_", "-")}'
            raise UserError(
                f'{name} is for an archive, expected with --list or '
                f'--output-dir, got one video alone. Leave {name} out.')
    if args.hwaccel is not None and args.skip_bad_frames:
        raise UserError('--hwaccel: hardware does not tell which frames are '
                        'damaged, as --skip-bad-frames has to know. Leave one '
                        'of them out.')
    if args.device is not None and args.devices is not None:
        raise UserError('expected --device or --devices, not both.')
    if args.tile is None and args.tile_overlap is not None:
        raise UserError('--tile-overlap: expected with tiles, got --tile '
                        'none. Leave one of them out.')
    check_settings(args)
    check_encoding_arguments(args)
    if args.checkpoint is None:
        find_weights(args.model)
    else:
        require_no_name(args.checkpoint)
        require_local_checkpoint(args.checkpoint)
        if args.model is not None:
            get_method(args.model)


def check_dry_run(args: argparse.Namespace, entries: 'list[Entry]') -> None:
    """Refuse to look at what is not on this machine.

    Raises:
        UserError: ``--dry-run`` asks for it.
    """
    stored = next((entry for entry in entries if entry.is_stored), None)
    if args.dry_run and stored is not None:
        raise UserError(
            f'--dry-run looks at files of this machine, and {stored.source} '
            f'or {stored.target} is in a store. Leave it out, or name files.')


def check_use(args: argparse.Namespace,
              jobs: Sequence[tuple[Path, Path]]) -> None:
    """Refuse outputs without a name, and options that would have no effect.

    Args:
        args: The options.
        jobs: Inputs and outputs.

    Raises:
        UserError: One would have none.
    """
    from mmderain.jobs.output_name import check_name
    from mmderain.jobs.outputs import OUTPUT_SUFFIXES
    from mmderain.media.images import is_image

    for _, target in jobs:
        if isinstance(target, Path):
            check_name(target)
    videos = [source for source, target in jobs
              if target.suffix.lower() in OUTPUT_SUFFIXES]
    for option in (*OF_ENCODERS, 'no_sound'):
        if not videos and getattr(args, option) not in (None, False):
            name = f'--{option.replace("_", "-")}'
            raise UserError(
                f'{name} is for videos, expected an output that ends in '
                f'{", ".join(OUTPUT_SUFFIXES)}, got images. Leave {name} '
                'out, or name a video.')
    if args.fps is not None and not any(
            source.is_dir() or is_image(source) for source in videos):
        raise UserError(
            f'--fps {args.fps}: expected images that are made a video; a '
            'video has a rate of its own, which is kept, and images have '
            'none. Leave --fps out.')
