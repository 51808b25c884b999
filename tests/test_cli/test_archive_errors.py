"""An archive goes on, whatever one of its videos brings."""

from mmderain.jobs import archive, archive_work
from tests.helpers.videos import pictures, times, write_video


def spoilt_for_the_first(monkeypatch, module, name, error):
    original = getattr(module, name)

    def spoilt(*arguments, **settings):
        if any(str(item).endswith('1.mp4') for item in arguments):
            raise error
        return original(*arguments, **settings)

    monkeypatch.setattr(module, name, spoilt)


def test_an_input_that_the_system_refuses(derain, tmp_path, monkeypatch):
    videos = [write_video(tmp_path / f'{number}.mp4', pictures(3))
              for number in (1, 2)]
    for module, name in ((archive, 'judge'), (archive_work, 'DerainJob')):
        spoilt_for_the_first(monkeypatch, module, name, PermissionError(
            13, 'Permission denied', 'secret'))
        status, said = derain(*videos, '--output-dir', tmp_path / name)
        monkeypatch.undo()
        assert status == 1
        assert 'secret: Permission denied. Change the permissions' in said
        assert '1 done, 0 done before, 1 failed' in said
        assert len(times(tmp_path / name / '2.mp4')) == 3


def test_a_fault_of_ours(derain, tmp_path, monkeypatch):
    videos = [write_video(tmp_path / f'{number}.mp4', pictures(3))
              for number in (1, 2)]
    spoilt_for_the_first(monkeypatch, archive_work, 'DerainJob',
                         KeyError('lost'))
    status, said = derain(*videos, '--output-dir', tmp_path / 'out')
    assert status == 1
    assert 'fault of mmderain' in said and "KeyError: 'lost'" in said
    assert 'in spoilt' in said  # where it happened
    assert len(times(tmp_path / 'out' / '2.mp4')) == 3
