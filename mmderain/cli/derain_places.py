"""What is derained and where it goes, however it was spelt.

``INPUT OUTPUT``, or with names: ``-i INPUT -o OUTPUT``. What has no name is
among the paths, so that ``-i INPUT OUTPUT`` and ``INPUT... -o OUTPUT`` mean
the same. An output that ends with a slash is a folder to write into.
"""

import argparse
import glob
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.errors import UserError
from mmderain.media.live_address import NEVER_STORED, LiveAddress
from mmderain.media.video_pages import instead_of_page, is_page
from mmderain.stores import READ_ONLY, StoreUrl, parse_place

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.jobs.archive_list import Entry

_SPELLINGS = ('INPUT OUTPUT, or -i INPUT -o OUTPUT; several inputs go into a '
              'folder: -o FOLDER/')


@dataclass(frozen=True)
class Places:
    """Inputs and where they go, as they were named.

    Args:
        inputs: Videos, folders, images, patterns.
            Or one that is live.
        output: Of the one input; None where there is a folder instead.
        folder: Gets the outputs under the names of the inputs.
        is_archive: Whether there is, or may be, more than one input; it has
            records then.
    """

    inputs: tuple[Path | StoreUrl | LiveAddress, ...]
    output: Path | LiveAddress | None
    folder: Path | StoreUrl | None
    is_archive: bool

    @property
    def is_live(self) -> bool:
        """Whether the input or the output is live."""
        return any(isinstance(place, LiveAddress)
                   for place in (*self.inputs, self.output))


def read_places(args: argparse.Namespace) -> Places:
    """Understand the paths and ``-i``, ``-o``, ``--output-dir``, ``--list``.

    Raises:
        UserError: Something is missing, or said twice.
    """
    inputs, output = _parted(args)
    for text in filter(is_page, inputs):
        raise UserError(f'{text} is a page that shows a video, expected the '
                        f'video itself: {instead_of_page(text)}')
    folder = args.output_dir and parse_place(args.output_dir)
    live = [text for text in (*inputs, output or '')
            if LiveAddress.parse(text)]
    if live:
        for option in ('output_dir', 'list'):
            if getattr(args, option) is not None:
                name = f'--{option.replace("_", "-")}'
                raise UserError(f'{name} is for files, and {live[0]} is live: '
                                f'name one input and one output, without '
                                f'{name}.')
        if len(inputs) != 1 or output is None:
            raise UserError(f'{live[0]} is live, expected one input and one '
                            'output with it, and no others.')
        if args.segment_time is not None:
            output = _named_segments(output)
        return Places((_place(inputs[0]), ), _place(output), None, False)
    _check_stored(args, inputs, output)
    if output is not None and folder is not None:
        raise UserError(f'expected -o {output} or --output-dir {folder}, not '
                        'both: each says where the output goes.')
    if output is not None:
        # a slash alone is no name that somebody means
        names_folder = output.endswith('/') and output.strip('/') != ''
        if args.list is not None or _are_several(inputs):
            # one path of many is none that somebody has called the output
            is_said = args.output is not None or len(inputs) == 1
            _require_folder(output, names_folder, is_said)
            folder = parse_place(output)
        elif names_folder and not _is_folder_of_frames(inputs[0]):
            return Places((parse_place(inputs[0]), ), None,
                          parse_place(output), False)
    if args.list is None and folder is None:
        return Places((parse_place(inputs[0]), ), parse_place(output), None,
                      False)
    return Places(tuple(map(parse_place, inputs)), None, folder, True)


def find_work(args: argparse.Namespace, places: Places,
              note: Callable[[str], object]) -> 'list[Entry]':
    """Inputs and outputs, one for one.

    Args:
        args: The other options.
        places: What was named.
        note: Told what is passed over.

    Raises:
        UserError: As of ``find_entries``.
    """
    from mmderain.jobs.archive_list import Entry, find_entries, output_name

    if places.is_archive:
        return find_entries(places.inputs, args.list, places.folder,
                            args.shard or (0, 1), note)
    source, = places.inputs
    return [Entry(source, places.output if places.folder is None
                  else places.folder / output_name(source))]


def _parted(args: argparse.Namespace) -> tuple[list[str], str | None]:
    """Inputs, and the output if one is named."""
    inputs, output, rest = list(args.input), args.output, list(args.paths)
    takes_output = (output is None and args.output_dir is None
                    and args.list is None)
    if takes_output and rest and (inputs or len(rest) > 1):
        output = rest.pop()
    if inputs and rest:
        raise UserError(
            f'{rest[0]}: expected inputs with -i or without, got both. '
            f'Expected {_SPELLINGS}.')
    inputs += rest
    if not inputs and args.list is None:
        raise UserError(f'there are no inputs: expected {_SPELLINGS}.')
    if takes_output and output is None:
        given = Path(inputs[0])
        raise UserError(
            f'{inputs[0]}: expected {_SPELLINGS}; got no output. For example: '
            f'mmderain derain {given} {given.stem}_clean{given.suffix}')
    return inputs, output


def _place(text: str) -> Path | LiveAddress:
    return LiveAddress.parse(text) or Path(text)


def _check_stored(args: argparse.Namespace, inputs: list[str],
                  output: str | None) -> None:
    """Refuse stores but in an archive, which has records there."""
    is_named = args.output_dir is not None or (
        args.list is not None and output is None)
    stored = [text for text in (*inputs, output or '')
              if StoreUrl.parse(text)]
    for text in stored:
        if StoreUrl.parse(text).scheme in NEVER_STORED:
            raise UserError(
                f'{text}: expected a path or an address of a kind that is '
                'received: rtsp, rtmp, udp or http, and %20 where a space is. '
                'ffmpeg receives others: ffmpeg -i ADDRESS -f mpegts - | '
                'mmderain derain - ...')
    if stored and not is_named:
        raise UserError(
            f'{stored[0]} is in a store: expected it in an archive. Name '
            'inputs, or a --list of them, and the folder of the outputs as '
            '--output-dir.')
    folder = StoreUrl.parse(args.output_dir or '')
    if folder is not None and folder.scheme in READ_ONLY:
        raise UserError(f'--output-dir {folder}: expected a folder, or a '
                        'store such as s3://bucket/clean, but '
                        f'{folder.scheme}:// can only be read. Choose another '
                        'one.')


def _named_segments(output: str) -> str:
    """The pattern of files, also where their folder is named alone."""
    from mmderain.media.segment_names import DEFAULT_NAME

    is_folder = output.endswith('/') or Path(output).is_dir()
    return str(Path(output, DEFAULT_NAME)) if is_folder else output


def _are_several(inputs: list[str]) -> bool:
    """Whether there are, or may be, several videos in what is named."""
    if len(inputs) != 1:
        return True
    path = parse_place(inputs[0])
    if path.is_dir():
        return not _is_folder_of_frames(inputs[0])
    return glob.has_magic(inputs[0]) and not path.exists()


def _is_folder_of_frames(name: str) -> bool:
    path = parse_place(name)
    if not path.is_dir():
        return False
    from mmderain.jobs.clip_tree import clips_in, holds_frames

    # what is neither is told later what it should be
    return holds_frames(path) or not clips_in(path, lambda text: None)


def _require_folder(output: str, names_folder: bool, is_said: bool) -> None:
    """Refuse one output for several inputs."""
    path = parse_place(output)
    if names_folder or is_said and (path.is_dir() or not path.suffix):
        return
    raise UserError(
        f'{output}: expected a folder for the outputs of several inputs. Name '
        f'it with a slash at its end, such as -o {path.stem}/.')
