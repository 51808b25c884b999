"""200 short videos by two workers; one is killed, and then the command.

    python -m tests.test_fleet.two_hundred FOLDER

Says what docs/scaling.md says of it. It needs Ray, and some minutes.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from tests.helpers.processes import wait_for
from tests.test_fleet.runs import (
    finished,
    outputs,
    said,
    start,
    workers_of,
    write_list,
)
from tools.scaling import simulate

COUNT, FRAMES = 200, 8
_SECONDS = 5  # until the workers of a command that was killed have ended


def main(folder: Path) -> None:
    """Run it."""
    folder.mkdir()
    listed, out = write_list(folder, COUNT, FRAMES), folder / 'out'

    def records() -> int:
        return len([*out.glob('*.done.json')])

    began = time.monotonic()
    process = start(listed, out)
    wait_for(lambda: records() >= 60)
    first = time.monotonic() - began
    os.kill(workers_of(process.pid)[0], signal.SIGKILL)
    wait_for(lambda: records() >= 120)
    process.kill()
    process.wait()
    time.sleep(_SECONDS)
    before = records()
    again = time.monotonic()
    process = start(listed, out, '--summary', folder / 'summary.json')
    wait_for(lambda: records() > before)
    ready = time.monotonic() - again
    assert process.wait() == 0
    seconds = time.monotonic() - began
    summary = json.loads((folder / 'summary.json').read_text())
    lengths = [video['seconds'] for video in summary['videos']]
    expected = simulate(lengths, 2, ready - max(lengths)).seconds
    names = {f'{number:03}.mp4' for number in range(COUNT)}
    assert outputs(out) == names | {
        f'{name}.done.json' for name in names}
    told = finished(listed)
    lost = [item['text'] for item in said(listed)
            if item['state'] == 'note' and item['text'].startswith('lost:')]
    print(f'{COUNT} videos in {seconds:.0f} s, 60 of them in {first:.0f} s; '
          f'the second run began with {before} done, and took '
          f'{time.monotonic() - again:.1f} s, of which {ready:.1f} s to the '
          f'first record')
    print(f'tools/scaling.py says {expected:.1f} s of the second run, by '
          f'{len(lengths)} videos of {sum(lengths) / len(lengths):.3f} s')
    print(f'{len(told)} told as finished, {max(told.values())} time(s) at '
          f'most; {sum(told.values())} in all')
    print(f'lost workers: {lost}')
    assert max(told.values()) == 1 and COUNT - len(told) <= 2


if __name__ == '__main__':
    main(Path(sys.argv[1]))
