"""Configs, training and testing."""

import os
from pathlib import Path

import pytest
import torch

from tests.reliability.bad_input import BadInput, all_of, write
from tests.tiny import write_config, write_vrds

_TRAIN = 'train config.py --work-dir work '
_LOGS = ('work/*', )


def _config(*lines: str, **options: object):
    """A good config, and what is written at its end."""
    def make(folder: Path) -> None:
        path = write_config(folder / 'config.py', Path('set'), **options)
        with path.open('a') as file:
            file.write('\n'.join(lines) + '\n')
        write_vrds(folder / 'set', 1, 6, 1, 4)
    return make


def _saved(content: object, name: str):
    def make(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        torch.save(content, folder / name)
    return make


def _set(option: str) -> str:
    return _TRAIN + f'--cfg-options {option}'


_WEIGHTS = {'generator.head.bias': torch.zeros(8)}
_META = dict(iter=2, epoch=0)

CASES = [
    BadInput('a config that is not there', 'train no.py', 'train --help'),
    BadInput('a folder as a config', 'train in', 'a folder',
             make=write('in/a.txt')),
    BadInput('a pipe as a config', 'train pipe.py', 'a pipe',
             make=lambda folder: os.mkfifo(folder / 'pipe.py')),
    BadInput('a device as a config', 'train /dev/zero', 'a device'),
    BadInput('an empty name of a config', "train ''", 'empty text'),
    BadInput('an empty config', 'train bad.py', 'empty',
             make=write('bad.py')),
    BadInput('a config of a comment', 'train bad.py', 'has no model',
             make=write('bad.py', '# nothing\n')),
    BadInput('a config with a fault of syntax', 'train bad.py', 'line 2',
             make=write('bad.py', 'a = 1\nb = (\n')),
    BadInput('a config that divides by nothing', 'train bad.py',
             'ZeroDivisionError', make=write('bad.py', 'a = 1 / 0\n')),
    BadInput('a config that leaves Python', 'train bad.py', 'SystemExit',
             make=write('bad.py', 'import sys\nsys.exit(3)\n')),
    BadInput('a config that asserts', 'train bad.py',
             'its code ends with AssertionError in line 2',
             make=write('bad.py', 'a = 1\nassert a > 1\n')),
    BadInput('a config that imports where settings stand', 'train bad.py',
             'os is no setting, but a module',
             make=write('bad.py', 'if True:\n    import os\n')),
    BadInput('a config that holds tensors', 'train bad.py',
             'its code ends with RuntimeError',
             make=write('bad.py', 'import torch\na = torch.zeros(3)\n')),
    BadInput('a config of a package that is not there', 'train bad.py',
             'No module named',
             make=write('bad.py', 'import nonsense\n')),
    BadInput('a config with imports of its own that are not there',
             'train bad.py', 'its custom_imports, is not there (No module '
             'named', make=write(
                 'bad.py', "custom_imports = dict(imports=['nonsense'], "
                 'allow_failed_imports=False)\n')),
    BadInput('a config of bytes', 'train bad.py', 'bad.py',
             make=write('bad.py', b'\xff\xfe\0a')),
    BadInput('a text as a config', 'train notes.txt', '.py',
             make=write('notes.txt', 'rain\n')),
    BadInput('a JSON file that is cut', 'train bad.json', 'bad.json',
             make=write('bad.json', '{"model"')),
    BadInput('a config whose base is not there', 'train bad.py', 'no.py',
             make=write('bad.py', "_base_ = ['no.py']\n")),
    BadInput('a config that is its own base', 'train bad.py', 'bad.py',
             make=write('bad.py', "_base_ = ['bad.py']\n")),
    BadInput('a config without a model', 'train bad.py', 'has no model',
             make=write('bad.py', 'model = None\n')),
    BadInput('a model that is a text', 'train bad.py', 'model',
             make=write('bad.py', "model = 'vimpnet'\n")),
    BadInput('a model without a type', _TRAIN, 'type', makes=_LOGS,
             make=_config('model = dict(_delete_=True, a=1)')),
    BadInput('a misspelt model', _TRAIN, 'ViMPNetDerainr', makes=_LOGS,
             make=_config("model = dict(type='ViMPNetDerainr')")),
    BadInput('a misspelt key of a config', 'check-data config.py', status=0,
             says='Did you mean param_scheduler?',
             make=_config('param_schedular = []')),
    BadInput('a window of nothing', _set('model.test_cfg.window=0'),
             'from 1 on', make=_config()),
    BadInput('a stride of nothing', _set('model.test_cfg.stride=0'),
             'from 1 on', make=_config()),
    BadInput('a stride above the window', _set('model.test_cfg.stride=9'),
             'stride', make=_config(), makes=_LOGS),
    BadInput('a tile of nothing', _set('model.test_cfg.tile="(0,0)"'),
             'tile', make=_config(), makes=_LOGS),
    BadInput('a tile that is all overlap', _set(
        'model.test_cfg.tile_overlap=32'), 'overlap', make=_config(),
             makes=_LOGS),
    BadInput('batches of nothing', _set('train_dataloader.batch_size=0'),
             'from 1 on', make=_config()),
    BadInput('crops of nothing', _set('crop_size=0'), 'from 1 on',
             make=_config()),
    BadInput('clips of nothing', _set('clip_length=0'), 'from 1 on',
             make=_config()),
    BadInput('a learning rate that is no number',
             _set('optim_wrapper.optimizer.lr=nan'), 'finite',
             make=_config()),
    BadInput('a learning rate that is not finite',
             _set("optim_wrapper.optimizer.lr=float('nan')"), 'finite',
             make=_config()),
    BadInput('a learning rate below nothing',
             _set('optim_wrapper.optimizer.lr=-1'), 'not negative',
             make=_config()),
    BadInput('a seed in words', _set('randomness.seed=lucky'), 'from 0 to',
             make=_config()),
    BadInput('a seed below nothing', _set('randomness.seed=-1'), 'from 0 to',
             make=_config()),
    BadInput('a seed of forty digits', _set(f'randomness.seed={10**40}'),
             'randomness.seed', make=_config(), makes=_LOGS),
    BadInput('no iterations', _set('train_cfg.max_iters=0'), 'from 1 on',
             make=_config()),
    BadInput('a number where settings are', _set('train_dataloader=5'),
             'train_dataloader has to be a dict', make=_config(),
             makes=_LOGS),
    BadInput('a text where iterations are counted',
             _set('default_hooks.logger.interval=often'),
             'default_hooks.logger.interval has to be a whole number',
             make=_config(), makes=_LOGS),
    BadInput('a level of the log that is not there', _set('log_level=LOUD'),
             'one of DEBUG, INFO', make=_config(), makes=_LOGS),
    BadInput('checkpoints by epochs where iterations are counted',
             _set('default_hooks.checkpoint.by_epoch=True'),
             'save nothing before its end', make=_config(), makes=_LOGS),
    BadInput('workers below nothing', _set('train_dataloader.num_workers=-1'),
             'from 0 to 1024', make=_config()),
    BadInput('a misspelt option', _set('train_cgf.max_iters=9'),
             'Did you mean train_cfg', make=_config()),
    BadInput('an option without a value', _set('crop_size'), 'KEY=VALUE',
             make=_config()),
    BadInput('an option into a number', _set('crop_size.a=1'), 'crop_size',
             make=_config()),
    BadInput('an option into a list', _set('custom_hooks.9.type=A'),
             'custom_hooks', make=_config()),
    BadInput('an optimiser that is not there',
             _set('optim_wrapper.optimizer.type=Adamm'), 'Adamm',
             make=_config(), makes=_LOGS),
    BadInput('a hook that is not there', _TRAIN, 'FreezHook',
             make=_config(custom_hooks=[dict(type='FreezHook')]),
             makes=_LOGS),
    BadInput('data that are not there',
             _set('train_dataloader.dataset.data_root=no'), 'no/lq',
             make=_config(), makes=_LOGS),
    BadInput('crops larger than the frames', _set(
        'crop_size=4096 clip_length=6'),
             'crop', make=_config(), makes=_LOGS),
    BadInput('a work folder that is a file',
             'train config.py --work-dir photo.png', 'photo.png',
             make=_config()),
    BadInput('an empty work folder', "train config.py --work-dir ''",
             'empty text', make=_config()),
    BadInput('a pipe where MMEngine notes the last checkpoint',
             'train config.py --work-dir in', 'a pipe is there',
             make=all_of(_config(), write('in/notes.txt'), lambda folder: (
                 os.mkfifo(folder / 'in/last_checkpoint')))),
    BadInput('a launcher that is not there', _TRAIN + '--launcher dask',
             'pytorch', make=_config()),
    # checkpoints of a training
    BadInput('a checkpoint to resume that is not there',
             _TRAIN + '--resume no.pth', 'no.pth', make=_config()),
    BadInput('a text to resume from', _TRAIN + '--resume bad.pth',
             'not a checkpoint', make=all_of(
                 _config(), write('bad.pth', 'rain\n')), makes=_LOGS),
    BadInput('weights alone to resume from', _TRAIN + '--resume bad.pth',
             'optimizer', make=all_of(_config(), _saved(dict(
                 state_dict=_WEIGHTS, meta=_META, message_hub={}),
                 'bad.pth')), makes=_LOGS),
    BadInput('a training without meta', _TRAIN + '--resume bad.pth', 'meta',
             make=all_of(_config(), _saved(dict(
                 state_dict=_WEIGHTS, optimizer={}, message_hub={}),
                 'bad.pth')), makes=_LOGS),
    BadInput('a training with logs of nothing', _TRAIN + '--resume bad.pth',
             'message_hub', make=all_of(_config(), _saved(dict(
                 state_dict=_WEIGHTS, optimizer={}, meta=_META,
                 message_hub=3), 'bad.pth')), makes=_LOGS),
    BadInput('a list to resume from', _TRAIN + '--resume bad.pth',
             'state_dict', make=all_of(
                 _config(), _saved([1], 'bad.pth')), makes=_LOGS),
    BadInput('weights of another network to start from',
             _set('load_from=model.pth'), 'does not fit', make=_config(),
             makes=_LOGS),
    BadInput('a video to start from', _set('load_from=clip.mp4'),
             'not a checkpoint', make=_config(), makes=_LOGS),
    BadInput('a checkpoint to test that is not there', 'test config.py no.pth',
             'no.pth', make=_config()),
    BadInput('a checkpoint of another network to test',
             'test config.py model.pth --work-dir work', 'does not fit',
             make=_config(), makes=_LOGS),
    BadInput('a folder to test', 'test config.py set --work-dir work',
             'a folder', make=_config()),
    BadInput('metrics into a folder', 'test config.py model.pth --work-dir '
             'work --out set', '--out', make=_config(), makes=_LOGS),
    BadInput('metrics into a device', 'test config.py model.pth --work-dir '
             'work --out /dev/null', 'a device is there', make=_config(),
             makes=_LOGS),
    BadInput('restored frames into a file', 'test config.py model.pth '
             '--work-dir work --save-path photo.png', '--save-path',
             make=_config(), makes=_LOGS),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
