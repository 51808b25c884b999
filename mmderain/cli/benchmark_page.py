"""The table and the plots of ``mmderain benchmark --all``."""

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from mmderain.files import write_json, write_whole

_KINDS = dict(frames='frames of the clip', size='pixels of a frame',
              tiles='pixels of a tile')


def write_page(found: dict, folder: Path) -> None:
    """Write ``performance.md``, ``performance.json`` and ``growth.png``.

    Args:
        found: Of ``benchmark_all.measure_methods``.
        folder: Made where it is missing.

    Raises:
        UserError: A file cannot be written.
    """
    write_json(folder / 'performance.json', found, parents=True)
    write_whole(folder / 'performance.md', format_page(found))
    content = BytesIO()
    draw_growth(found['points']).savefig(content, dpi=100)
    write_whole(folder / 'growth.png', content.getvalue())


def format_page(found: dict) -> str:
    """The table, as Markdown."""
    machine = found['machine']
    place = machine.get('gpu') or machine['processor']
    size = 'x'.join(map(str, found['size']))
    lines = [
        f'One window of {size} pixels on {place} '
        f'({machine["instructions"]}), PyTorch {machine["torch"]}: best and '
        f'median of {found["runs"]} runs, each cell in a process of its own, '
        'those of a method and a number of threads in turns. The share is '
        "that of a matrix product's speed, by the clock and by the time of "
        'the processor, which alone tells on a machine that others use, too; '
        'the memory is the most that the process took.', '',
        '| method | numbers | threads | best | median | GFLOP | share | '
        'by processor time | memory |',
        '|---|---|---|---|---|---|---|---|---|']
    lines += [_row(cell) for cell in found['cells']]
    failed = [cell for cell in found['cells'] if 'failed' in cell]
    if failed:
        lines += ['', *(
            f'- {cell["method"]}, {cell["numbers"]}: {cell["failed"]}'
            for cell in failed)]
    lines += ['', '![How time and memory grow](growth.png)', '',
              '| method | frames | size | tiles | time | memory |',
              '|---|---|---|---|---|---|']
    seen = set()
    for point in found['points']:
        row = _point_row(point)
        if row not in seen:
            seen.add(row)
            lines.append(row)
    return '\n'.join([*lines, ''])


def _row(cell: dict) -> str:
    values = ['-'] * 6
    if 'failed' not in cell:
        values = [
            _seconds(cell['seconds_min']), _seconds(cell['seconds_median']),
            f'{cell["operations"] / 1e9:.1f}' if cell['operations'] else '-',
            _percent(cell.get('share_of_matmul')),
            _percent(cell.get('processor_share_of_matmul')),
            _gibibytes(cell['peak_memory_bytes'])]
    return '| ' + ' | '.join([
        cell['method'], cell['numbers'],
        str(cell['threads'] or '-'), *values]) + ' |'


def _point_row(point: dict) -> str:
    values = ['-', '-']
    if 'failed' not in point:
        values = [_seconds(point['seconds']),
                  _gibibytes(point['peak_memory_bytes'])]
    tile = 'x'.join(map(str, point['tile'])) if point['tile'] else 'none'
    return '| ' + ' | '.join([
        point['method'], str(point['frames']),
        'x'.join(map(str, point['size'])), tile, *values]) + ' |'


def _seconds(value: float) -> str:
    return f'{value:.3f} s'


def _percent(share: float | None) -> str:
    return '-' if share is None else f'{100 * share:.0f} %'


def _gibibytes(value: int) -> str:
    return f'{value / 2**30:.2f} GiB'


def draw_growth(points: list[dict]) -> Figure:
    """Time above, memory below, over frames, size and tiles."""
    figure = Figure(figsize=(12, 7), layout='constrained')
    axes = figure.subplots(2, len(_KINDS), squeeze=False)
    for column, (kind, label) in enumerate(_KINDS.items()):
        for method in dict.fromkeys(point['method'] for point in points):
            drawn = sorted(
                (_place(point), point['seconds'],
                 point['peak_memory_bytes'] / 2**30) for point in points
                if (point['method'], point['kind']) == (method, kind)
                and 'failed' not in point)
            places, seconds, memory = (
                zip(*drawn, strict=True) if drawn else ((), (), ()))
            axes[0, column].plot(places, seconds, marker='.', label=method)
            axes[1, column].plot(places, memory, marker='.', label=method)
        axes[0, column].set_yscale('log')
        axes[0, column].set_xlabel(label)
        axes[1, column].set_xlabel(label)
        axes[1, column].set_ylim(bottom=0)
    axes[0, 0].set_ylabel('seconds of a clip')
    axes[1, 0].set_ylabel('peak memory, GiB')
    axes[0, 0].legend(fontsize='small')
    for axis in axes.flat:
        axis.grid(alpha=0.3)
    return figure


def _place(point: dict) -> int:
    if point['kind'] == 'frames':
        return point['frames']
    height, width = (point['tile'] or point['size']
                     if point['kind'] == 'tiles' else point['size'])
    return height * width
