"""A number for each kind of end, and what the commands say of it."""

import errno
import re

import pytest

from mmderain.cli import main as command
from mmderain.cli.exit_codes import Exit, kind_of
from mmderain.errors import (
    CheckpointError,
    ConfigError,
    DataError,
    NoMemoryError,
    NoSpaceError,
    UserError,
)
from tests.tiny import ROOT


@pytest.mark.parametrize(('error', 'kind'), [
    (UserError(''), 'other'), (ConfigError(''), 'other'),
    (CheckpointError(''), 'other'),
    (PermissionError(errno.EACCES, 'Permission denied'), 'other'),
    (DataError(''), 'input'), (NoSpaceError(''), 'space'),
    (OSError(errno.ENOSPC, 'No space left on device'), 'space'),
    (OSError(errno.EDQUOT, 'Disk quota exceeded'), 'space'),
    (NoMemoryError(''), 'memory'), (MemoryError(), 'memory'),
    (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 'memory'),
    (KeyError('x'), 'fault')])
def test_programs_are_told_what_an_error_is_about(error, kind):
    assert kind_of(error) == kind


def test_the_document_has_the_table():
    text = (ROOT / 'docs' / 'video.md').read_text()
    rows = dict(re.findall(r'^\| (\d+) \| (.*) \|$', text, re.MULTILINE))
    assert rows == {str(status.value): status.meaning for status in Exit}


def test_help_has_the_table(capsys):
    command.main(['--help'])
    said = capsys.readouterr().out
    for status in Exit:
        assert f'{status.value}  {status.meaning}' in said
