"""Archives by workers of Ray: all of it, and nothing twice."""

import json
import os
import resource
import signal
import time

import numpy as np
import pytest

from mmderain import stores
from mmderain.cli.derain import main
from mmderain.stores import StoreUrl
from tests.helpers.processes import wait_for
from tests.helpers.videos import (
    decoded,
    packets,
    pictures,
    times,
    write_video,
)
from tests.test_fleet.runs import (
    finished,
    outputs,
    said,
    start,
    workers_of,
    write_list,
)

COUNT, FRAMES = 12, 24
NAMES = {f'{number:03}.mp4' for number in range(COUNT)}


@pytest.fixture(scope='module')
def inputs(tmp_path_factory):
    """A list, and what a single run makes of it."""
    folder = tmp_path_factory.mktemp('single')
    listed = write_list(folder, COUNT, FRAMES)
    assert main(['--list', str(listed), '--output-dir', str(folder / 'out'),
                 '--model', 'fast', '--quiet']) == 0
    return listed


@pytest.fixture
def listed(inputs, tmp_path):
    (tmp_path / 'list.csv').write_text(inputs.read_text())
    return tmp_path / 'list.csv'


@pytest.fixture
def is_under_way(tmp_path):
    """Waits until two videos are done, and others are being done."""
    return lambda: wait_for(
        lambda: len([*(tmp_path / 'out').glob('*.done.json')]) >= 2)


def assert_as_single(inputs, out):
    assert outputs(out) == NAMES | {f'{name}.done.json' for name in NAMES}
    for name in NAMES:
        np.testing.assert_array_equal(
            decoded(out / name), decoded(inputs.parent / 'out' / name))


def test_one_worker_is_killed_and_one_video_is_no_video(
        cluster, inputs, listed, is_under_way, tmp_path):
    (tmp_path / 'bad.mp4').write_text('no video')
    with listed.open('a') as file:
        file.write(f'{tmp_path / "bad.mp4"},bad.mp4\n')
    process = start(listed, tmp_path / 'out', '--address', cluster,
                    '--summary', tmp_path / 's.json')
    is_under_way()
    os.kill(workers_of(os.getpid())[0], signal.SIGKILL)
    assert process.wait() == 1
    assert_as_single(inputs, tmp_path / 'out')
    assert finished(listed) == dict.fromkeys(NAMES, 1)
    summary = json.loads((tmp_path / 's.json').read_text())
    assert (summary['done'], summary['failed']) == (COUNT, 1)
    assert 'bad.mp4' in summary['failures'][0]['reason']
    frames = sum(FRAMES + number % 3 for number in range(COUNT))
    # of the video that was lost some may have been done before
    assert frames - FRAMES - 2 <= summary['frames'] <= frames
    assert any(item.get('text', '').startswith('lost: ')
               for item in said(listed))


def test_the_command_is_killed_and_started_again(
        cluster, inputs, listed, is_under_way, tmp_path):
    process = start(listed, tmp_path / 'out', '--address', cluster)
    is_under_way()
    process.kill()
    process.wait()
    # what it has left behind ends without it
    wait_for(lambda: not workers_of(os.getpid()))
    done = {path.name.removesuffix('.done.json'): path.stat().st_mtime_ns
            for path in (tmp_path / 'out').glob('*.done.json')}
    assert 2 <= len(done) < COUNT
    assert start(listed, tmp_path / 'out', '--address', cluster).wait() == 0
    assert_as_single(inputs, tmp_path / 'out')
    for name, moment in done.items():
        record = tmp_path / 'out' / f'{name}.done.json'
        assert record.stat().st_mtime_ns == moment
    assert max(finished(listed).values()) == 1


def test_one_worker_has_a_full_disk(cluster, inputs, listed, tmp_path):
    process = start(listed, tmp_path / 'out', '--address', cluster)
    wait_for(lambda: workers_of(os.getpid()))
    # no file of it may grow any further
    resource.prlimit(workers_of(os.getpid())[0], resource.RLIMIT_FSIZE,
                     (100, 100))
    assert process.wait() == 0
    assert_as_single(inputs, tmp_path / 'out')
    assert finished(listed) == dict.fromkeys(NAMES, 1)
    assert any('100 bytes at most' in item.get('text', '')
               and 'Another worker tries it' in item['text']
               for item in said(listed))


def test_what_is_long_is_shared(cluster, tmp_path):
    """Segment by segment, also if a worker is killed within."""
    listed = write_list(tmp_path, 3, 20)
    long = write_video(tmp_path / 'in' / 'long.mp4', pictures(160),
                       extras=True)
    with listed.open('a') as file:
        file.write(f'{long},long.mp4\n')
    lossless = ['--segment-frames', '8', '--crf', '0']
    process = start(listed, tmp_path / 'out', '--address', cluster,
                    *lossless)
    parts = tmp_path / 'out' / 'long.mp4.parts' / 'output'
    # of the beginning and of the middle, which the other worker makes
    wait_for(lambda: (parts / '00001.mp4').exists()
             and (parts / '00011.mp4').exists())
    os.kill(workers_of(os.getpid())[0], signal.SIGKILL)
    assert process.wait() == 0
    assert max(finished(listed).values()) == 1 and len(finished(listed)) == 4
    assert any('long.mp4: lost: ' in item.get('text', '')
               for item in said(listed))
    assert not parts.exists()
    assert main([str(long), str(tmp_path / 'one.mp4'), '--model', 'fast',
                 '--quiet', *lossless]) == 0
    long = tmp_path / 'out' / 'long.mp4'
    assert times(long) == times(tmp_path / 'one.mp4')
    assert packets(long) == packets(tmp_path / 'one.mp4')
    np.testing.assert_array_equal(decoded(long),
                                  decoded(tmp_path / 'one.mp4'))


def test_stopped_by_ctrl_c(cluster, listed, is_under_way, tmp_path):
    process = start(listed, tmp_path / 'out', '--address', cluster)
    is_under_way()
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    assert said(listed)[-1]['kind'] == 'stopped'
    wait_for(lambda: not workers_of(os.getpid()))


def test_from_an_object_store_into_it(bucket, cluster, inputs, tmp_path):
    listed = tmp_path / 'list.csv'
    urls = {name: StoreUrl(f'{bucket}/in/{name}') for name in NAMES}
    for name, url in urls.items():
        stores.send(inputs.parent / 'in' / name, url)
    listed.write_text(''.join(f'{urls[name]}\n' for name in sorted(NAMES)))
    options = ['--address', cluster, '--stage-dir', tmp_path / 'stage']
    assert start(listed, f'{bucket}/out', *options).wait() == 0
    assert finished(listed) == dict.fromkeys(NAMES, 1)
    for name in NAMES:
        stores.fetch(StoreUrl(f'{bucket}/out/{name}'), tmp_path / name)
        np.testing.assert_array_equal(
            decoded(tmp_path / name), decoded(inputs.parent / 'out' / name))
    assert not [*(tmp_path / 'stage').glob('*/*')]
    # all has a record, so that no worker is started
    began = time.monotonic()
    assert start(listed, f'{bucket}/out', *options).wait() == 0
    assert finished(listed) == dict.fromkeys(NAMES, 1)
    assert time.monotonic() - began < 60


def test_no_cluster_at_the_address(listed, tmp_path):
    pytest.importorskip('ray', reason='the extra [ray] is missing')
    process = start(listed, tmp_path / 'out', '--address', '127.0.0.1:1')
    assert process.wait() == 2
    assert 'expected a cluster of Ray' in said(listed)[-1]['error']
