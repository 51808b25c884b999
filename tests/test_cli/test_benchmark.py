import json
import re

import pytest
import torch
from torch import nn

from mmderain.cli import benchmark, network_speed
from mmderain.errors import UserError

SMALL = ['mid_channels=16', 'num_blocks=1', 'extraction_blocks=1',
         'reconstruction_blocks=1', 'deform_groups=4',
         'spynet_channels=[8, 16, 8, 4]', 'encoder_channels=[8, 16, 16]',
         'transformer_channels=32', 'transformer_heads=2',
         'transformer_ffn_channels=64']


@pytest.fixture(autouse=True)
def _small_ceilings(monkeypatch):
    monkeypatch.setitem(network_speed._MATRIX, 'cpu', 64)


@pytest.mark.parametrize('dtype', ['float32', 'bfloat16'])
def test_measures_a_network(dtype, tmp_path, capsys):
    file = tmp_path / 'figures.json'
    status = benchmark.main([
        'vimpnet', '--size', '2x16x16', '--batch', '2', '--dtype', dtype,
        '--runs', '2', '--json', str(file), '--network-args', *SMALL])
    assert status == 0
    printed = capsys.readouterr().out
    assert 'run 2/2' in printed and 'input 2x2x3x16x16' in printed
    figures = json.loads(file.read_text())
    assert len(figures['seconds']) == 2
    assert 0 < figures['seconds_min'] <= figures['seconds_median']
    assert figures['operations'] > 1e6
    assert figures['share_of_matmul'] == pytest.approx(
        figures['gflops'] / figures['matmul_gflops'])
    assert figures['peak_memory_bytes'] > 1e8


def test_counts_attention_and_convolutions():

    class Network(nn.Module):

        def forward(self, x):
            out = nn.functional.conv2d(x, torch.ones(2, 3, 3, 3), padding=1)
            tokens = out.flatten(2)[:, None]
            return nn.functional.scaled_dot_product_attention(
                tokens, tokens, tokens)

    figures = network_speed.measure(
        Network(), torch.rand(1, 3, 4, 8), torch.float32, 1)
    # a convolution, two products of 2 x 32 tokens
    assert figures['operations'] == 2 * 2 * 27 * 32 + 2 * 2 * 2 * 32 * 2


@pytest.mark.parametrize('options, message', [
    (['nothing'], "no method 'nothing'; it has .*vimpnet"),
    (['vimpnet', '--size', '16x16'], r'takes a clip of shape \(n, t, 3'),
    (['vimpnet', '--size', '2x16x18'], '4 divides, but got 16 x 18'),
    (['vimpnet', '--size', 'large'], "such as 5x256x256, but got 'large'"),
    (['vimpnet', '--network-args', 'mid_channels'], 'KEY=VALUE'),
    (['vimpnet', '--network-args', 'mid_channels=x'], 'not a JSON value'),
    (['vimpnet', '--network-args', 'width=3'], r"no argument \['width'\]"),
    (['vimpnet', '--network-args', '{"mid_channels": 20}'], 'multiple of 8'),
    (['vimpnet', '--device', 'cuda'], 'sees no GPU'),
    (['aligned_median', '--size', '5x32x32'], 'more than a clip.*--all'),
    (['eevrsr', '--size', '5x32x32'], 'got .*Change --size or --channels'),
])
def test_explains_mistakes(options, message, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert benchmark.main(options) == 2
    assert re.search(message, capsys.readouterr().err)


def test_reads_arguments_of_the_network():
    assert benchmark.parse_network_args(['a=1', 'b=[2, 3]', 'c=null']) == {
        'a': 1, 'b': [2, 3], 'c': None}
    assert benchmark.parse_network_args(['{"a": "x"}']) == {'a': 'x'}
    with pytest.raises(UserError):
        benchmark.parse_network_args(['{"a": '])
