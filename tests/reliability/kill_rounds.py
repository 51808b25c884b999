"""Kill at random and go on: ``python -m tests.reliability.kill_rounds``.

Each round starts a run, ends it by a signal at a random moment, goes on with
``--resume`` on another number of processes, perhaps ends that, too, and lets
the last one finish. What comes out has to equal an unbroken run's, frame by
frame or weight by weight. For hours: ``--minutes 120 --seed 1``.
"""

import argparse
import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from tests.helpers.processes import hear_ctrl_c
from tests.helpers.videos import (
    decoded,
    pictures,
    times,
    write_checkpoint,
    write_video,
)
from tests.tiny import ROOT, write_config, write_vrds

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)
_MOST_KILLS = 3
_VIDEOS = ('a', 'b', 'c')
_STEPS = 30
_PATIENCE = 3600  # seconds; other work may keep a machine busy


@dataclass(frozen=True)
class Kind:
    """A run that can be killed.

    Args:
        name: Of it.
        command: From the output's place, a number of processes and whether it
            goes on, to what is typed.
        result: From the output's place to what has to be equal.
    """

    name: str
    command: Callable[[Path, int, bool], list[str]]
    result: Callable[[Path], object]


@dataclass(frozen=True)
class Round:
    """What happened.

    Args:
        kind: Name of the run.
        kills: Signals, each with the seconds after which it was sent.
        problem: Empty where the result is that of an unbroken run.
    """

    kind: str
    kills: tuple[str, ...]
    problem: str = ''


def video_digest(path: Path) -> str:
    """Of frames and their times."""
    known = hashlib.sha256(repr(times(path)).encode())
    for frame in decoded(path):
        known.update(frame.tobytes())
    return known.hexdigest()


def kinds(folder: Path) -> dict[str, Kind]:
    """The runs, on files that are made in a folder."""
    checkpoint = write_checkpoint(folder / 'model.pth', 'eevrsr_derain_only')
    videos = [write_video(folder / f'{name}.mp4', pictures(
        90, (72, 96), seed)) for seed, name in enumerate(_VIDEOS)]
    config = write_config(folder / 'config.py', write_vrds(folder / 'vrds'))
    # lossless: what an encoder does with equal frames is not always the same
    derain = ['-m', 'mmderain', 'derain', '--checkpoint', str(checkpoint),
              '--crf', '0', '--segment-frames', '8']

    def devices(count: int) -> list[str]:
        return ['--devices', ','.join(['cpu'] * count)]

    def one(output: Path, processes: int, goes_on: bool) -> list[str]:
        return [*derain, str(videos[0]), str(output / 'one.mp4'),
                *devices(processes), *['--resume'] * goes_on]

    def archive(output: Path, processes: int, goes_on: bool) -> list[str]:
        # an archive goes on by itself
        return [*derain, *map(str, videos), '--output-dir', str(output),
                *devices(processes)]

    def training(output: Path, processes: int, goes_on: bool) -> list[str]:
        return [str(ROOT / 'tools/train.py'), str(config), '--work-dir',
                str(output), *['--resume'] * goes_on, '--cfg-options',
                f'train_cfg.max_iters={_STEPS}',
                f'train_cfg.val_interval={_STEPS}',
                'default_hooks.checkpoint.interval=2']

    def weights(output: Path) -> str:
        state = torch.load(output / f'iter_{_STEPS}.pth',
                           weights_only=False)['state_dict']
        known = hashlib.sha256()
        for name in sorted(state):
            known.update(state[name].numpy().tobytes())
        return known.hexdigest()

    found = (
        Kind('video', one, lambda output: video_digest(output / 'one.mp4')),
        Kind('archive', archive, lambda output: [
            video_digest(output / f'{name}.mp4') for name in _VIDEOS]),
        Kind('training', training, weights))
    return {kind.name: kind for kind in found}


def _start(arguments: Sequence[str]) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, '-W', 'ignore', *arguments], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, 'PYTHONPATH': str(ROOT), 'OMP_NUM_THREADS': '1'},
        preexec_fn=hear_ctrl_c)


def unbroken(kind: Kind, folder: Path) -> tuple[object, float]:
    """What a run gives that is not killed, and how long it takes."""
    output = folder / f'{kind.name}_unbroken'
    output.mkdir()
    began = time.monotonic()
    process = _start(kind.command(output, 1, False))
    said, _ = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, said[-3000:]
    return kind.result(output), time.monotonic() - began


def kill_round(kind: Kind, output: Path, expected: object, seconds: float,
               draw: random.Random) -> Round:
    """Kill a run once or more and let it finish.

    Args:
        kind: The run.
        output: A folder, made here.
        expected: What an unbroken one gives.
        seconds: How long that takes.
        draw: Source of every random choice.
    """
    output.mkdir()
    kills = []
    for number in range(draw.randint(1, _MOST_KILLS)):
        process = _start(kind.command(output, draw.randint(1, 2),
                                      number > 0))
        after = draw.uniform(0, seconds)
        which = draw.choice(SIGNALS)
        try:
            said, _ = process.communicate(timeout=after)
        except subprocess.TimeoutExpired:
            process.send_signal(which)
            kills.append(f'{which.name} after {after:.1f} s')
            said, _ = process.communicate(timeout=_PATIENCE)
            if 'Traceback' in said:
                return Round(kind.name, tuple(kills),
                             said[said.index('Traceback'):][:3000])
        else:
            # it was faster than the signal
            break
    process = _start(kind.command(output, draw.randint(1, 2), True))
    said, _ = process.communicate(timeout=_PATIENCE)
    problem = ''
    done = 'there already' in said or 'is there' in said
    if process.returncode and not done:
        problem = f'exit status {process.returncode}: {said[-2000:]}'
    elif kind.result(output) != expected:
        problem = 'the result is another one'
    elif left := [*output.rglob('*.parts'), *output.rglob('*.unfinished*')]:
        problem = f'left behind: {left}'
    return Round(kind.name, tuple(kills), problem)


def main() -> None:
    """Rounds until the time is over; exits with 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--minutes', type=float, default=10)
    parser.add_argument('--seed', type=int, default=0)
    args = parser.parse_args()
    draw = random.Random(args.seed)
    end = time.monotonic() + 60 * args.minutes
    failed = number = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        known = {kind.name: (kind, *unbroken(kind, folder))
                 for kind in kinds(folder).values()}
        while time.monotonic() < end:
            kind, expected, seconds = known[draw.choice(sorted(known))]
            result = kill_round(kind, folder / f'round{number}', expected,
                                seconds, draw)
            number += 1
            failed += bool(result.problem)
            print(f'{number:4} {result.kind:9} '
                  f'{", ".join(result.kills) or "not killed":60} '
                  f'{result.problem or "equal"}', flush=True)
    print(f'{number} rounds, {failed} failed')
    sys.exit(failed > 0)


if __name__ == '__main__':
    main()
