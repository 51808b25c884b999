"""Rendering sets of clips in several processes, as two commands do."""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from mmderain.cli.clip_engine import add_spread_arguments
from mmderain.cli.option_types import path, whole
from mmderain.errors import DataError, UserError
from mmderain.file_kinds import no_file
from mmderain.files import digest, parse_json
from mmderain.synthesis.clip_store import ClipStore
from mmderain.synthesis.footage import Footage
from mmderain.synthesis.training_clips import settings_from
from mmderain.version import __version__

_CHUNK = 16  # clips that a process makes before it reports
_worker: tuple[Any, ClipStore] | None = None


def add_rendering_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of every command that renders clips."""
    parser.add_argument('--seed', type=whole(0), default=0,
                        help='same seed, same clips (default: 0)')
    parser.add_argument('--settings', type=path, metavar='FILE',
                        help='JSON of settings that differ from the '
                             'defaults; the meta.json of a set will do')
    add_spread_arguments(parser)
    parser.add_argument('--sheet', type=whole(0), default=48, metavar='N',
                        help='clips in the picture sheet.png; 0 for none '
                             '(default: 48)')
    parser.add_argument('--overwrite', action='store_true',
                        help='make clips anew that are there')


def add_footage_arguments(parser: argparse.ArgumentParser,
                          free_of: str) -> None:
    """The options that name real footage.

    Args:
        parser: Of a command.
        free_of: What must not be in it.
    """
    parser.add_argument('--footage', type=path, nargs='+', default=(),
                        metavar='FOLDER', help='with real videos and '
                        f'pictures without {free_of}; scenes are simulated '
                        'alone where there are none')
    parser.add_argument('--hold-out', nargs='+', default=(), metavar='NAME',
                        help='what to leave out of the footage: beginnings '
                        "of files' names")


def checked_footage(args: argparse.Namespace, size: tuple[int, int]
                    ) -> dict[str, str]:
    """The digests of the footage that is named, by the names of its files.

    Raises:
        UserError: Something of it cannot be used.
    """
    footage = Footage(tuple(args.footage), tuple(args.hold_out))
    footage.check(size)
    return {path.name: digest(path)
            for path in (*footage.videos, *footage.pictures)}


def read_settings(path: Path | None, base: Any) -> Any:
    """The settings of a JSON file, or of the record of a set.

    Args:
        path: None for those of ``base``.
        base: What they differ from.

    Raises:
        UserError: The file cannot be read, or has no such settings.
    """
    if path is None:
        return base
    problem = no_file(path)
    if problem:
        raise DataError(f'{path}: expected a JSON file, but {problem}. Fix '
                        'the path.')
    try:
        values = parse_json(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise DataError(f'{path}: expected JSON, got "{error}". Fix the path '
                        'or the file.') from error
    if isinstance(values, dict) and 'opencv' in values:  # a set's meta.json
        values = values.get('settings', {})
    try:
        return settings_from(values, base)
    except UserError as error:
        raise DataError(f'{path}: {error}') from error


def stopped_message(overwrite: bool) -> str:
    """What to say after Ctrl-C."""
    return ('stopped; the same command without --overwrite resumes from here'
            if overwrite else 'stopped; the same command resumes from here')


@dataclass(frozen=True)
class Rendered:
    """What came of :func:`render_into`.

    Args:
        facts: Of every clip, in order.
        new: How many clips were made just now.
        seconds: How long that took.
    """

    facts: list[dict]
    new: int
    seconds: float


def render_into(store: ClipStore, count: int, meta: dict,
                build_renderer: Callable[[], Any],
                args: argparse.Namespace, spread: Callable, title: str
                ) -> Rendered:
    """Render the clips that a store lacks.

    Args:
        store: Prepared here.
        count: Clips in all.
        meta: All that decides the clips, fit for JSON.
        build_renderer: Called in every process. A clip of its
            ``render(index)`` has ``arrays``, in the store's order, and
            ``facts``.
        args: Of :func:`add_rendering_arguments`.
        spread: Of :func:`~mmderain.cli.clip_engine.spread_of`, asked before
            a folder is made.
        title: Of the bar.

    Raises:
        UserError: Other clips are there, or the disk is full.
    """
    store.prepare(dict(
        version=__version__, numpy=np.__version__, opencv=cv2.__version__,
        seed=args.seed, clips=count, **meta), args.overwrite)
    done = store.facts()
    store.arrays()
    began = time.monotonic()
    missing = [index for index in range(count) if index not in done]
    chunks = [missing[at:at + _CHUNK]
              for at in range(0, len(missing), _CHUNK)]
    with tqdm(total=count, initial=len(done), desc=title,
              unit='clip') as progress:
        for facts in spread(
                _render_chunk, chunks, start=_start_worker,
                start_args=(build_renderer, store)):
            store.add_facts(facts)
            progress.update(len(facts))
    facts = store.facts()
    return Rendered([facts[index] for index in sorted(facts)], len(missing),
                    time.monotonic() - began)


def _start_worker(build_renderer: Callable[[], Any],
                  store: ClipStore) -> None:
    global _worker
    cv2.setNumThreads(1)
    _worker = build_renderer(), store


def _render_chunk(indices: list[int]) -> list[dict]:
    """Render clips into the store; what they show."""
    renderer, store = _worker
    facts = []
    for index in indices:
        clip = renderer.render(index)
        store.write(index, clip.arrays)
        facts.append(clip.facts)
    return facts
