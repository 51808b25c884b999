"""Several methods on one set: a table and a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from mmderain.evaluation.set_scores import SetScores
from mmderain.media.images import write_rgb
from mmderain.media.pictures import caption, stack_rows

_SHARE = 4  # of a frame's side, that a crop has
_BOX = (255, 220, 0)


class ModelRun(NamedTuple):
    """What restoring a set took.

    Args:
        parameters: Of the network.
        seconds_per_frame: Of restoring alone, after a window to warm up.
        memory: Bytes at most: of the process, or of PyTorch on a GPU.
    """

    parameters: int
    seconds_per_frame: float
    memory: int


@dataclass(frozen=True)
class MethodScores:
    """How a method did on a set.

    Args:
        name: Of the method.
        scores: On the set.
        run: What it cost, where this is known.
    """

    name: str
    scores: SetScores
    run: ModelRun | None = None


def format_markdown(methods: Sequence[MethodScores],
                    names: Sequence[str]) -> str:
    """One row for each method, as Markdown.

    Args:
        methods: The methods.
        names: Scores to show.
    """
    heads = ['method', *names, 'parameters', 'time per frame', 'memory']
    lines = [heads, ['---'] * len(heads)]
    for method in methods:
        figures = method.scores.figures()
        cells = [method.name]
        for name in names:
            digits = 2 if name == 'PSNR' else 4
            cells.append(f'{figures[name]:.{digits}f}' if name in figures
                         else '-')
        run = method.run
        cells += ['-'] * 3 if run is None else [
            f'{run.parameters / 1e6:.2f} M',
            f'{1000 * run.seconds_per_frame:.0f} ms',
            f'{run.memory / 2**30:.2f} GiB']
        lines.append(cells)
    return '\n'.join(f'| {" | ".join(line)} |' for line in lines)


def draw_grid(methods: Sequence[MethodScores], path: Path,
              count: int = 3) -> None:
    """Write a row of frames for some sequences, and a row of crops below it.

    The frame is the middle one of a sequence. The crop is where the methods
    differ most from each other (from the clean frame, if there is one method
    only), and magnified to the size of the frame.

    Args:
        methods: The methods.
        path: The picture.
        count: How many sequences, from the first one on.

    Raises:
        UserError: A frame cannot be read, or the picture not written.
    """
    rows = []
    for index in range(min(count, len(methods[0].scores.sequences))):
        images = []
        for method in methods:
            sequence = method.scores.sequences[index]
            middle = len(sequence.rows) // 2
            restored, clean = sequence.read_frame(middle)
            psnr = sequence.rows[middle]['PSNR']
            images.append((f'{method.name}: {psnr:.2f} dB', restored))
        images.append((f'clean: {sequence.pair.name} '
                       f'{sequence.frames[middle]}', clean))
        top, left, height, width = find_crop([image for _, image in images])
        whole, crops = [], []
        for text, image in images:
            boxed = cv2.rectangle(
                image.copy(), (left, top),
                (left + width - 1, top + height - 1), _BOX, 1)
            whole.append(caption(boxed, text))
            crops.append(cv2.resize(
                image[top:top + height, left:left + width],
                image.shape[1::-1], interpolation=cv2.INTER_NEAREST))
        rows += [np.concatenate(whole, axis=1), np.concatenate(crops, axis=1)]
    write_rgb(path, stack_rows(rows))


def find_crop(images: Sequence[np.ndarray]) -> tuple[int, int, int, int]:
    """Top, left, height and width of where images differ most.

    Args:
        images: The restored ones and, last, the clean one; (h, w, 3) uint8.
    """
    restored = images[:-1] if len(images) > 2 else images
    spread = np.std(np.stack(restored).astype(np.float32), axis=0).sum(-1)
    height, width = (max(8, side // _SHARE) for side in spread.shape)
    # sums over all windows: from the corners of the integral image
    total = cv2.integral(spread)
    sums = (total[height:, width:] - total[:-height, width:]
            - total[height:, :-width] + total[:-height, :-width])
    top, left = np.unravel_index(np.argmax(sums), sums.shape)
    return int(top), int(left), height, width
