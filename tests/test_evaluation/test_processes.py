"""Any number of processes reports what one does."""

import json
import os
import socket
import subprocess
import sys

import lpips
import torch

from tests.test_evaluation import rank_scores
from tests.tiny import ROOT


def test_two_processes_equal_one_in_every_metric(tmp_path):
    torch.manual_seed(0)
    network = lpips.LPIPS(net='alex', pnet_rand=True, verbose=False)
    weights = tmp_path / 'alexnet.pth'
    torch.save({f'features.{name.partition(".")[2]}': value
                for name, value in network.net.state_dict().items()}, weights)
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        port = probe.getsockname()[1]
    output = tmp_path / 'figures.json'
    processes = [subprocess.Popen(
        [sys.executable, '-W', 'ignore', '-m',
         'tests.test_evaluation.rank_scores', str(rank), '2', str(port),
         str(output), str(weights)], cwd=ROOT,
        env=dict(os.environ, CUDA_VISIBLE_DEVICES=''),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for rank in range(2)]
    for process in processes:
        said, _ = process.communicate(timeout=300)
        assert process.returncode == 0, said
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as those processes
    try:
        alone = rank_scores.figures(0, 1, str(weights))
    finally:
        torch.set_num_threads(threads)
    together = json.loads(output.read_text())
    assert len(together) == 5 * 3 + 1 + 1 + 2
    assert together == alone
    # clips of other lengths: the two averages are not the same
    assert together['ntu/PSNR'] != together['rainsyn/PSNR']
