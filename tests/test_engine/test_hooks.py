"""The hooks, each for what it promises."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from mmderain.engine import FrameWriterHook, MetricsFileHook
from mmderain.errors import ConfigError, UserError
from mmderain.media.images import write_rgb
from mmderain.models.base import BaseDerainer
from tests.tiny import ROOT, write_config

from .helpers import make_runner, train, weights


def test_the_frozen_part_rests_for_its_steps_and_moves_then(tiny_config):
    tiny_config.default_hooks.checkpoint.update(interval=1, max_keep_ckpts=-1)
    train(tiny_config)
    saved = [weights(tiny_config, i)['generator.spynet.weight']
             for i in range(1, 5)]
    heads = [weights(tiny_config, i)['generator.head.weight']
             for i in range(1, 5)]
    assert torch.equal(saved[0], saved[1])
    assert not torch.equal(saved[1], saved[2])
    assert not torch.equal(saved[2], saved[3])
    assert not torch.equal(heads[0], heads[1])


def test_steps_of_the_optimiser_count_not_iterations(tiny_config):
    tiny_config.optim_wrapper.accumulative_counts = 2
    tiny_config.default_hooks.checkpoint.update(interval=2, max_keep_ckpts=-1)
    train(tiny_config)
    saved = [weights(tiny_config, i)['generator.spynet.weight']
             for i in (2, 4, 6)]
    # 2 steps are 4 iterations
    assert torch.equal(saved[0], saved[1])
    assert not torch.equal(saved[1], saved[2])


def test_a_quarter_of_the_rate_for_spynet(tiny_config):
    tiny_config.custom_hooks = []
    tiny_config.param_scheduler = None
    runner = train(tiny_config)
    rates = {group['lr'] for group in
             runner.optim_wrapper.optimizer.param_groups}
    assert len(rates) == 2
    assert min(rates) == pytest.approx(max(rates) / 4)


def test_the_logged_rate_is_the_networks(tiny_config):
    """MMEngine logs that of the first parameter, here of spynet."""
    tiny_config.param_scheduler = None
    runner = train(tiny_config)
    history = runner.message_hub.get_scalar('train/lr')
    assert history.current() == tiny_config.optim_wrapper.optimizer.lr
    log = next(Path(runner.log_dir).glob('*.log')).read_text()
    assert ' lr: 1.0000e-04' in log


def test_a_misspelt_part_is_named(tiny_config):
    tiny_config.custom_hooks[0].module = 'generator.spinet'
    with pytest.raises(ConfigError, match='generator.spinet'):
        train(tiny_config)


def test_the_thawed_part_is_synchronised_between_processes(vrds, tmp_path):
    """Each process sees other clips; their weights must stay equal."""
    config = write_config(
        tmp_path / 'config.py', vrds,
        custom_imports=dict(imports=['mmderain', 'tests.tiny',
                                     'tests.test_engine.rank_saver'],
                            allow_failed_imports=False))
    text = config.read_text() + (
        "custom_hooks = custom_hooks + [dict(type='RankSaver')]\n")
    config.write_text(text)
    done = subprocess.run(
        [ROOT / 'tools' / 'dist_train.sh', config, '2', '--work-dir',
         tmp_path / 'work'], env=dict(os.environ, PYTHON=sys.executable),
        capture_output=True, text=True, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3000:]
    first, second = (torch.load(tmp_path / 'work' / f'rank_{rank}.pt')
                     for rank in range(2))
    assert first['batch'] != second['batch']
    for name, value in first['weights'].items():
        assert torch.equal(value, second['weights'][name]), name
    assert not torch.equal(first['weights']['generator.spynet.weight'],
                           first['before']['generator.spynet.weight'])


def test_every_process_validates_with_the_buffers_of_the_first(tmp_path):
    script = tmp_path / 'buffers.py'
    script.write_text('''
import os, types
import torch
import mmderain
from mmderain.compat import init_cpu_process_group
from mmderain.engine import BroadcastBuffersHook
init_cpu_process_group()
rank = torch.distributed.get_rank()
model = torch.nn.BatchNorm2d(2)
model.running_mean.fill_(rank + 1.)
model.num_batches_tracked.fill_(rank + 5)
BroadcastBuffersHook().before_val_epoch(types.SimpleNamespace(model=model))
assert model.running_mean.tolist() == [1, 1], model.running_mean
assert int(model.num_batches_tracked) == 5
''')
    done = subprocess.run(
        [sys.executable, '-m', 'torch.distributed.run', '--nproc_per_node=2',
         '--standalone', script], cwd=ROOT, capture_output=True,
        text=True, env=dict(os.environ, PYTHONPATH=str(ROOT),
                            CUDA_VISIBLE_DEVICES=''))
    assert done.returncode == 0, done.stderr[-3000:]


def test_frames_and_metrics_are_written(tiny_config, tmp_path):
    runner = make_runner(tiny_config)
    runner.register_hook(FrameWriterHook(str(tmp_path / 'out')), 'LOW')
    runner.register_hook(MetricsFileHook(str(tmp_path / 'm' / 'a.json')),
                         'LOWEST')
    runner.test()
    metrics = json.loads((tmp_path / 'm' / 'a.json').read_text())
    assert set(metrics) == {'VRDS/PSNR', 'VRDS/SSIM'}
    written = sorted((tmp_path / 'out').rglob('*.png'))
    assert [str(path.relative_to(tmp_path / 'out')) for path in written] == [
        f'{s:03d}/{i:08d}.png' for s in range(3) for i in range(4)]
    # what is scored is what is written
    root = Path(tiny_config.test_dataloader.dataset.data_root)
    errors = []
    for path in written:
        truth = root / 'testgt' / path.relative_to(tmp_path / 'out')
        difference = (cv2.imread(str(path)).astype(float)
                      - cv2.imread(str(truth)))
        errors.append(20 * np.log10(255 / np.sqrt((difference**2).mean())))
    assert np.mean(errors) == pytest.approx(metrics['VRDS/PSNR'], abs=1e-4)


def test_colours_are_written_as_they_are(tmp_path):
    image = np.zeros((4, 5, 3), np.uint8)
    image[..., 0] = 200
    write_rgb(tmp_path / 'a.png', image)
    assert cv2.imread(str(tmp_path / 'a.png'))[0, 0].tolist() == [0, 0, 200]


@pytest.mark.parametrize('hook', [FrameWriterHook, MetricsFileHook])
def test_an_output_that_cannot_be_written_is_noticed_first(
        tiny_config, tmp_path, hook):
    (tmp_path / 'file').write_text('')
    runner = make_runner(tiny_config)
    runner.register_hook(hook(str(tmp_path / 'file' / 'out')), 'LOW')
    with pytest.raises(UserError, match='file/out'):
        runner.test()


def test_a_limit_of_files_is_named(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
    try:
        with pytest.raises(UserError, match='a.png.*5000 bytes at most'):
            write_rgb(tmp_path / 'a.png', noise)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_a_test_has_not_written_is_not_replaced(
        tiny_config, tmp_path, monkeypatch):
    def test_into(folder):
        runner = make_runner(tiny_config)
        runner.register_hook(FrameWriterHook(str(folder)), 'LOW')
        runner.test()
        return Path(runner._log_dir, f'{runner.timestamp}.log').read_text()

    own = tmp_path / 'own'
    test_into(own)
    frame = own / '000' / '00000000.png'
    frame.write_text('damaged')
    stray = own / '009' / '00000000.png'
    stray.parent.mkdir()
    stray.write_text('of a test on another set')
    log = test_into(own)
    assert frame.stat().st_size > 100
    assert f'1 images in it, such as {stray}, were there before' in log
    foreign = tmp_path / 'photos'
    kept = foreign / '001' / '00000002.png'
    kept.parent.mkdir(parents=True)
    kept.write_text('of somebody')
    with monkeypatch.context() as patch:
        # the names are known before anything is restored
        patch.setattr(BaseDerainer, 'restore_clip', None)
        with pytest.raises(UserError,
                           match='001/00000002.png.*another folder'):
            test_into(foreign)
    assert kept.read_text() == 'of somebody'
    assert list(foreign.rglob('*.png')) == [kept]
    other = tmp_path / 'other'
    other.mkdir()
    (other / 'notes.txt').write_text('')
    test_into(other)  # all names are free there


def test_a_file_that_holds_no_metrics_is_not_replaced(tiny_config, tmp_path):
    path = tmp_path / 'a.json'
    for content in ('{"names": []}', '[1]', 'text', '{}'):
        path.write_text(content)
        runner = make_runner(tiny_config)
        runner.register_hook(MetricsFileHook(str(path)), 'LOWEST')
        with pytest.raises(UserError, match='a.json .*no metrics'):
            runner.test()
        assert path.read_text() == content
    path.write_text('{"VRDS/PSNR": 20.5}')
    runner = make_runner(tiny_config)
    runner.register_hook(MetricsFileHook(str(path)), 'LOWEST')
    runner.test()
    assert set(json.loads(path.read_text())) == {'VRDS/PSNR', 'VRDS/SSIM'}


def test_inputs_are_not_replaced(tiny_config, tmp_path):
    root = Path(tiny_config.test_dataloader.dataset.data_root)
    copy = tmp_path / 'set'
    shutil.copytree(root, copy)
    tiny_config.test_dataloader.dataset.data_root = str(copy)
    first = copy / 'testlq' / '000' / '00000000.png'
    before = first.read_bytes()
    runner = make_runner(tiny_config)
    runner.register_hook(FrameWriterHook(str(copy / 'testlq')), 'LOW')
    with pytest.raises(UserError, match='no test has made'):
        runner.test()
    assert first.read_bytes() == before
