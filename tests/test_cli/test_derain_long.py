"""Long videos: memory and open files stay what they are."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

from tests.helpers.videos import pictures, times, write_video
from tests.tiny import ROOT

_TELL = '''
import os, sys
from pathlib import Path
from mmderain.cli.derain import main
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.models.eevrsr.restoration import EEVRSRRestoration

def tell(self, number, segment):
    pages = Path('/proc/self/statm').read_text().split()[1]
    print('HELD', int(pages) * 4096, len(os.listdir('/proc/self/fd')),
          len(os.listdir('/proc/self/task')))
    add(self, number, segment)

add, PartsFolder.add_segment = PartsFolder.add_segment, tell
# the network's own memory does not depend on the length
EEVRSRRestoration.restore_window = lambda self, clip: clip[:, 2:3]
assert main(sys.argv[1:]) == 0
'''


@pytest.mark.slow
@pytest.mark.skipif(not Path('/proc/self/statm').exists(),
                    reason='asks Linux for what is held')
@pytest.mark.parametrize(('count', 'length', 'codec'), [
    (10_000, 200, 'h264'), (600, 10, 'hevc')])
def test_nothing_grows_with_the_length(checkpoint, tmp_path, count, length,
                                       codec):
    few = pictures(50, (48, 64))
    source = write_video(tmp_path / 'a.mp4',
                         [few[index % 50] for index in range(count)])
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', _TELL, str(source),
         str(tmp_path / 'b.mp4'), '--checkpoint', str(checkpoint),
         '--device', 'cpu', '--segment-frames', str(length), '--codec',
         codec], cwd=ROOT, env={**os.environ, 'PYTHONPATH': str(ROOT)},
        capture_output=True, text=True, check=True)
    held = [tuple(map(int, line.split()[1:]))
            for line in done.stdout.splitlines() if line.startswith('HELD')]
    assert len(held) == count // length
    memory, files, threads = zip(*held, strict=True)
    # all frames are 92 MB of bytes, the later ones of HEVC 5
    assert max(memory[5:]) - max(memory[:5]) < 4e6
    # fewer at the last segment: the source was read to its end
    assert max(files[5:]) <= max(files[:5])
    # one thread more may be seen at any time, before it is quite gone
    assert median(threads[-9:]) <= max(threads[:5])
    assert len(times(tmp_path / 'b.mp4')) == count
