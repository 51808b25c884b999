"""Data sets of clips: one folder per sequence, under one folder per key."""

import logging
import re
from pathlib import Path

from mmengine.dataset import BaseDataset
from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.fileio import list_from_file
from mmengine.logging import print_log

from mmderain.datasets.checks import check_headers, shortened
from mmderain.errors import DataError
from mmderain.media.images import IMAGE_SUFFIXES, natural_order


class ClipDataset(BaseDataset):
    """Sequences of frames with the same names under every key.

    A sample holds ``key`` (the sequence's name) and, for each key of
    ``data_prefix``, ``{key}_path``, the list of its frames in natural order.
    All problems of the folders are found before training starts, by the first
    process, and reported together.

    Args:
        data_prefix: Key to folder, relative to ``data_root``. ``img`` leads:
            its sequences and frames are looked for under the other keys.
        data_root: Folder of the set.
        clip_length: A sequence with fewer frames is a problem.
        max_frames: Use that many frames of each sequence, from its start on.
        check_images: Also read the header of every image: do the sizes fit?
        ann_file: Names of the sequences to use, one a line; all when empty.
        file_prefixes: Key to how its files' names begin, for sets that keep
            several keys in one folder; what follows is the frame's name.
        folder_suffixes: Key to how its sequences' folders end, for sets that
            tell keys apart by it; what stands before is the sequence's name,
            and folders with other endings are not sequences.
        skip_empty: Report a sequence without any image and leave it out,
            instead of refusing the set.
        **kwargs: As for MMEngine's ``BaseDataset``.

    Raises:
        DataError: Lists every problem with its path.
    """

    def __init__(self,
                 data_prefix: dict,
                 data_root: str = '',
                 clip_length: int = 1,
                 max_frames: int | None = None,
                 check_images: bool = True,
                 ann_file: str = '',
                 file_prefixes: dict | None = None,
                 folder_suffixes: dict | None = None,
                 skip_empty: bool = False,
                 **kwargs) -> None:
        self.file_prefixes = dict(file_prefixes or {})
        self.folder_suffixes = dict(folder_suffixes or {})
        self.skip_empty = skip_empty
        self.clip_length = clip_length
        self.max_frames = max_frames
        self.check_images = check_images
        super().__init__(ann_file=ann_file, data_root=data_root,
                         data_prefix=data_prefix, **kwargs)

    def load_data_list(self) -> list[dict]:
        """Find the sequences and check them."""
        found = [None, None]
        if is_main_process():
            clips, problems = self._find_clips()
            if self.check_images and not problems:
                problems = check_headers(clips)
            found = [clips, problems]
        broadcast_object_list(found)
        clips, problems = found
        if problems:
            raise DataError(
                f'{type(self).__name__}: {len(problems)} problem(s) in the '
                'data:\n  ' + '\n  '.join(shortened(problems)))
        return clips

    def _find_clips(self) -> tuple[list[dict], list[str]]:
        folders = {key: Path(path) for key, path in self.data_prefix.items()}
        problems = [f'{path}: no such folder (data_prefix.{key})'
                    for key, path in folders.items() if not path.is_dir()]
        if problems:
            return [], problems
        names, problems = self._sequence_names(folders['img'])
        clips = []
        for name in names:
            clip, wrong = self._find_clip(name, folders)
            if self.skip_empty and not any(
                    value for key, value in clip.items() if key != 'key'):
                print_log(f'{folders["img"] / name}: no images in it; the '
                          'sequence is left out', 'current', logging.WARNING)
                continue
            clips.append(clip)
            problems += wrong
        if not clips and not problems:
            problems = [f'{folders["img"]}: all {len(names)} sequences are '
                        'empty']
        for key, folder in folders.items():
            if key != 'img' and not self.ann_file:
                suffix = self.folder_suffixes.get(key, '')
                extra = set(_sequences(folder, suffix)) - set(names)
                problems += [f'{folder / name}{suffix}: no such sequence in '
                             f'{folders["img"]}' for name in sorted(extra)]
        return clips, problems

    def _sequence_names(self, folder: Path) -> tuple[list[str], list[str]]:
        if self.ann_file:
            if not Path(self.ann_file).is_file():
                return [], [f'{self.ann_file}: no such file (ann_file)']
            # MMagic's lists may name the number of frames after the name
            lines = list_from_file(self.ann_file)
            return [line.split()[0] for line in lines if line.strip()], []
        names = sorted(
            _sequences(folder, self.folder_suffixes.get('img', '')),
            key=natural_order)
        if not names:
            return [], [f'{folder}: no sequences in it; expected a folder of '
                        'frames for each']
        return names, []

    def _find_clip(self, name: str,
                   folders: dict[str, Path]) -> tuple[dict, list[str]]:
        """One sequence under all keys, and what is wrong with it."""
        clip, problems, leading = {'key': name}, [], None
        for key, root in folders.items():
            folder = root / f'{name}{self.folder_suffixes.get(key, "")}'
            frames, doubled = _frames(folder, self.file_prefixes.get(key, ''))
            clip[f'{key}_path'] = [str(path) for path in frames.values()]
            problems += [f'{path}: another file has the same frame number '
                         f'({key})' for path in doubled]
            leading = leading or frames
            if not folder.is_dir():
                problems.append(f'{folder}: no such sequence ({key})')
            elif not frames:
                problems.append(f'{folder}: no images in it ({key})')
            elif set(frames) != set(leading):
                problems.append(_unpaired(folder, key, frames, leading))
        count = len(clip['img_path'])
        if 0 < count < self.clip_length:
            problems.append(f'{folders["img"] / name}: {count} frames, a clip '
                            f'needs {self.clip_length}')
        if self.max_frames:
            clip = {key: value[:self.max_frames] if key.endswith('_path')
                    else value for key, value in clip.items()}
        return clip, problems


def _sequences(folder: Path, suffix: str) -> list[str]:
    """Names of the sequences in a folder, without the suffix."""
    return [path.name.removesuffix(suffix) for path in folder.iterdir()
            if path.is_dir() and path.name.endswith(suffix)
            and not path.name.startswith('.')]


def _frames(folder: Path,
            prefix: str) -> tuple[dict[str, Path], list[Path]]:
    """Name of a frame -> file, in natural order; and files of one name.

    The name is the file's without prefix and ending; numbers lose their
    leading zeros, so that a frame has one name under every key.
    """
    frames: dict[str, Path] = {}
    doubled = []
    files = folder.iterdir() if folder.is_dir() else ()
    for path in sorted(files, key=lambda path: (natural_order(path.stem),
                                                path.name)):
        if (path.suffix.lower() in IMAGE_SUFFIXES
                and path.name.startswith(prefix)
                and not path.name.startswith('.')):
            name = re.sub(r'\d+', lambda number: str(int(number[0])),
                          path.stem.removeprefix(prefix))
            if name in frames:
                doubled.append(path)
            frames[name] = path
    return frames, doubled


def _unpaired(folder: Path, key: str, ours: dict[str, Path],
              leading: dict[str, Path]) -> str:
    def some(frames: dict[str, Path], others: dict[str, Path]) -> str:
        listed = [path.stem for name, path in frames.items()
                  if name not in others]
        return ', '.join(listed[:3]) + (' ...' if len(listed) > 3 else '')

    parts = [f'{len(ours)} frames where img has {len(leading)}']
    if leading.keys() - ours.keys():
        parts.append(f'missing {some(leading, ours)}')
    if ours.keys() - leading.keys():
        parts.append(f'not in img {some(ours, leading)}')
    return f'{folder}: {"; ".join(parts)} ({key})'
