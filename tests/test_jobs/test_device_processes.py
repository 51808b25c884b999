"""Processes of devices: how their end is told."""

import os
import signal
from multiprocessing import Pipe

import pytest

from mmderain.jobs.device_processes import DeviceProcesses
from mmderain.processes import StopSignal


def test_a_signal_to_all_processes_is_a_stop_and_no_lack_of_memory():
    """As systemd and Slurm end a run; which dies first is chance."""
    ours, theirs = Pipe()
    theirs.close()
    processes = DeviceProcesses.__new__(DeviceProcesses)
    processes._pipes = [ours]
    with StopSignal(signal.SIGTERM), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGTERM)
        processes._receive(0)
    ours.close()
