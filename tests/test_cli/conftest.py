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
def derain_apart(checkpoint, capsys):
    """Runs the command; returns its status, standard output and error."""
    def run(*arguments):
        status = main([*map(str, arguments), '--checkpoint', str(checkpoint),
                       '--device', 'cpu'])
        return status, *capsys.readouterr()
    return run


@pytest.fixture
def derain(derain_apart):
    """The same; returns the status and all that was said."""
    def run(*arguments):
        status, out, err = derain_apart(*arguments)
        return status, out + err
    return run
