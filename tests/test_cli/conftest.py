"""The command on small videos, by a network that is fast."""

import pytest

from mmderain.cli.derain import main
from tests.helpers.videos import write_checkpoint


@pytest.fixture(scope='session')
def checkpoint(tmp_path_factory):
    # without motion: the fastest of all
    return write_checkpoint(tmp_path_factory.mktemp('weights') / 'e.pth',
                            'eevrsr_derain_only')


@pytest.fixture
def derain(checkpoint, capsys):
    """Runs the command; returns its status and all that it said."""
    def run(*arguments):
        status = main([*map(str, arguments), '--checkpoint', str(checkpoint),
                       '--device', 'cpu'])
        said = capsys.readouterr()
        return status, said.out + said.err
    return run
