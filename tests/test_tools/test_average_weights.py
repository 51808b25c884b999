"""Between two checkpoints of one network."""

import subprocess
import sys

import pytest
import torch

from mmderain.checkpoints import load_network
from tests.helpers.scripts import status_of
from tests.helpers.videos import write_checkpoint
from tests.tiny import ROOT

SMALL = dict(width=8, bottleneck=8, growth=4, dilations=[1, 2], tail=8)


def average(*arguments):
    return subprocess.run(
        [sys.executable, '-W', 'ignore',
         str(ROOT / 'tools' / 'average_weights.py'), *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, check=False)


def test_it_is_between_them(tmp_path):
    one = write_checkpoint(tmp_path / 'a.pth', 'aligned_median', **SMALL)
    saved = torch.load(one, weights_only=True)
    other = tmp_path / 'b.pth'
    torch.save(dict(saved, state_dict={
        name: value + 1 for name, value in saved['state_dict'].items()}),
        other)
    output = tmp_path / 'c.pth'
    done = average(output, f'0.25:{one}', f'0.75:{other}')
    assert done.returncode == 0, done.stderr
    network = load_network(str(output))
    before = load_network(str(one))
    for name, value in network.state_dict().items():
        torch.testing.assert_close(value, before.state_dict()[name] + 0.75)
    # nothing is replaced
    assert average(output, f'1:{one}').returncode == 2
    assert average(tmp_path / 'd.pth', f'0.5:{one}').returncode == 2


@pytest.mark.parametrize(('parts', 'said'), [
    (['model.pth'], 'expected SHARE:FILE.pth'),
    (['nan:model.pth'], 'expected SHARE:FILE.pth'),
    (['1:no.pth'], 'There is no checkpoint no.pth'),
    (['1:text.pth'], 'text.pth is not a checkpoint'),
    (['.5:bare.pth', '.5:bare.pth'], 'bare.pth: expected the weights of '),
    (['.5:model.pth', '.5:other.pth'], 'other.pth: expected the weights of '),
    (['.5:model.pth', '.5:wide.pth'], 'wide.pth: expected the weights of ')])
def test_what_cannot_be_averaged_is_named(tmp_path, monkeypatch, capsys,
                                          parts, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'text.pth').write_text('text')
    torch.save(dict(state_dict=dict(a=torch.ones(2))), 'bare.pth')
    for name, method, more in (('model', 'aligned_median', {}),
                               ('wide', 'aligned_median', dict(width=16)),
                               ('other', 'eevrsr_derain_only', None)):
        write_checkpoint(tmp_path / f'{name}.pth', method,
                         **({} if more is None else SMALL | more))
    assert status_of('average_weights', ['out.pth', *parts]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / 'out.pth').exists()


def test_a_link_is_not_replaced(tmp_path):
    one = write_checkpoint(tmp_path / 'a.pth', 'aligned_median', **SMALL)
    (tmp_path / 'b.pth').symlink_to('/nowhere/b.pth')
    assert average(tmp_path / 'b.pth', f'1:{one}').returncode == 2
    assert (tmp_path / 'b.pth').is_symlink()
