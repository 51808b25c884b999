"""Whether a training can go on from a file."""

from pathlib import Path

import pytest
import torch

from mmderain.engine.resuming import require_resumable
from mmderain.engine.runner import DerainRunner
from mmderain.errors import CheckpointError

WHOLE = dict(state_dict={}, optimizer={}, message_hub={},
             meta=dict(iter=2, epoch=0))


@pytest.mark.parametrize(('key', 'value'), [
    ('optimizer', None), ('message_hub', 3), ('state_dict', [1]),
    ('meta', {}), ('meta', dict(iter='2', epoch=0)), ('meta', 'x')])
def test_what_is_missing_is_named(key, value):
    require_resumable(WHOLE, 'iter_2.pth')
    with pytest.raises(CheckpointError, match=f'iter_2.pth: .*{key}.*load_f'):
        require_resumable({**WHOLE, key: value}, 'iter_2.pth')


def test_what_is_no_checkpoint_does_not_block(tiny_config):
    runner = DerainRunner.from_cfg(tiny_config)
    work = Path(runner.work_dir)
    (work / 'iter_99.pth').mkdir()
    (work / 'iter_98.pth').write_text('rain')
    torch.save([1], work / 'iter_97.pth')
    torch.save({'state_dict': {}}, work / 'iter_96.pth')
    assert runner._newest_checkpoint() is None
    torch.save(WHOLE, work / 'iter_2.pth')
    assert runner._newest_checkpoint() == str(work / 'iter_2.pth')
