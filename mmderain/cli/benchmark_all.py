"""Measure methods in every kind of numbers, and how time and memory grow."""

import statistics
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from mmderain.backends.machine import cores
from mmderain.cli import measured_apart
from mmderain.cli.benchmark_subjects import (
    ClipSubject,
    Exporter,
    NetworkSubject,
    OnnxSubject,
)
from mmderain.cli.network_speed import describe_machine
from mmderain.errors import UserError
from mmderain.methods import get_method

ONNX = 'ONNX Runtime'
_NUMBERS = dict(cpu=('float32', 'bfloat16', ONNX),
                cuda=('float32', 'bfloat16', 'float16'))
# of growth, which shows how, not how much exactly
_GROWTH_RUNS = 2


class Wanted(NamedTuple):
    """What is to be measured.

    Args:
        arguments: Of the network.
        size: Height and width; the largest of the growth, too.
        runs: Of each cell, after one to warm up.
        device: 'cpu' or 'cuda'.
        threads: Of the processor; None for one, and two where it has them.
    """

    arguments: Mapping[str, Any]
    size: tuple[int, int]
    runs: int
    device: str
    threads: Sequence[int | None] | None


def measure_methods(methods: Sequence[str], wanted: Wanted
                    ) -> Iterator[dict]:
    """Measure everything, method by method.

    What fails is told in its place, and the rest goes on.

    Args:
        methods: Their names.
        wanted: What.

    Yields:
        dict: For ``benchmark_page``, all that was measured so far: what was
        finished before a run is stopped is not lost.
    """
    threads = wanted.threads or (
        (1, 2)[:cores()] if wanted.device == 'cpu' else (None, ))
    found = dict(machine=describe_machine(wanted.device),
                 size=list(wanted.size), runs=wanted.runs, cells=[],
                 points=[])
    with tempfile.TemporaryDirectory() as folder:
        for method in methods:
            exported = _export(Path(folder), method, wanted)
            for count in threads:
                found['cells'] += _cells(method, count, wanted, exported)
            found['points'] += _points(method, threads[0], wanted)
            yield found


def _export(folder: Path, method: str, wanted: Wanted) -> Path | str | None:
    """The file, or why there is none; None where none is wanted."""
    if ONNX not in _NUMBERS[wanted.device]:
        return None
    if find_spec('onnxruntime') is None or find_spec('onnxscript') is None:
        return 'onnxruntime or onnxscript is not installed'
    print(f'{method}: exporting', flush=True)
    file = folder / f'{method}.onnx'
    try:
        with measured_apart.Apart(Exporter) as exporter:
            exporter.ask('write', file, method, wanted.arguments, wanted.size)
    except UserError as error:
        return str(error)
    return file


def _cells(method: str, threads: int | None, wanted: Wanted,
           exported: Path | str | None) -> list[dict]:
    """All kinds of numbers with so many threads, which take turns."""
    cells, subjects = [], {}
    with ExitStack() as stack:
        for numbers in _NUMBERS[wanted.device]:
            cell = dict(method=method, numbers=numbers, threads=threads)
            cells.append(cell)
            try:
                subject = stack.enter_context(
                    _subject(method, numbers, threads, wanted, exported))
                cell['operations'] = subject.ask('warm_up')
                cell['peak_memory_bytes'] = subject.ask('memory')
            except UserError as error:
                cell['failed'] = str(error)
            else:
                subjects[numbers] = subject
                cell.update(seconds=[], processor_seconds=[], ceilings=[])
        for index in range(wanted.runs):
            for cell in cells:
                if cell['numbers'] not in subjects:
                    continue
                try:
                    _take_turn(cell, subjects[cell['numbers']])
                except UserError as error:  # as of a process that died
                    cell['failed'] = str(error)
                    del subjects[cell['numbers']]
                    for name in ('seconds', 'processor_seconds', 'ceilings'):
                        del cell[name]
            print(f'{method}, {threads or "its own"} threads, run '
                  f'{index + 1}/{wanted.runs}: ' + ', '.join(
                      f'{cell["numbers"]} {cell["seconds"][-1]:.2f} s'
                      for cell in cells if 'seconds' in cell), flush=True)
    # what an exported network computes is not counted in it
    operations = cells[0].get('operations')
    for cell in cells:
        if 'seconds' in cell:
            cell['operations'] = cell['operations'] or operations
            _summarise(cell)
    return cells


