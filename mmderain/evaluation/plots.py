"""Curves over a sequence, and the frames that came out worst."""

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from mmderain.evaluation.set_scores import SequenceScores, SetScores
from mmderain.synthesis.raindrop_writer import write_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_GAIN = 4  # of the picture of errors
_ROW_HEIGHT = 22  # of a caption


def plot_curves(scores: SetScores, folder: Path) -> list[Path]:
    """Draw each score over the frames of each sequence.

    Args:
        scores: The set's.
        folder: Gets ``curve_<sequence>.png``; made when missing.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for item in scores.sequences:
        path = folder / f'curve_{item.pair.name}.png'
        draw_curve(scores, item).savefig(path, dpi=100)
        files.append(path)
    return files


def draw_curve(scores: SetScores, item: SequenceScores) -> 'Figure':
    """Draw each score over the frames of one sequence, known by their names.

    Args:
        scores: The set's.
        item: The sequence's.
    """
    # here, as it takes a second; Figure needs no display
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

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
    write_png(path, stack_rows(rows))


def caption(image: np.ndarray, text: str) -> np.ndarray:
    """An RGB image with a line of text above it."""
    line = np.full((_ROW_HEIGHT, image.shape[1], 3), 255, np.uint8)
    cv2.putText(line, text, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 0, 0),
                1, cv2.LINE_AA)
    return np.concatenate([line, image])


def stack_rows(rows: list[np.ndarray]) -> np.ndarray:
    """Rows one below the other, the narrower ones filled up with white."""
    width = max(row.shape[1] for row in rows)
    return np.concatenate([
        np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)),
               constant_values=255) for row in rows])
