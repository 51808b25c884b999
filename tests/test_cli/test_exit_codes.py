"""One number for each kind of end, and what the commands say of it."""

import errno
import re

import pytest

from mmderain.cli import main as command
from mmderain.cli.exit_codes import Exit, exit_of
from mmderain.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    NoMemoryError,
    NoSpaceError,
    UserError,
)
from tests.tiny import ROOT


@pytest.mark.parametrize(('error', 'status'), [
    (UserError(''), 2), (ConfigError(''), 2), (CheckpointError(''), 2),
    (PermissionError(errno.EACCES, 'Permission denied'), 2),
    (DataError(''), 3), (NoSpaceError(''), 4),
    (OSError(errno.ENOSPC, 'No space left on device'), 4),
    (OSError(errno.EDQUOT, 'Disk quota exceeded'), 4),
    (NoMemoryError(''), 5), (MemoryError(), 5),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 5),
    (KeyError('x'), 70)])
def test_an_error_has_the_status_of_its_kind(error, status):
    assert exit_of(error) == status


def test_the_document_has_the_table():
    text = (ROOT / 'docs' / 'video.md').read_text()
    rows = dict(re.findall(r'^\| (\d+) \| (.*) \|$', text, re.MULTILINE))
    assert rows == {str(status.value): status.meaning for status in Exit}


def test_help_has_the_table(capsys):
    command.main(['--help'])
    said = capsys.readouterr().out
    for status in Exit:
        assert f'{status.value}  {status.meaning}' in said
