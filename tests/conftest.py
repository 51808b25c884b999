"""Shared fixtures. The suite needs neither a network nor ../shared."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from mmengine.config import Config

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import mmderain  # noqa: E402, F401
from mmderain.compat import keep_scheduling  # noqa: E402
from tests import tiny  # noqa: E402

# `nohup` and schedulers have it ignored, which processes inherit.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Several processes share the cores, as do those which tests start; threads
# without a core of their own would wait for each other.
_THREADS = max(1, min(2, len(os.sched_getaffinity(0)) // int(
    os.environ.get('PYTEST_XDIST_WORKER_COUNT', 1))))
torch.set_num_threads(_THREADS)
os.environ.setdefault('OMP_NUM_THREADS', str(_THREADS))


@pytest.fixture(autouse=True)
def scheduling_as_it_was() -> Iterator[None]:
    """An AV1 encoder left to itself makes threads that starve all others."""
    with keep_scheduling():
        before = os.sched_getscheduler(0)
        yield
        after = os.sched_getscheduler(0)
    assert before == after, 'put what encodes AV1 into keep_scheduling()'


@pytest.fixture(scope='session')
def vrds(tmp_path_factory) -> Path:
    """A small set in VRDS's layout; do not change it."""
    return tiny.write_vrds(tmp_path_factory.mktemp('vrds'))


@pytest.fixture(scope='session')
def data_roots(tmp_path_factory) -> dict[str, str]:
    """A set for each variable of the environment that configs read."""
    from tests.helpers.recipes import write_data_roots
    return write_data_roots(tmp_path_factory.mktemp('rendered'))


@pytest.fixture
def shared() -> Path:
    """Reference data outside the repository, where a developer has them."""
    folder = ROOT.parent / 'shared'
    if not folder.is_dir():
        pytest.skip('../shared, with official weights and real frames, is '
                    'not on this machine')
    return folder


@pytest.fixture
def tiny_config(vrds, tmp_path) -> Config:
    """The official config with a tiny network, in a folder of its own."""
    path = tiny.write_config(tmp_path / 'config.py', vrds)
    cfg = Config.fromfile(path)
    cfg.work_dir = str(tmp_path / 'work')
    # runners of one process must not share loggers and message hubs
    cfg.experiment_name = tmp_path.name
    cfg.launcher = 'none'
    return cfg
