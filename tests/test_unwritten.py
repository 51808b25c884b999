"""What is said of a file that cannot be written."""

import errno
import os
import re
from pathlib import Path

import pytest

from mmderain.errors import NO_SPACE, NoSpaceError, UserError
from mmderain.unwritten import cannot_write, require_replaceable


def test_a_folder_that_vanished_is_called_that(tmp_path):
    folder = tmp_path / 'out.mp4.parts'
    with pytest.raises(UserError, match=r'out.mp4.parts is not there, or has '
                                        'been removed during the work'):
        try:
            (folder / 'a.mp4').open('wb')
        except OSError as error:
            raise cannot_write(folder / 'a.mp4', error) from error


@pytest.mark.parametrize(('number', 'says'), [
    (errno.ENOSPC, r'No space left for a.mp4: .* \(\d+ MiB are free\). Free'),
    (errno.EDQUOT, 'a.mp4 cannot be written completely: Disk quota exceeded. '
     'Remove files of yours, or have your quota raised'),
    (errno.EFBIG, 'a.mp4 cannot be written completely: File too large. Raise '
     'the limit of files .ulimit -f unlimited., or choose a disk'),
    (errno.EROFS, 'a.mp4 cannot be written: Read-only file system. Choose a '
     'place on another disk'),
    (errno.EACCES, 'a.mp4 cannot be written: Permission denied. Change the '
     'permissions'),
    (errno.EIO, 'a.mp4 cannot be written: Input/output error. The disk may')])
def test_words_fit_what_the_system_says(number, says):
    error = cannot_write(Path('a.mp4'), OSError(number, os.strerror(number)))
    assert re.match(says, str(error)), error
    assert '--resume' not in str(error)
    assert isinstance(error, NoSpaceError) == (number in NO_SPACE)
    assert 'No space left' not in str(error) or number == errno.ENOSPC


def test_a_limit_of_files_is_named_with_its_bytes(monkeypatch):
    monkeypatch.setattr('resource.getrlimit', lambda name: (9000, -1))
    for error in (None, OSError(errno.EFBIG, 'File too large')):
        said = str(cannot_write(Path('a.mp4'), error))
        assert '9000 bytes at most' in said and 'ulimit -f unlimited' in said
        assert 'space' not in said


def test_a_link_that_leads_nowhere_in_the_path_is_named(tmp_path):
    (tmp_path / 'disk').symlink_to('/nowhere/disk')
    target = tmp_path / 'disk' / 'a.mp4'
    with pytest.raises(UserError, match='disk is a link that leads nowhere'):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(target, error) from error


def test_what_is_anothers_in_a_folder_of_all_stays(tmp_path, monkeypatch):
    """In /tmp everybody writes, and nobody replaces what is another's."""
    there = tmp_path / 'a.mp4'
    there.write_text('precious')
    require_replaceable(tmp_path / 'new.mp4')
    require_replaceable(there)
    tmp_path.chmod(0o1777)
    require_replaceable(there)
    monkeypatch.setattr('os.geteuid', lambda: there.stat().st_uid + 1)
    require_replaceable(tmp_path / 'new.mp4')
    with pytest.raises(UserError, match="a.mp4 .* another user's"):
        require_replaceable(there)
    tmp_path.chmod(0o777)
    require_replaceable(there)


@pytest.mark.parametrize('inner', ['a.mp4', 'b/a.mp4'])
def test_a_file_in_the_path_is_named(tmp_path, inner):
    (tmp_path / 'notes').write_text('x')
    target = tmp_path / 'notes' / inner
    with pytest.raises(UserError, match='a.mp4 cannot be written: .*notes is '
                       'no folder, so nothing can be written into it. Choose'):
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise cannot_write(target, error) from error
