"""From scores of frames to one figure of a set, and what spoils it."""

import math
from collections.abc import Mapping, Sequence

# name of a score -> its values, one for each frame that has one
Scores = Mapping[str, Sequence[float]]


def mean(values: Sequence[float]) -> float:
    """The mean; nan of nothing. What is not finite makes the mean so."""
    if not values:
        return math.nan
    # sum, as fsum refuses infinities of both signs
    return sum(values) / len(values)


def average(sequences: Sequence[Scores], name: str, rule: str) -> float:
    """One figure of a set.

    Args:
        sequences: Scores of every sequence.
        name: Which score.
        rule: ``average`` of a protocol: 'sequences' or 'frames'.
    """
    if rule == 'frames':
        return mean([value for scores in sequences for value in scores[name]])
    return mean([mean(scores[name]) for scores in sequences])


def find_non_finite(scores: Scores) -> list[str]:
    """What is not finite in the scores of one sequence, in words."""
    found = []
    for name, values in scores.items():
        if not values:
            found.append(f'{name} has no value')
        for text, is_so in (('not a number', math.isnan),
                            ('infinite', math.isinf)):
            count = sum(map(is_so, values))
            if count:
                reason = (' (equal to the clean ones)'
                          if name == 'PSNR' and text == 'infinite' else '')
                found.append(f'{name} is {text} for {count} of '
                             f'{len(values)} frames{reason}')
    return found
