"""How many workers a cluster has room for."""

import pytest

from mmderain.errors import UserError
from mmderain.fleet.cluster import Cluster, Room

SMALL = dict(Alive=True, Resources=dict(CPU=2.0))
LARGE = dict(Alive=True, Resources=dict(CPU=7.0))
GPUS = dict(Alive=True, Resources=dict(CPU=16.0, GPU=4.0))
GONE = dict(Alive=False, Resources=dict(CPU=64.0))


@pytest.mark.parametrize(('nodes', 'wanted', 'room'), [
    ([SMALL, LARGE, GONE], {}, Room(4, 3, 2, 'cpu')),
    ([SMALL, LARGE], dict(cores=1), Room(9, 7, 1, 'cpu')),
    ([SMALL, LARGE], dict(cores=4), Room(1, 1, 4, 'cpu')),
    ([dict(Alive=True, Resources=dict(CPU=1.0))], {}, Room(1, 1, 1, 'cpu')),
    ([SMALL, GPUS], {}, Room(4, 4, 2, 'cuda')),
    ([SMALL, GPUS], dict(device='cpu'), Room(9, 8, 2, 'cpu')),
    ([SMALL, GPUS], dict(workers=1), Room(1, 4, 2, 'cuda')),
    # machines may come for those who wait
    ([SMALL], dict(workers=9, address='a:1'), Room(9, 1, 2, 'cpu')),
    ([SMALL], dict(workers=9, cores=8, address='a:1'), Room(9, 1, 8, 'cpu')),
])
def test_room(nodes, wanted, room):
    assert Cluster(**wanted).room(nodes) == room


@pytest.mark.parametrize(('wanted', 'said'), [
    (dict(cores=8), '--worker-cores 8: expected a machine'),
    (dict(device='cuda'), 'and a GPU'),
    (dict(workers=3, cores=1), '--workers 3: expected 2 at most')])
def test_no_room(wanted, said):
    with pytest.raises(UserError, match=said):
        Cluster(**wanted).room([SMALL])
