"""The scores of a set: of frames, of sequences, of the whole."""

import csv
import io
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mmderain.errors import DataError
from mmderain.evaluation.averages import average, find_non_finite, mean
from mmderain.evaluation.protocols import Protocol
from mmderain.evaluation.scorers import Scorer, collect, score_sequence
from mmderain.evaluation.sequences import SequencePair
from mmderain.files import write_json, write_whole


@dataclass(frozen=True)
class SequenceScores:
    """Scores of one sequence.

    Args:
        pair: The sequence.
        frames: Names of the restored frames that count.
        rows: For each of them, name of a score to its value.
    """

    pair: SequencePair
    frames: list[str]
    rows: list[dict[str, float]]

    def read_frame(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        """Read one restored and clean frame again.

        Raises:
            DataError: They cannot be read any more, or only once.
        """
        if not self.pair.can_reread:
            raise DataError(
                f'{self.pair.restored.path} and {self.pair.clean.path}: '
                'expected frames that can be read twice, to draw some of '
                'them. Leave out the pictures, or save the frames first.')
        for position, (_, *frames) in enumerate(self.pair.read()):
            if position == index:
                return tuple(frames)
        raise DataError(f'{self.pair.restored.path}: frame {index} is gone.')


@dataclass(frozen=True)
class SetScores:
    """Scores of a set.

    Args:
        protocol: By which they were made.
        names: Of the scores.
        sequences: Those of the sequences.
    """

    protocol: Protocol
    names: tuple[str, ...]
    sequences: list[SequenceScores]

    def figures(self) -> dict[str, float]:
        """One figure for each score, averaged as the protocol says."""
        scores = [collect(item.rows, self.names) for item in self.sequences]
        return {name: average(scores, name, self.protocol.average)
                for name in self.names}

    def sequence_figures(self) -> dict[str, dict[str, float]]:
        """Name of a sequence -> the means over its frames."""
        return {item.pair.name: {
            name: mean(values)
            for name, values in collect(item.rows, self.names).items()}
            for item in self.sequences}

    def problems(self) -> list[str]:
        """What is not finite, a line for each sequence and score."""
        return [f'{item.pair.name}: {problem}' for item in self.sequences
                for problem in find_non_finite(
                    collect(item.rows, self.names))]

    def format_table(self) -> str:
        """Sequences, frames and scores as lines of text."""
        rows = [['sequence', 'frames', *self.names]]
        figures = self.sequence_figures()
        for item in self.sequences:
            rows.append([item.pair.name, str(len(item.frames)),
                         *map(_text, figures[item.pair.name].values())])
        rows.append(['mean', str(sum(int(row[1]) for row in rows[1:])),
                     *map(_text, self.figures().values())])
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ['  '.join([row[0].ljust(widths[0]), *(
            cell.rjust(width) for cell, width in zip(
                row[1:], widths[1:], strict=True))]) for row in rows]
        rule = '-' * len(lines[0])
        return '\n'.join([lines[0], rule, *lines[1:-1], rule, lines[-1]])

    def write_json(self, path: Path, **extra) -> None:
        """Write figures of the set and of its sequences.

        JSON has no infinity: what is not finite is written as a string.

        Raises:
            UserError: The file cannot be written.
        """
        content = dict(
            protocol=self.protocol.name,
            protocol_description=self.protocol.describe(),
            protocol_source=self.protocol.source, **extra,
            figures=_jsonable(self.figures()),
            sequences={item.pair.name: dict(
                frames=len(item.frames), **_jsonable(figures))
                for item, figures in zip(
                    self.sequences, self.sequence_figures().values(),
                    strict=True)},
            not_finite=self.problems())
        write_json(path, content, parents=True)

    def write_csv(self, path: Path) -> None:
        """Write the scores of every frame.

        Raises:
            UserError: The file cannot be written.
        """
        text = io.StringIO(newline='')
        writer = csv.writer(text)
        writer.writerow(['sequence', 'frame', *self.names])
        for item in self.sequences:
            for frame, row in zip(item.frames, item.rows, strict=True):
                writer.writerow([item.pair.name, frame, *(
                    row.get(name, '') for name in self.names)])
        write_whole(path, text.getvalue(), parents=True)


def score_set(pairs: Iterable[SequencePair], protocol: Protocol,
              scorers: Iterable[Scorer],
              tell: Callable[[str], None] = lambda name: None) -> SetScores:
    """Score every sequence.

    Args:
        pairs: The sequences.
        protocol: How to average.
        scorers: What to score with.
        tell: Called with a sequence's name before each of its frames.

    Raises:
        DataError: Frames cannot be read or scored; says which.
    """
    scorers = list(scorers)
    sequences = [_score(pair, scorers, tell) for pair in pairs]
    return SetScores(protocol, tuple(
        name for scorer in scorers for name in scorer.names), sequences)


def _score(pair: SequencePair, scorers: list[Scorer],
           tell: Callable[[str], None]) -> SequenceScores:
    names: list[str] = []

    def frames() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for name, restored, clean in pair.read():
            tell(pair.name)
            names.append(name)
            yield restored, clean

    try:
        rows = score_sequence(frames(), scorers)
    except DataError as error:
        place = f', frame {names[-1]}' if names else ''
        raise DataError(
            f'Sequence {pair.name}{place} ({pair.restored.path} and '
            f'{pair.clean.path}): {error}') from error
    if not rows:
        raise DataError(
            f'{pair.restored.path}: no frame of it counts; the protocol '
            f'drops {pair.dropped_ends} at either end.')
    return SequenceScores(pair, names, rows)


def _text(value: float) -> str:
    return f'{value:.4f}' if math.isfinite(value) else str(value)


def _jsonable(figures: dict[str, float]) -> dict[str, float | str]:
    return {name: value if math.isfinite(value) else str(value)
            for name, value in figures.items()}
