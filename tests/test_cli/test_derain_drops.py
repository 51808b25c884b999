"""Streaks and drops on the lens in one run of the command."""

import pytest

from mmderain.cli.derain import main
from mmderain.models.lens_drops.restoration import LensDropRestoration
from tests.helpers.videos import decoded, write_video
from tests.test_models.test_lens_drops.helpers import (
    find_none,
    find_true,
    pan,
    with_drops,
)

BOTH = ['--remove', 'streaks,drops', '--codec', 'ffv1', '--segment-frames',
        '20']


@pytest.fixture(scope='module')
def video(tmp_path_factory):
    return write_video(tmp_path_factory.mktemp('video') / 'a.mkv',
                       list(with_drops(pan(50))), 'ffv1', 'yuv444p')


@pytest.mark.parametrize('drops', [True, False])
def test_the_last_line_says_what_was_done(
        video, checkpoint, tmp_path, monkeypatch, capsys, drops):
    found = find_true if drops else find_none
    monkeypatch.setattr(LensDropRestoration, 'find_drops',
                        lambda self, planes, dtype=None: found(planes))
    output = tmp_path / 'b.mkv'
    assert main([str(video), str(output), '--checkpoint', str(checkpoint),
                 '--device', 'cpu', '--backend', 'torch', '--save-maps',
                 *BOTH]) == 0
    said = capsys.readouterr()
    assert 'using the weights lens_drops' in said.err
    line = said.out.splitlines()[-1]
    assert ('; drops: 2 on the lens, ' in line) == drops
    assert ('% of the frame, in 50 frames' in line) == drops
    assert ('; no drops found on the lens' in line) != drops
    assert len(decoded(output)) == 50
    for name in ('removed', 'drops', 'trust'):
        assert len(decoded(tmp_path / f'b.{name}.mkv')) == 50
    covered = decoded(tmp_path / 'b.drops.mkv')[25]
    assert (covered.max() > 200) == drops


def test_work_is_not_gone_on_with_by_other_models(
        video, checkpoint, tmp_path, monkeypatch, capsys):
    arguments = [str(video), str(tmp_path / 'b.mkv'), '--checkpoint',
                 str(checkpoint), '--device', 'cpu', *BOTH[2:]]
    with monkeypatch.context() as context:
        context.setattr('mmderain.jobs.derain_job.DerainJob._finish',
                        lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            main(arguments)
    assert main([*arguments, '--resume', *BOTH[:2]]) == 2
    assert 'add --remove streaks to keep it so' in capsys.readouterr().err
    assert main([*arguments, '--resume']) == 0


def test_two_devices_equal_one(video, checkpoint, tmp_path):
    for name, where in (('one', ['--device', 'cpu']),
                        ('two', ['--devices', 'cpu,cpu'])):
        assert main([str(video), str(tmp_path / f'{name}.mkv'),
                     '--checkpoint', str(checkpoint), *where, *BOTH]) == 0
    one, two = (decoded(tmp_path / f'{name}.mkv') for name in ('one', 'two'))
    assert len(one) == len(two) == 50
    assert all((first == second).all()
               for first, second in zip(one, two, strict=True))
