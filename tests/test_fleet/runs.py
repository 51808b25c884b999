"""Runs of the command with workers of Ray, and what becomes of them."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.helpers.processes import hear_ctrl_c
from tests.helpers.videos import pictures, write_video
from tests.tiny import ROOT

COMMAND = [sys.executable, '-W', 'ignore', '-m', 'mmderain', 'derain',
           '--model', 'fast', '--engine', 'ray', '--workers', '2',
           '--worker-cores', '1', '--json-progress']


def write_list(folder: Path, count: int, frames: int) -> Path:
    """Write clips, and a list of them; the later ones are longer."""
    (folder / 'in').mkdir()
    lines = []
    for number in range(count):
        path = write_video(
            folder / 'in' / f'{number:03}.mp4',
            pictures(frames + number % 3, seed=number))
        lines.append(f'{path},{path.name}\n')
    (folder / 'list.csv').write_text(''.join(lines))
    return folder / 'list.csv'


def start(listed: Path, output: object, *arguments: object
          ) -> subprocess.Popen:
    """Start the command; what it says goes into a file beside the list."""
    with (listed.parent / 'said').open('a') as said:
        return subprocess.Popen(
            [*COMMAND, '--list', str(listed), '--output-dir', str(output),
             *map(str, arguments)], cwd=ROOT, stderr=said, stdout=said,
            preexec_fn=hear_ctrl_c,
            env={**os.environ, 'PYTHONPATH': str(ROOT)})


def said(listed: Path) -> list[dict]:
    """What all runs of a list have said."""
    return [json.loads(line) for line in (
        listed.parent / 'said').read_text().splitlines()]


def finished(listed: Path) -> Counter:
    """How often each video was said to be finished."""
    return Counter(Path(item['input']).name for item in said(listed)
                   if item['state'] == 'finished')


def outputs(folder: Path) -> set[str]:
    """Names of all in a folder, but what a kill has left half written."""
    return {path.name for path in folder.iterdir()
            if not path.name.endswith('.unfinished')}


def workers_of(process: int) -> list[int]:
    """Workers that a process has started, or what it has started."""
    parents, workers = {}, []
    for path in Path('/proc').glob('[0-9]*'):
        try:
            parent = int((path / 'stat').read_text().rpartition(')')[2]
                         .split()[1])
            if (path / 'cmdline').read_bytes().startswith(b'ray::Server'):
                workers.append(int(path.name))
        except OSError:  # it has just ended
            continue
        parents[int(path.name)] = parent

    def is_ours(one: int) -> bool:
        return one == process or one in parents and is_ours(parents[one])

    return [worker for worker in workers if is_ours(worker)]
