"""What is written: the output itself, and what was asked for beside it."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmderain.errors import UserError
from mmderain.file_kinds import require_file
from mmderain.jobs.anywhere import Anywhere
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.output_name import check_name
from mmderain.media.containers import CONTAINERS, instead_of
from mmderain.media.encoder_trial import check_encoding
from mmderain.media.frame_folder import check_replaceable, marked_frames
from mmderain.media.frame_source import FrameSource
from mmderain.media.image_sink import ImageSink
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.media.video_info import VideoInfo
from mmderain.media.video_sink import VideoSink, upright_info
from mmderain.unwritten import require_replaceable

OUTPUT_SUFFIXES = tuple(CONTAINERS)
_LONGEST_NAME = 240  # of 255 that disks take; .parts and .done.json follow
PARTS_SUFFIX, STATE_NAME = '.parts', 'state.json'
MAIN = 'output'
PREVIEW = 'preview'


def output_targets(target: Path, options: DerainOptions,
                   map_names: Sequence[str]) -> dict[str, Path]:
    """Name of a track -> where it goes; the output itself is the first."""
    tracks = [PREVIEW] if options.preview else []
    if options.save_maps:
        tracks += map_names
    stem, suffix = target.stem, target.suffix
    return {MAIN: target, **{
        track: target.with_name(f'{stem}.{track}{suffix}')
        if suffix else target.with_name(f'{stem}_{track}')
        for track in tracks}}


def parts_path(target: Path) -> Path:
    """Where the unfinished work of an output is."""
    return target.with_name(f'{target.name}{PARTS_SUFFIX}')


def there_already(place: Anywhere) -> UserError:
    """What is said of an output that is there, and may be one of thousands."""
    return UserError(
        f'{place} is there already. Move it away, choose another output, or '
        'add --overwrite, which replaces all outputs that are there.')


@dataclass(frozen=True)
class OutputTracks:
    """Names of tracks and where they go; the output itself is the first.

    Args:
        source: The input.
        target: The output.
        options: What else is asked for.
        map_names: The maps that there are.
    """

    source: FrameSource
    target: Path
    options: DerainOptions
    map_names: tuple[str, ...]

    def check(self) -> None:
        """Refuse outputs that cannot be, before any work.

        Raises:
            UserError: One is of an unknown kind, holds the input or is within
                it, is a folder that is not ours, or would get two frames
                under one name.
        """
        check_name(self.target)
        longest = max((path.name for path in self.targets.values()),
                      key=lambda name: len(os.fsencode(name)))
        if len(os.fsencode(longest)) > _LONGEST_NAME:
            raise UserError(
                f'{longest}: expected a name of {_LONGEST_NAME} bytes at '
                'most, so that unfinished work and records can be kept '
                'beside the output. Choose a shorter one.')
        single = not self.source.is_video and not self.source.path.is_dir()
        known = ('', *OUTPUT_SUFFIXES, *(IMAGE_SUFFIXES if single else ()))
        if self.target.suffix.lower() not in known:
            raise UserError(
                f'{self.target}: expected a folder or a file with one of the '
                f'suffixes {", ".join(known[1:])}, got '
                f'{self.target.suffix!r}.{instead_of(self.target)}')
        inputs = [self.source.path]
        if self.options.mask is not None:
            inputs.append(self.options.mask)
        check_apart([(inputs, [*self.targets.values(),
                               parts_path(self.target)])])
        for path in self.targets.values():
            self._check_folder(path)
            if not path.suffix:
                self._check_frame_names()

    def _check_folder(self, path: Path) -> None:
        """Refuse a folder that is there, unless it may be replaced."""
        if not path.is_dir():
            if self.options.overwrite and not path.suffix and (
                    os.path.lexists(path)):
                check_replaceable(path)  # by a folder, what is none
            return
        if self.options.resume and not self.options.overwrite \
                and marked_frames(path) is not None:
            return  # perhaps put there by what is resumed
        if path.suffix or not self.options.overwrite:
            name = path / f'{self.source.path.stem}.mp4'
            if name.resolve() == self.source.path.resolve():
                name = path / 'clean.mp4'
            raise UserError(
                f'{path} is a folder. Name a file in it, such as {name}, or '
                'an output that does not exist yet.')
        check_replaceable(path)

    def _check_frame_names(self) -> None:
        seen: dict[str, Path] = {}
        for path in self.source.images or ():
            # many disks take upper and lower case for the same
            other = seen.setdefault(path.stem.casefold(), path)
            if other is not path:
                raise UserError(
                    f'{path} and {other.name} would be written under one '
                    f'name, {path.stem}.png. Rename one of them, or move it '
                    'out of the folder.')

    def check_free(self, ours: Iterable[Path]) -> None:
        """Refuse outputs that are there already, unless they may be replaced.

        Args:
            ours: Those that this very job has put there.

        Raises:
            UserError: One is there, or is a device or a pipe, which nothing
                may replace, or is another user's where that decides.
        """
        ours = set(ours)
        for path in self.targets.values():
            require_file(path)
            require_replaceable(path)
            if (os.path.lexists(path) and not self.options.overwrite
                    and path not in ours):
                raise there_already(path)

    @property
    def targets(self) -> dict[str, Path]:
        """Name of a track -> where it goes."""
        return output_targets(self.target, self.options, self.map_names)

    def check_encodings(self) -> None:
        """Refuse videos that cannot be encoded or stored, before any work.

        Raises:
            UserError: An encoder or a container does not take what it would
                be given.
        """
        for track, target in self.targets.items():
            if target.suffix.lower() in OUTPUT_SUFFIXES:
                check_encoding(self._info(track), self.options.encoding,
                               target)

    def sinks(self, folder: Path) -> dict[str, VideoSink | ImageSink]:
        """Name of a track -> what writes it.

        Args:
            folder: Where tracks are while they are not complete.
        """
        return {
            track: VideoSink(folder / track, target, self._info(track),
                             self.options.encoding)
            if target.suffix.lower() in OUTPUT_SUFFIXES
            else ImageSink(folder / track, target)
            for track, target in self.targets.items()}

    def _info(self, track: str) -> VideoInfo:
        """Of the frames of a track."""
        if track == MAIN:
            return self.source.info
        is_wide = track == PREVIEW and self.options.preview == 'side'
        return upright_info(self.source.info, 2 if is_wide else 1)


def check_apart(jobs: Sequence[tuple[Sequence[Path], Sequence[Path]]]
                ) -> None:
    """Refuse inputs and outputs that would destroy each other.

    Args:
        jobs: For each, its inputs and all of its outputs.

    Raises:
        UserError: An input is an output or inside one, an output is inside an
            input, or two outputs have one name or lie in each other.
    """
    find = _Places()
    names: dict[str, Path] = {}
    outputs: dict[Path, Path] = {}
    for _, paths in jobs:
        for path in paths:
            place = find(path)
            # many disks take upper and lower case for the same
            other = names.setdefault(str(place).casefold(), path)
            if other is not path:
                raise UserError(
                    f'two outputs would have one name: {path} and {other}. '
                    'Name them otherwise, in a CSV of input,output.')
            outputs[place] = path
    inputs = {find(path): path for paths, _ in jobs for path in paths}
    for place, path in inputs.items():
        holder = _first_of((place, *place.parents), outputs)
        if holder is not None:
            raise UserError(
                f'{holder}: expected an output outside the input {path}, got '
                'the input itself or a folder that holds it. Choose another '
                'output.')
    for place, path in outputs.items():
        holder = _first_of(place.parents, inputs)
        if holder is not None:
            raise UserError(f'{path}: expected an output outside the input '
                            f'{holder}. Choose another output.')
        holder = _first_of(place.parents, outputs)
        if holder is not None:
            raise UserError(f'{path}: expected an output outside the output '
                            f'{holder}. Choose another output.')
    known = {identity: path for path in inputs.values()
             if (identity := _identity(path)) is not None}
    for path in outputs.values():
        source = known.get(_identity(path))
        if source is not None and path.is_file():
            raise UserError(
                f'{path}: expected an output that is not the input {source} '
                'by another name. Choose another output.')


class _Places:
    """Gives paths of one place one name.

    A folder may be mounted at two places, and some disks take upper and lower
    case for the same.
    """

    def __init__(self) -> None:
        self._names: dict[Path, Path] = {}
        self._folders: dict[tuple[int, int], Path] = {}

    def __call__(self, path: Path) -> Path:
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError) as error:
            raise UserError(f'{path}: expected a path, but its links lead '
                            'nowhere or in a circle. Choose another one.'
                            ) from error
        # what is in a store has one name
        return self._name(resolved) if isinstance(resolved, Path) else resolved

    def _name(self, path: Path) -> Path:
        if path == path.parent:
            return path
        if path not in self._names:
            name = self._name(path.parent) / path.name
            # a file may have two names, of which one can be replaced
            identity = _identity(path)
            if identity is not None and path.is_dir():
                name = self._folders.setdefault(identity, name)
            self._names[path] = name
        return self._names[path]


def _identity(path: Path) -> tuple[int, int] | None:
    """By what the system knows a file or folder; None where none is."""
    if not isinstance(path, Path):
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _first_of(places: Iterable[Path], known: Mapping[Path, Path]
              ) -> Path | None:
    return next((known[place] for place in places if place in known), None)
