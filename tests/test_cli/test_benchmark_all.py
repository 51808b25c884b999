"""The table of all methods, and how they grow."""

import json
import re

import pytest
import torch

from mmderain.cli import benchmark, benchmark_all, benchmark_page
from mmderain.errors import UserError
from tests.test_cli.test_benchmark_official import here  # noqa: F401

CELL = dict(method='m', numbers='float32', threads=1, operations=6e9,
            seconds=[2.0, 3.0, 4.0], processor_seconds=[1.5, 1.0, 2.0],
            peak_memory_bytes=3 << 29, ceilings=[(5e9, 4e9), (6e9, 8e9)])
MACHINE = dict(processor='P', instructions='I', torch='T', threads=2)


def test_a_cell_by_hand():
    cell = dict(CELL)
    benchmark_all._summarise(cell)
    assert (cell['seconds_min'], cell['seconds_median']) == (2.0, 3.0)
    # 3 GFLOP/s of 6, and 6 of 8
    assert cell['share_of_matmul'] == pytest.approx(0.5)
    assert cell['processor_share_of_matmul'] == pytest.approx(0.75)
    assert 'ceilings' not in cell
    page = benchmark_page.format_page(dict(
        machine=MACHINE, size=[64, 96], runs=3, points=[], cells=[
            cell, dict(method='n', numbers='bfloat16', threads=2,
                       failed='too large')]))
    assert ('| m | float32 | 1 | 2.000 s | 3.000 s | 6.0 | 50 % | 75 % | '
            '1.50 GiB |\n| n | bfloat16 | 2 | - |') in page
    assert 'n, bfloat16: too large' in page
    assert '64x96 pixels on P (I), PyTorch T' in page


def test_growth_is_drawn_over_frames_pixels_and_tiles():
    points = [
        dict(method='m', kind=kind, frames=frames, size=[32, size],
             tile=tile, seconds=1.0 * frames, peak_memory_bytes=1 << 30)
        for kind, frames, size, tile in (
            ('frames', 5, 32, None), ('frames', 10, 32, None),
            ('size', 5, 64, None), ('size', 5, 32, None),
            ('tiles', 5, 64, [16, 16]), ('tiles', 5, 64, None))]
    points.append(dict(method='m', kind='size', frames=5, size=[99, 99],
                       tile=None, failed='no'))
    figure = benchmark_page.draw_growth(points)
    drawn = [list(axis.lines[0].get_xdata()) for axis in figure.axes]
    assert drawn == 2 * [[5, 10], [1024, 2048], [256, 2048]]


def test_all_writes_table_figures_and_plots(here, tmp_path, capsys):  # noqa: F811
    folder = tmp_path / 'new' / 'speed'
    options = ['eevrsr_derain_only', '--all', '--output', str(folder),
               '--size', '64x64', '--runs', '2', '--threads', '1',
               '--network-args', 'motion_compensation=false']
    assert benchmark.main(options) == 0
    said = capsys.readouterr().out
    assert 'run 2/2: float32' in said and '10 frames of 32x32' in said
    found = json.loads((folder / 'performance.json').read_text())
    assert [cell['numbers'] for cell in found['cells']] == [
        'float32', 'bfloat16', 'ONNX Runtime']
    assert not [cell for cell in found['cells'] if 'failed' in cell]
    assert len({cell['operations'] for cell in found['cells']}) == 1
    kinds = [point['kind'] for point in found['points']]
    assert [kinds.count(kind) for kind in ('frames', 'size', 'tiles')] \
        == [3, 3, 3]
    page = (folder / 'performance.md').read_text()
    assert len(re.findall(r'^\| eevrsr\w+ \| .* % \|', page, re.M)) == 3
    assert '| eevrsr_derain_only | 5 | 64x64 | 16x16 |' in page
    assert (folder / 'growth.png').stat().st_size > 1000
    # and not again over what is there
    assert benchmark.main(options) == 2
    assert 'Add --overwrite' in capsys.readouterr().err


def test_what_fails_is_told_and_the_rest_goes_on(here, monkeypatch):  # noqa: F811
    monkeypatch.setattr(benchmark_all, 'find_spec', lambda name: None)
    monkeypatch.setattr(benchmark_all, '_points', lambda *_: [])
    so_far = []
    for found in benchmark_all.measure_methods(
            ['eevrsr_derain_only', 'eevrsr'], benchmark_all.Wanted(
                dict(motion_compensation=False), (32, 32), 1, 'cpu', (1, ))):
        # what is known after the first method can be written
        so_far.append(benchmark_page.format_page(found))
    said = [cell.get('failed') for cell in found['cells']]
    assert said[:2] == [None, None] and 'not installed' in said[2]
    assert [page.count('float32 |') for page in so_far] == [1, 2]


def test_a_process_that_dies_costs_its_cell(here, monkeypatch):  # noqa: F811
    monkeypatch.setattr(benchmark_all, 'find_spec', lambda name: None)
    monkeypatch.setattr(benchmark_all, '_points', lambda *_: [])
    take_turn = benchmark_all._take_turn

    def die(cell, subject):
        if cell['numbers'] == 'bfloat16' and cell['seconds']:
            raise UserError('it was killed')
        take_turn(cell, subject)
    monkeypatch.setattr(benchmark_all, '_take_turn', die)
    found, = benchmark_all.measure_methods(
        ['eevrsr_derain_only'], benchmark_all.Wanted(
            dict(motion_compensation=False), (32, 32), 3, 'cpu', (1, )))
    whole, dead, _ = found['cells']
    assert len(whole['seconds']) == 3 and 'failed' not in whole
    assert dead['failed'] == 'it was killed' and 'seconds' not in dead
    assert 'it was killed' in benchmark_page.format_page(found)


def test_a_method_of_whole_frames_grows_without_tiles(here):  # noqa: F811
    wanted = benchmark_all.Wanted({}, (64, 64), 1, 'cpu', (1, ))
    whole, tiled = (benchmark_all._point('lens_drops', (2, (32, 32), tile), 1,
                                         wanted) for tile in (None, (16, 16)))
    assert whole['seconds'] > 0
    assert 'whole frames' in tiled['failed']


def test_on_a_gpu_there_is_half_precision_and_no_onnx():
    assert benchmark_all._NUMBERS['cuda'] == (
        'float32', 'bfloat16', 'float16')


@pytest.mark.parametrize('options, message', [
    (['--all'], 'name it with --output FOLDER'),
    (['--all', '--output', 'x', '--json', 'y'], 'leave out --json'),
    (['--all', '--output', 'x', '--size', '5x64x64'], 'HEIGHTxWIDTH'),
    (['--all', '--output', 'x', '--size', '64x100'], 'multiples of 32'),
    (['--all', '--output', 'x', '--size', '99999999x99999968'], 'at most'),
    (['nothing', '--all', '--output', 'x'], "no method 'nothing'"),
    (['--all', '--output', 'x', '--channels', '1'], '--channels has no'),
    (['--all', '--output', 'x', '--device', 'cuda'], 'sees no GPU'),
])
def test_explains_mistakes(options, message, monkeypatch, capsys):
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    assert benchmark.main(options) == 2
    assert re.search(message, capsys.readouterr().err)
