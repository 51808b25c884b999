"""Room for copies on a disk that others use, too."""

import pytest

from mmderain.errors import UserError
from mmderain.jobs import stage
from mmderain.jobs.stage import stage_in


@pytest.fixture
def left(tmp_path):
    """What a process has left that was killed."""
    with stage_in(tmp_path, 0) as own:
        pass
    own.mkdir()
    (own / 'a.mp4').write_text('much')
    return own


def test_what_a_killed_process_has_left_is_removed(tmp_path, left):
    with stage_in(tmp_path, 0) as used:
        assert not left.exists()
        (used / 'a.mp4').write_text('much')
        # but not what is being used
        with stage_in(tmp_path, 0) as other:
            assert other != used
        assert (used / 'a.mp4').exists()
    assert not used.exists()


def test_what_another_machine_has_left_may_be_in_use(tmp_path, left,
                                                     monkeypatch):
    """Of locks on a disk of a network it may know nothing."""
    monkeypatch.setattr(stage.platform, 'node', lambda: 'another')
    with stage_in(tmp_path, 0):
        assert (left / 'a.mp4').exists()


def test_what_a_user_has_there_stays(tmp_path):
    for name in ('video-2024', 'video-', 'clips'):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'precious.mp4').write_text('precious')
    with stage_in(tmp_path, 0):
        pass
    assert len([*tmp_path.glob('*/precious.mp4')]) == 3


def test_a_temporary_folder_of_another_user_is_refused(tmp_path,
                                                       monkeypatch):
    """Who could change what is copied."""
    monkeypatch.setattr(stage, 'gettempdir', lambda: str(tmp_path))
    with stage_in(None, 0) as own:
        user = own.stat().st_uid
    (tmp_path / f'mmderain-stage-{user + 1}').mkdir()
    monkeypatch.setattr(stage.os, 'getuid', lambda: user + 1)
    with pytest.raises(UserError, match='of another user.*--stage-dir'), \
            stage_in(None, 0):
        pass
