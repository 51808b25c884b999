"""What makes a shell complete the words of a command."""

import re
import subprocess

import pytest

from mmderain.cli import main as command


def test_what_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setattr('mmderain.packages.is_there', lambda name: False)
    assert command.main(['completion', 'bash']) == 2
    assert "pip install 'mmderain[completion]'" in capsys.readouterr().err


@pytest.mark.parametrize(('typed', 'completed'), [
    ('der', 'derain'), ('derain --json', '--json-progress'),
    ('derain --preview sp', 'split'), ('derain rai', 'rainy.mp4'),
    ('derain --mask rai', 'rainy.mp4'), ('evaluate --prot', '--protocol')])
def test_bash_completes(tmp_path, capsys, typed, completed):
    pytest.importorskip('shtab')
    (tmp_path / 'rainy.mp4').touch()
    assert command.main(['completion', 'bash']) == 0
    script = capsys.readouterr().out
    words = typed.split(' ')
    function, = re.findall(r'^complete .*-F (\S+) mmderain$', script,
                           re.MULTILINE)
    done = subprocess.run(
        ['bash', '-c', f'{script}\nCOMP_WORDS=(mmderain {typed}); '
         f'COMP_CWORD={len(words)}; {function} mmderain; '
         'echo "${COMPREPLY[@]}"'],
        cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [completed]
