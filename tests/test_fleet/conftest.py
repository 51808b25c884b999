"""A cluster of Ray with room for all workers of the tests of this folder."""

import os

import pytest

from tests.tiny import ROOT

ray = pytest.importorskip('ray')


@pytest.fixture(scope='session')
def cluster():
    """Its address."""
    os.environ['PYTHONPATH'] = str(ROOT)
    os.environ['RAY_USAGE_STATS_ENABLED'] = '0'
    context = ray.init('local', num_cpus=6, object_store_memory=100 << 20,
                       include_dashboard=False, log_to_driver=False,
                       logging_level='ERROR')
    yield context.address_info['address']
    ray.shutdown()
