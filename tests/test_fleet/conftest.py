"""A cluster of Ray with room for all workers of the tests of this folder."""

import os
import socket

import pytest

from tests.tiny import ROOT


@pytest.fixture(scope='session')
def cluster():
    """Its address."""
    ray = pytest.importorskip('ray', reason='the extra [ray] is missing')
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    # workers have the environment of their cluster
    os.environ.update(
        PYTHONPATH=str(ROOT), RAY_USAGE_STATS_ENABLED='0',
        AWS_ENDPOINT_URL=f'http://127.0.0.1:{port}', AWS_ACCESS_KEY_ID='a',
        AWS_SECRET_ACCESS_KEY='b', AWS_DEFAULT_REGION='us-east-1')
    context = ray.init('local', num_cpus=6, object_store_memory=100 << 20,
                       include_dashboard=False, log_to_driver=False,
                       logging_level='ERROR')
    yield context.address_info['address']
    ray.shutdown()


@pytest.fixture(scope='session')
def bucket(cluster):
    """Of an object store on this machine; its address."""
    pytest.importorskip('s3fs')
    server = pytest.importorskip('moto.server')
    port = int(os.environ['AWS_ENDPOINT_URL'].rpartition(':')[2])
    server = server.ThreadedMotoServer('127.0.0.1', port, verbose=False)
    server.start()
    import s3fs
    s3fs.S3FileSystem().mkdir('rain')
    yield 's3://rain'
    server.stop()