def _subject(method: str, numbers: str, threads: int | None, wanted: Wanted,
             exported: Path | str | None) -> measured_apart.Apart:
    if numbers != ONNX:
        return measured_apart.Apart(
            NetworkSubject, method, wanted.arguments, wanted.size, numbers,
            wanted.device, threads)
    if not isinstance(exported, Path):
        raise UserError(exported)
    return measured_apart.Apart(OnnxSubject, exported, method,
                                wanted.arguments, wanted.size, threads)


def _take_turn(cell: dict, subject: measured_apart.Apart) -> None:
    wall, processor = subject.ask('run')
    cell['seconds'].append(wall)
    cell['processor_seconds'].append(processor)
    cell['ceilings'].append(subject.ask('ceiling'))


def _summarise(cell: dict) -> None:
    by_clock, by_processor = (max(values) for values in zip(
        *cell.pop('ceilings'), strict=True))
    cell.update(
        seconds_min=min(cell['seconds']),
        seconds_median=statistics.median(cell['seconds']),
        matmul_gflops=by_clock / 1e9)
    if cell['operations']:
        cell.update(
            share_of_matmul=cell['operations'] / min(cell['seconds'])
            / by_clock,
            processor_share_of_matmul=cell['operations']
            / min(cell['processor_seconds']) / by_processor)


def _points(method: str, threads: int | None, wanted: Wanted) -> list[dict]:
    """How time and memory grow with frames, size and tiles.

    With the fewest threads, whose times other load disturbs least.
    """
    entry = get_method(method)
    length = entry.derainer_class().restoration.window
    length = entry.test_cfg.get('window', length)
    height, width = wanted.size
    half = (height // 2, width // 2)
    quarter = (height // 4, width // 4)
    three = (3 * height // 4, 3 * width // 4)
    plan = [
        *(('frames', times * length, half, None) for times in (1, 2, 4)),
        *(('size', length, size, None) for size in (half, three,
                                                    wanted.size)),
        *(('tiles', length, wanted.size, tile) for tile in (quarter, half)),
    ]
    done: dict[tuple, dict] = {}
    points = []
    for kind, count, size, tile in plan:
        key = (count, size, tile)
        if key not in done:
            done[key] = _point(method, key, threads, wanted)
        points.append(dict(
            method=method, kind=kind, frames=count, size=list(size),
            tile=tile and list(tile), **done[key]))
        if kind == 'size' and size == wanted.size:  # one tile of all
            points.append({**points[-1], 'kind': 'tiles'})
    return points


def _point(method: str, key: tuple, threads: int | None,
           wanted: Wanted) -> dict:
    count, size, tile = key
    settings = dict(get_method(method).test_cfg)
    if tile is not None:
        settings.update(tile=tile, tile_overlap=min(32, tile[0] // 2))
    elif 'tile' in settings:  # a method without tiles takes no such setting
        settings['tile'] = None
    try:
        with measured_apart.Apart(
                ClipSubject, method, wanted.arguments, settings,
                (count, *size), False, wanted.device, threads) as subject:
            seconds = min(subject.ask('run')[0] for _ in range(_GROWTH_RUNS))
            found = dict(seconds=seconds,
                         peak_memory_bytes=subject.ask('memory'))
    except UserError as error:
        found = dict(failed=str(error))
    print(f'{method}: {count} frames of {size[0]}x{size[1]}, tiles '
          f'{"x".join(map(str, tile)) if tile else "none"}: '
          + (found.get('failed') or f'{found["seconds"]:.2f} s'), flush=True)
    return found
