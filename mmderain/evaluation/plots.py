"""Curves over a sequence, and the frames that came out worst."""

from io import BytesIO
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mmderain.evaluation.set_scores import SequenceScores, SetScores
from mmderain.files import write_whole
from mmderain.media.images import write_rgb
from mmderain.media.pictures import caption, stack_rows

_GAIN = 4  # of the picture of errors


def plot_curves(scores: SetScores, folder: Path) -> list[Path]:
    """Draw each score over the frames of each sequence.

    Args:
        scores: The set's.
        folder: Gets ``curve_<sequence>.png``; made when missing.

    Returns:
        The files.

    Raises:
        UserError: A file cannot be written.
    """
    files = []
    for item in scores.sequences:
        path = folder / f'curve_{item.pair.name}.png'
        content = BytesIO()
        draw_curve(scores, item).savefig(content, dpi=100)
        write_whole(path, content.getvalue(), parents=True)
        files.append(path)
    return files


def draw_curve(scores: SetScores, item: SequenceScores) -> Figure:
    """Draw each score over the frames of one sequence, known by their names.

    Args:
        scores: The set's.
        item: The sequence's.
    """
    # unlike pyplot, Figure needs no display
    figure = Figure(figsize=(8, 2 * len(scores.names)), layout='constrained')
    axes = figure.subplots(len(scores.names), sharex=True, squeeze=False)[:, 0]
    for axis, name in zip(axes, scores.names, strict=True):
        axis.plot([row.get(name, np.nan) for row in item.rows], marker='.',
                  linewidth=1)
        axis.set_ylabel(name)
        axis.grid(alpha=0.3)
    axes[0].set_title(f'{item.pair.name}, protocol {scores.protocol.name}')
    axes[-1].set_xlabel('frame')
    places = axes[-1].xaxis
    # few enough for names such as frame_00001
    places.set_major_locator(MaxNLocator(nbins=6, integer=True))
    names = dict(enumerate(item.frames))
    places.set_major_formatter(lambda place, _: names.get(place, ''))
    return figure


def draw_worst(scores: SetScores, path: Path, count: int = 4) -> None:
    """Write the frames of lowest PSNR: restored, clean, and the error.

    Args:
        scores: The set's.
        path: The picture.
        count: Rows at most.

    Raises:
        UserError: It cannot be written.
    """
    worst = sorted(
        ((row['PSNR'], index, item) for item in scores.sequences
         for index, row in enumerate(item.rows)),
        key=lambda entry: entry[0])[:count]
    rows = []
    for psnr, index, item in worst:
        restored, clean = item.read_frame(index)
        error = np.abs(restored.astype(int) - clean)
        error = np.clip(_GAIN * error, 0, 255).astype(np.uint8)
        name = f'{item.pair.name} {item.frames[index]}'
        rows.append(np.concatenate([
            caption(restored, f'{name}: {psnr:.2f} dB'),
            caption(clean, 'clean'),
            caption(error, f'difference x {_GAIN}')], axis=1))
    write_rgb(path, stack_rows(rows))
