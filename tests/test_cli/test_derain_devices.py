"""One video by several processes: the same as by one, whatever happens."""

import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import threading

import av
import numpy as np
import pytest
import torch

from mmderain.apis import DerainInferencer, DerainOptions
from mmderain.backends import torch_backend
from mmderain.cli.derain import main
from mmderain.errors import UserError
from mmderain.jobs import derain_job
from mmderain.media.encoding import Encoding
from tests.helpers.processes import hear_ctrl_c, wait_for
from tests.helpers.videos import (
    decoded,
    packets,
    pictures,
    times,
    write_checkpoint,
    write_video,
)
from tests.tiny import ROOT

VARIABLE = [977 + 3000 * index + 700 * (index % 3) for index in range(47)]


@pytest.fixture
def derain(checkpoint, capsys):
    """Runs the command; returns its status and all that it said."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as the processes will have

    def run(*arguments):
        status = main([*map(str, arguments), '--checkpoint', str(checkpoint),
                       *LOSSLESS])
        said = capsys.readouterr()
        return status, said.out + said.err

    yield run
    torch.set_num_threads(threads)


# what the encoder does with equal frames is not always the same to the bit
LOSSLESS = ('--crf', '0')
ONE, TWO = ('--device', 'cpu'), ('--devices', 'cpu,cpu')


def assert_equal_videos(one, other):
    assert times(one) == times(other)
    np.testing.assert_array_equal(decoded(one), decoded(other))


def test_it_is_the_video_of_one_process(derain, tmp_path):
    # 7 segments, the last one is short; the first frame is not at 0
    source = write_video(tmp_path / 'a.mp4', pictures(47), pts=VARIABLE,
                         extras=True, options={'g': '12', 'bf': '3'})
    options = ['--segment-frames', 7, '--save-maps', '--preview', 'side']
    assert derain(source, tmp_path / 'one.mp4', *options, *ONE)[0] == 0
    status, said = derain(source, tmp_path / 'two.mp4', *options, *TWO)
    assert status == 0 and '47 frames in ' in said
    # one bar, which has counted every frame once
    assert '47/47' in said and 'left out' not in said
    assert times(tmp_path / 'two.mp4') == times(source)
    for name in ('', '.removed', '.preview'):
        assert_equal_videos(tmp_path / f'one{name}.mp4',
                            tmp_path / f'two{name}.mp4')
    assert packets(tmp_path / 'two.mp4') == packets(source)
    assert packets(tmp_path / 'two.mp4', False) == packets(
        tmp_path / 'one.mp4', False)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        ['a.mp4', *(f'{count}{name}.mp4' for count in ('one', 'two')
                    for name in ('', '.removed', '.preview'))])
    assert multiprocessing.active_children() == []


def test_one_that_is_killed_stops_all_and_loses_nothing(derain, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(90, (96, 128)))
    options = ['--segment-frames', 10, '--start', '5f']
    parts = tmp_path / 'two.mp4.parts'

    def noted():
        state = parts / 'state.json'
        return json.loads(state.read_text()).get('segments', {}) if (
            state.exists()) else {}

    def kill_one():
        # two ranges have begun, and it is known what is there of them
        wait_for(lambda: {'0', '1'} <= noted().keys()
                 and any(int(number) > 3 for number in noted()))
        multiprocessing.active_children()[0].kill()

    killer = threading.Thread(target=kill_one)
    killer.start()
    status, said = derain(source, tmp_path / 'two.mp4', *options, *TWO)
    killer.join()
    assert status == 2 and 'was killed by SIGKILL' in said
    assert 'process on cpu' in said and '--resume' in said
    assert multiprocessing.active_children() == []
    kept = noted()
    whole = {path.stem for path in (parts / 'output').glob('?????.mp4')}
    # what is there is known
    assert {0, 1} <= {*map(int, kept)} and max(map(int, kept)) > 3
    assert len(whole) - len(kept) <= 1  # the killed one's last word
    status, said = derain(source, tmp_path / 'two.mp4', *options,
                          '--devices', 'cpu,cpu,cpu', '--resume')
    assert status == 0
    now = int(said.split('frames, ')[1].split(' of them')[0])
    # the last segment is a short one, and may be among what was kept
    assert now == 85 - sum(frames for frames, *_ in kept.values())
    assert derain(source, tmp_path / 'one.mp4', *options, *ONE)[0] == 0
    assert_equal_videos(tmp_path / 'one.mp4', tmp_path / 'two.mp4')


def test_stopped_and_resumed_by_one(derain, checkpoint, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(80, (96, 128)))
    options = ['--segment-frames', '10']
    process = subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-m', 'mmderain', 'derain',
         str(source), str(tmp_path / 'two.mp4'), '--checkpoint',
         str(checkpoint), *TWO, *LOSSLESS, *options], cwd=ROOT,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL, start_new_session=True, text=True,
        preexec_fn=hear_ctrl_c, env={**os.environ, 'PYTHONPATH': str(ROOT)})
    folder = tmp_path / 'two.mp4.parts' / 'output'
    wait_for((folder / '00000.mp4').exists)
    # Ctrl-C goes to all processes of a terminal
    os.killpg(process.pid, signal.SIGINT)
    # which ends when the last one has closed what it says
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert 'Traceback' not in said and said.strip().endswith('stopped')
    for path in folder.glob('*.unfinished.mp4'):
        assert len(times(path)) <= 10
    status, said = derain(source, tmp_path / 'two.mp4', *options, *ONE,
                          '--resume')
    assert status == 0 and '80 frames' in said
    assert '80 of them now' not in said
    assert derain(source, tmp_path / 'one.mp4', *options, *ONE)[0] == 0
    assert_equal_videos(tmp_path / 'one.mp4', tmp_path / 'two.mp4')


def test_damage_stops_all_or_is_left_out_once(derain, tmp_path):
    # in FFV1 each frame stands for itself
    source = write_video(tmp_path / 'a.mkv', pictures(40), 'ffv1')
    with av.open(str(source)) as container:
        packet = bytes(list(container.demux(video=0))[31])
    content = bytearray(source.read_bytes())
    place = content.find(packet) + 300
    content[place:place + 400] = b'\xff' * 400
    source.write_bytes(content)
    options = ['--segment-frames', 6]
    status, said = derain(source, tmp_path / 'two.mkv', *options, *TWO)
    assert status == 2 and '--skip-bad-frames' in said
    assert 'a.mkv' in said and 'Traceback' not in said
    options += ['--skip-bad-frames', '--overwrite']
    notes = []
    for name, devices in (('one.mkv', ONE), ('two.mkv', TWO)):
        status, said = derain(source, tmp_path / name, *options, *devices)
        assert status == 0
        notes.append(sorted(line for line in said.splitlines()
                            if line.startswith('left out')))
    assert notes[0] == notes[1] != []
    assert len(times(tmp_path / 'one.mkv')) == 39
    assert_equal_videos(tmp_path / 'one.mkv', tmp_path / 'two.mkv')


def test_an_archive_is_shared_video_by_video(derain, tmp_path):
    for name in ('a', 'b', 'c'):
        write_video(tmp_path / f'{name}.mp4', pictures(9, seed=ord(name)))
    (tmp_path / 'bad.mp4').write_text('no video')
    out, summary = tmp_path / 'out', tmp_path / 'summary.json'
    command = [tmp_path / '*.mp4', '--output-dir', out, '--summary', summary]
    status, said = derain(*command, *TWO)
    assert status == 1 and '3 done, 0 done before, 1 failed' in said
    told = json.loads(summary.read_text())
    assert told['frames'] == 27
    assert 'cannot be decoded' in told['failures'][0]['reason']
    (tmp_path / 'bad.mp4').unlink()
    # no process is started where nothing is left to do
    status, said = derain(*command, *TWO)
    assert status == 0 and '0 done, 3 done before' in said
    for name in ('a', 'b', 'c'):
        status, said = derain(tmp_path / f'{name}.mp4',
                              tmp_path / f'{name}1.mp4', *ONE)
        assert status == 0, said
        assert_equal_videos(tmp_path / f'{name}1.mp4', out / f'{name}.mp4')


def test_what_cannot_be_shared_is_told_before_work_starts(derain, tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(4))
    status, said = derain(source, tmp_path / 'b.mp4', '--devices', 'cpu,gpu')
    assert status == 2 and "'gpu' is not a device" in said and 'cpu' in said
    status, said = derain(source, tmp_path / 'b.mp4', *ONE, *TWO)
    assert status == 2 and 'not both' in said
    weights = write_checkpoint(tmp_path / 'j.pth', 'j4rnet')
    running = DerainInferencer(str(weights), device='cpu', tile=None,
                               test_cfg=dict(running=True))
    with pytest.raises(UserError, match='keeps a state'):
        running(source, tmp_path / 'b.mp4',
                DerainOptions(devices=('cpu', 'cpu')))
    assert {path.name for path in tmp_path.iterdir()} == {'a.mp4', 'j.pth'}


@pytest.mark.parametrize('devices', [ONE, TWO])
def test_what_goes_on_computes_as_it_began(derain, checkpoint, tmp_path,
                                           monkeypatch, devices):
    """The choice of a precision is another one on another machine."""
    video = write_video(tmp_path / 'in.mkv', pictures(20))
    command = [video, tmp_path / 'o.mkv', '--segment-frames', 5]
    with monkeypatch.context() as begun:
        begun.setattr(torch_backend, 'fastest_dtype',
                      lambda method, derainer: 'bfloat16')
        begun.setattr(derain_job, 'place', lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            derain(*command, *ONE)
    for segment in (tmp_path / 'o.mkv.parts').rglob('*.mkv'):
        segment.unlink()
    unfinished = shutil.copytree(tmp_path / 'o.mkv.parts',
                                 tmp_path / 'p.mkv.parts')
    inferencer = DerainInferencer(str(checkpoint), device='cpu')
    options = DerainOptions(segment_frames=5, resume=True,
                            encoding=Encoding(crf=0))
    inferencer(video, tmp_path / 'p.mkv', options=options)
    assert not unfinished.exists()
    # the next video is computed as it would have been
    assert inferencer.restorer.dtype == 'float32'
    # a state that somebody has spoilt is refused, in words
    state = tmp_path / 'o.mkv.parts' / 'state.json'
    begun = state.read_text()
    for wrong in ('"half"', '[3]', 'null', '"float16"'):
        state.write_text(begun.replace('"bfloat16"', wrong))
        status, said = derain(*command, '--resume', *ONE)
        assert status == 2 and 'dtype was' in said
    state.write_text(begun)
    assert derain(*command, '--resume', *devices)[0] == 0
    assert derain(video, tmp_path / 'half.mkv', '--dtype', 'bfloat16',
                  *ONE)[0] == 0
    assert derain(video, tmp_path / 'single.mkv', *ONE)[0] == 0
    half, single = (np.stack(decoded(tmp_path / f'{name}.mkv'))
                    for name in ('half', 'single'))
    assert (half != single).any()
    np.testing.assert_array_equal(decoded(tmp_path / 'o.mkv'), half)
