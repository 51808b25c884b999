"""The command that renders a set of clips to train on."""

import argparse
import json
import os
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from mmderain.cli.common import run
from mmderain.cli.synthesize import at_least
from mmderain.errors import DataError
from mmderain.processes import in_processes
from mmderain.synthesis.clip_store import ClipStore
from mmderain.synthesis.free_pictures import FREE_PICTURES
from mmderain.synthesis.training_clips import (
    SPLITS,
    TrainingClipRenderer,
    TrainingClipSettings,
    settings_from,
)
from mmderain.version import __version__

_CHUNK = 16  # clips that a process makes before it reports
_worker: tuple[TrainingClipRenderer, ClipStore] | None = None


def build_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(
        prog='render_clips',
        description='Render short clips in varied rain, and their clean '
                    'centre frames, to train a network on. A run that was '
                    'stopped resumes where it was when started again.')
    parser.add_argument('output', type=Path, metavar='OUTPUT',
                        help='folder of the set; train and val are made in it')
    parser.add_argument('--train', type=at_least(0), default=4800,
                        metavar='N', help='training clips (default: 4800)')
    parser.add_argument('--val', type=at_least(0), default=300, metavar='N',
                        help='validation clips, of other pictures '
                             '(default: 300)')
    parser.add_argument('--seed', type=at_least(0), default=0,
                        help='same seed, same clips (default: 0)')
    parser.add_argument('--settings', type=Path, metavar='FILE',
                        help='JSON of settings that differ from the '
                             'defaults; the meta.json of a set will do')
    parser.add_argument('--workers', type=at_least(1), metavar='N',
                        default=os.cpu_count() or 1,
                        help='processes (default: one for each core)')
    parser.add_argument('--sheet', type=at_least(0), default=48, metavar='N',
                        help='clips in the picture sheet.png, which shows '
                             'rainy centre frames beside clean ones; 0 for '
                             'none (default: 48)')
    parser.add_argument('--overwrite', action='store_true',
                        help='make clips anew that are there')
    return parser


def _read_settings(path: Path | None) -> TrainingClipSettings:
    if path is None:
        return TrainingClipSettings()
    try:
        values = json.loads(path.read_text(encoding='utf-8'))
    except (OSError, ValueError) as error:
        raise DataError(f'{path}: expected JSON, got "{error}". Fix the path '
                        'or the file.') from error
    if isinstance(values, dict) and 'opencv' in values:  # a set's meta.json
        values = values.get('settings', {})
    return settings_from(values)


def _start_worker(settings: TrainingClipSettings, seed: int, split: str,
                  store: ClipStore) -> None:
    global _worker
    cv2.setNumThreads(1)
    _worker = TrainingClipRenderer(settings, seed, split), store


def _render_chunk(indices: list[int]) -> list[dict]:
    """Render clips into the store; what they show."""
    renderer, store = _worker
    rainy, truth = store.arrays('r+')
    facts = []
    for index in indices:
        clip = renderer.render(index)
        rainy[index], truth[index] = clip.rainy, clip.truth
        facts.append(clip.facts)
    return facts


def summary_of(facts: list[dict]) -> dict:
    """Shares of kinds of clips, and how rainy they are."""
    rains = [item['rain'] for item in facts if 'rain' in item]
    psnr = [item['psnr'] for item in facts if 'rain' in item]
    count = max(1, len(facts))
    return dict(
        clips=len(facts),
        without_rain=round(1 - len(rains) / count, 4),
        with_distractor=round(
            sum('distractor' in item for item in facts) / count, 4),
        drawn_anew=sum(item['attempt'] for item in facts),
        compositions=dict(Counter(rain['composition'] for rain in rains)),
        psnr_percentiles={
            str(percent): round(float(np.percentile(psnr, percent)), 2)
            for percent in (0, 5, 25, 50, 75, 95, 100)} if psnr else {})


def _render_split(args: argparse.Namespace, split: str, count: int,
                  settings: TrainingClipSettings) -> str:
    """Render one split; the line that says what was made."""
    store = ClipStore(args.output / split, count,
                      (settings.num_frames, *settings.size))
    pictures = {name: FREE_PICTURES[name]._asdict()
                for name in settings.pictures(split)}
    store.prepare(dict(
        version=__version__, numpy=np.__version__, opencv=cv2.__version__,
        seed=args.seed, split=split, clips=count, pictures=pictures,
        settings=asdict(settings)), args.overwrite)
    done = store.facts()
    store.arrays()
    began = time.monotonic()
    missing = [index for index in range(count) if index not in done]
    chunks = [missing[at:at + _CHUNK]
              for at in range(0, len(missing), _CHUNK)]
    with tqdm(total=count, initial=len(done), desc=split,
              unit='clip') as progress:
        for facts in in_processes(
                _render_chunk, chunks, min(args.workers, len(chunks) or 1),
                _start_worker, (settings, args.seed, split, store)):
            store.add_facts(facts)
            progress.update(len(facts))
    took = time.monotonic() - began
    facts = store.facts()
    summary = summary_of([facts[index] for index in sorted(facts)])
    store.finish(summary)
    if args.sheet:
        store.write_sheet(args.sheet)
    median = summary['psnr_percentiles'].get('50', 'no')
    return (f'{store.folder}: {count} clips, {len(missing)} of them rendered '
            f'in {took:.1f} s; {100 * summary["without_rain"]:.1f} % without '
            f'rain, {100 * summary["with_distractor"]:.1f} % with lines, '
            f'grids or text; median of the rainy {median} dB')


def main(argv: list[str] | None = None) -> int:
    """Render; returns the exit status."""
    args = build_parser().parse_args(argv)
    stopped = 'stopped; the same command resumes from here'
    if args.overwrite:
        stopped = ('stopped; the same command without --overwrite resumes '
                   'from here')
    return run(lambda: render(args), stopped)


def render(args: argparse.Namespace) -> None:
    """Render as the arguments say.

    Raises:
        UserError: The settings are wrong, other clips are there, or the disk
            is full.
    """
    settings = _read_settings(args.settings)
    for split in SPLITS:
        count = getattr(args, split)
        if count:
            print(_render_split(args, split, count, settings))
