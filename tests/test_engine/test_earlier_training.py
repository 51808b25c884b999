"""Two trainings in one work folder lose nothing."""

import copy
from pathlib import Path

import pytest

from mmderain.engine import runner as runner_module
from mmderain.engine.earlier_training import set_aside
from mmderain.errors import CheckpointError, UserError
from mmderain.folder_lock import alone_in

from .helpers import train, train_until


def files(folder):
    return {path.name: path.read_bytes() for path in folder.glob('*.pth')}


def test_a_training_anew_keeps_the_earlier_checkpoints(tiny_config):
    work = Path(tiny_config.work_dir)
    train(copy.deepcopy(tiny_config))
    first = files(work)
    tiny_config.randomness.seed += 1
    again = copy.deepcopy(tiny_config)
    train_until(again, 2)

    assert files(work / 'earlier_1') == first
    assert (work / 'earlier_1' / 'last_checkpoint').is_file()
    # what is resumed is this training, though the other had come further
    assert 'iter_6.pth' not in files(work)
    tiny_config.resume = 'auto'
    train(tiny_config)
    assert files(work)['iter_6.pth'] != first['iter_6.pth']
    assert not (work / 'earlier_2').exists()


def test_the_checkpoint_it_starts_from_stays(tiny_config):
    work = Path(tiny_config.work_dir)
    train(copy.deepcopy(tiny_config))
    tiny_config.load_from = str(work / 'iter_4.pth')
    train_until(copy.deepcopy(tiny_config), 2)
    assert 'iter_4.pth' in files(work)
    assert 'iter_6.pth' in files(work / 'earlier_1')


@pytest.mark.parametrize('others', [(), ('iter_2.pth', )])
def test_the_checkpoint_it_starts_from_outlives_one_of_its_name(
        tmp_path, others):
    """This training will write an iter_4.pth, too."""
    for name in ('iter_4.pth', *others):
        (tmp_path / name).write_text(name)
    folder = set_aside(tmp_path, str(tmp_path / 'iter_4.pth'))
    (tmp_path / 'iter_4.pth').write_text('of this training')
    assert {path.name for path in folder.iterdir()} == {'iter_4.pth', *others}
    assert (folder / 'iter_4.pth').read_text() == 'iter_4.pth'


def test_files_of_others_stay(tmp_path):
    for name in ('iter_2.pth', 'best_PSNR_iter_2.pth', 'vgg16.pth',
                 'notes_2.txt'):
        (tmp_path / name).write_text(name)
    (tmp_path / 'earlier_1').mkdir()
    assert set_aside(tmp_path, None) == tmp_path / 'earlier_2'
    assert {path.name for path in (tmp_path / 'earlier_2').iterdir()} == {
        'iter_2.pth', 'best_PSNR_iter_2.pth'}
    assert (tmp_path / 'vgg16.pth').read_text() == 'vgg16.pth'
    assert set_aside(tmp_path, None) is None


def test_two_at_once_are_refused(tiny_config, monkeypatch):
    monkeypatch.setattr(runner_module, '_SECONDS_TO_END', 0)
    with alone_in(Path(tiny_config.work_dir)), \
            pytest.raises(UserError, match='another process is writing'):
        train(tiny_config)


def test_what_is_refused_does_not_replace_the_config(tiny_config, tmp_path):
    work = Path(tiny_config.work_dir)
    train(copy.deepcopy(tiny_config))
    written = next(work.glob('*.py'))
    before = written.read_text()
    tiny_config.resume = True
    tiny_config.model.generator.width = 8
    with pytest.raises(CheckpointError):
        train(tiny_config)
    assert written.read_text() == before
    tiny_config.model.generator.width = 4
    train(tiny_config)
    assert 'resume = True' in written.read_text()
