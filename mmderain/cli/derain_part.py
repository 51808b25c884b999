"""Which part of a clip: ``--start``, ``--end`` and ``--duration``."""

import argparse
from typing import TYPE_CHECKING

from mmderain.errors import UserError

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.media.clip_part import Moment


def add_part_arguments(group: argparse._ActionsContainer) -> None:
    """The options, also as FFmpeg spells them."""
    group.add_argument('-ss', '--start', metavar='TIME',
                       help='where to begin: seconds, 1:23.5, or a frame such '
                       'as 250f')
    group.add_argument('-to', '--end', metavar='TIME', help='where to stop')
    group.add_argument('-t', '--duration', metavar='TIME',
                       help='how much, instead of --end: seconds, 1:23.5, or '
                       'frames such as 250f; also of live pictures')


def read_part(args: argparse.Namespace
              ) -> 'tuple[Moment | None, Moment | None]':
    """The beginning and the end; None where the clip's own is meant.

    Raises:
        UserError: One is no moment, or the end is said twice.
    """
    start, length = _moment('--start', args.start), read_duration(args)
    if length is None:
        return start, _moment('--end', args.end)
    try:
        return start, length.after(start)
    except UserError as error:
        raise UserError(f'--duration: {error}') from error


def read_duration(args: argparse.Namespace) -> 'Moment | None':
    """How much; None for all.

    Raises:
        UserError: It is nothing, no length, or there is an end as well.
    """
    length = _moment('--duration', args.duration)
    if length is None:
        return None
    if args.end is not None:
        raise UserError('expected --end, a moment, or --duration, a length, '
                        'not both.')
    if not (length.seconds or length.frame):
        raise UserError('--duration: expected more than 0, got '
                        f'{args.duration}.')
    return length


def _moment(option: str, text: str | None) -> 'Moment | None':
    from mmderain.media.clip_part import Moment

    try:
        return None if text is None else Moment.parse(text)
    except UserError as error:
        raise UserError(f'{option}: {error}') from error
