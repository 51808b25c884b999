"""Orders of work, ours and the official one, in turns."""

import json
import re
from dataclasses import replace

import pytest
import torch

from mmderain.cli import benchmark, benchmark_official, network_speed
from mmderain.methods import METHODS, get_method
from tests.test_cli.test_benchmark import SMALL


class Here:
    """What ``Apart`` is, without its process."""

    def __init__(self, build, *arguments):
        self.built = build(*arguments)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def ask(self, name, *arguments):
        return getattr(self.built, name)(*arguments)

    def end(self):
        pass


@pytest.fixture
def here(monkeypatch):
    """Without processes, which take seconds to start, and small ceilings."""
    monkeypatch.setitem(network_speed._MATRIX, 'cpu', 64)
    monkeypatch.setattr('mmderain.cli.measured_apart.Apart', Here)


def test_a_method_is_compared_with_its_official_order(here, tmp_path, capsys):
    file = tmp_path / 'figures.json'
    status = benchmark.main([
        'vimpnet', '--official', '--size', '6x32x40', '--runs', '2',
        '--threads', '1', '--json', str(file), '--network-args', *SMALL])
    assert status == 0
    said = capsys.readouterr().out
    assert 'run 2/2: official' in said and 'computed in five of' in said
    assert re.search(r'times as fast at best.*; equal: largest diff', said)
    found, = json.loads(file.read_text())
    official, ours = found['orders']['official'], found['orders']['here']
    assert official['frames'] == ours['frames'] == 6
    assert len(ours['seconds']) == len(official['seconds']) == 2
    assert ours['gain_seconds_min'] == pytest.approx(
        min(official['seconds']) / min(ours['seconds']))
    assert ours['largest_difference'] < 1e-5
    assert ours['equal'] is True
    # flows and features of a frame are computed once, not in every window
    assert 0 < ours['operations'] < official['operations']


def test_a_wrong_order_is_not_called_equal(here, monkeypatch, capsys):
    order = get_method('eevrsr').found_official_order()
    wrong = replace(order, prepare=lambda ours: lambda clip: order.prepare(
        ours)(clip.flip(0)))
    monkeypatch.setattr(type(get_method('eevrsr')), 'found_official_order',
                        lambda method: wrong)
    assert benchmark.main(['eevrsr', '--official', '--size', '6x16x24',
                           '--runs', '1', '--threads', '1']) == 0
    assert 'NOT equal' in capsys.readouterr().out


def test_frames_are_compared_that_both_restore(here, monkeypatch):
    order = replace(
        get_method('eevrsr').found_official_order(),
        settings=dict(padding='replicate', tile=None),
        other=dict(padding=None, tile=(16, 16), tile_overlap=0))
    monkeypatch.setattr(type(get_method('eevrsr')), 'found_official_order',
                        lambda method: order)
    found = benchmark_official.compare_orders(
        'eevrsr', benchmark_official.Chosen({}, (6, 16, 24), 1, 'cpu', 1))
    orders = found['orders']
    # without two at either end; all of them; without the ends again
    assert [orders[name]['frames'] for name in
            ('official', 'here', 'other')] == [2, 6, 2]
    assert orders['here']['equal'] is True
    # tiles against whole frames
    assert orders['other']['largest_difference'] > 0
    # a frame's time against a frame's
    assert orders['here']['gain_seconds_min'] == pytest.approx(
        orders['official']['seconds'][0] / orders['here']['seconds'][0] * 3)
    orders['other']['equal'] = False
    assert 'other values by design' in benchmark_official.format_orders(
        [found], 'cpu')


def test_without_names_all_that_have_an_order_are_compared(
        here, monkeypatch, capsys):
    seen = []
    monkeypatch.setattr(
        benchmark_official, 'compare_orders',
        lambda name, chosen: seen.append(name))
    monkeypatch.setattr(benchmark_official, 'format_orders',
                        lambda found, device: '')
    assert benchmark.main(['--official']) == 0
    assert seen == [name for name, method in METHODS.items()
                    if method.official_order] and len(seen) == 4


@pytest.mark.parametrize('options, message', [
    (['nothing', '--official'], "no method 'nothing'; it has .*vimpnet"),
    (['lens_drops', '--official'], 'no official order .* eevrsr'),
    (['vimpnet', '--official', '--all'], 'Choose one of them'),
    (['vimpnet', '--official', '--dtype', 'bfloat16'], '--dtype has no eff'),
    (['vimpnet', '--official', '--batch', '2'], '--batch has no effect'),
    (['eevrsr', '--official', '--size', '64x64'], 'FRAMESxHEIGHTxWIDTH'),
    (['eevrsr', '--official', '--size', '4x64x64'], '5 frames and more'),
    (['vimpnet', '--official', '--size', '5x64x63'], 'sides 4 divides'),
    (['--official', '--network-args', 'a=1'], 'one method alone'),
    (['vimpnet', '--official', '--output', 'x'], 'the folder of --all'),
    (['vimpnet', '--official', '--device', 'cuda'], 'sees no GPU'),
    ([], 'expected one method of aligned_median'),
    (['vimpnet', 'eevrsr'], 'expected one method of .*got vimpnet eevrsr'),
])
def test_explains_mistakes(options, message, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert benchmark.main(options) == 2
    assert re.search(message, capsys.readouterr().err)
