"""What reads the values of options; each says what it expects."""

import argparse
import os
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

_LONGEST_SIDE = 16384  # of what encoders take
_RATES = Fraction(1, 100), Fraction(1000)
# no power of ten, which would take the memory of as many digits
_RATE = re.compile(r'\d{1,9}(\.\d{1,9})?(/[1-9]\d{0,8})?')

_DURATION = re.compile(
    r'(?:(?:(\d{1,6}):)?([0-5]?\d):)?(\d{1,9}(?:\.\d{1,9})?)')


def whole(low: int, high: int | None = None) -> Callable[[str], int]:
    """What reads a whole number.

    Args:
        low: The least.
        high: The most; None for no limit.
    """
    limits = f'from {low} on' if high is None else f'from {low} to {high}'

    def read(text: str) -> int:
        if high is None and re.fullmatch(r'\d{19,}', text):
            raise argparse.ArgumentTypeError(
                'expected a whole number of 18 digits at most, got one of '
                f'{len(text)}')
        number = int(text) if re.fullmatch(r'-?\d{1,18}', text) else low - 1
        if number < low or (high is not None and number > high):
            raise argparse.ArgumentTypeError(
                f'expected a whole number {limits}, got {text!r}')
        return number

    return read


def path(text: str) -> Path:
    """A path; an empty one would be the working directory."""
    return Path(path_text(text))


def path_text(text: str) -> str:
    """A path or an address.

    Shells leave the ~ of ``--output-dir=~/clean``, and a folder of that name
    in the current one is what nobody means (``./~/clean`` names it).
    """
    if not text:
        raise argparse.ArgumentTypeError('expected a path, got an empty text')
    return os.path.expanduser(text) if text.startswith('~/') else text


def tile(text: str) -> str | tuple[int, int] | None:
    """A side, HEIGHTxWIDTH, ``auto``, or ``none``, which is None."""
    if text in ('auto', 'none'):
        return None if text == 'none' else text
    match = re.fullmatch(r'(\d{1,9})(?:[xX](\d{1,9}))?', text)
    sides = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not all(sides):
        raise argparse.ArgumentTypeError(
            f'expected auto, none, a side or HEIGHTxWIDTH, got {text!r}')
    return sides


def size(text: str) -> tuple[int, int]:
    """HEIGHTxWIDTH."""
    return _sides(text, 'HEIGHTxWIDTH', '720x1280')


def frame_size(text: str) -> tuple[int, int]:
    """WIDTHxHEIGHT, as FFmpeg takes the size of frames."""
    return _sides(text, 'WIDTHxHEIGHT', '1280x720')


def _sides(text: str, order: str, example: str) -> tuple[int, int]:
    match = re.fullmatch(r'(\d{1,9})[xX](\d{1,9})', text)
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(0 < side <= _LONGEST_SIDE for side in sides):
        raise argparse.ArgumentTypeError(
            f'expected {order} of up to {_LONGEST_SIDE} pixels, such as '
            f'{example}, got {text!r}')
    return sides


def seconds(text: str) -> float:
    """Seconds, more than none."""
    number = float(text) if re.fullmatch(r'\d{1,9}(\.\d{1,9})?', text) else 0
    if not number:
        raise argparse.ArgumentTypeError(
            f'expected seconds, such as 10 or 2.5, got {text!r}')
    return number


def duration(text: str) -> float:
    """Seconds, or ``[HH:]MM:SS``, as FFmpeg takes them; more than none."""
    match = _DURATION.fullmatch(text)
    hours, minutes, rest = match.groups(default='0') if match else '000'
    number = 3600 * int(hours) + 60 * int(minutes) + float(rest)
    if not number or minutes != '0' and float(rest) >= 60:
        raise argparse.ArgumentTypeError(
            f'expected seconds or HH:MM:SS, such as 600 or 00:10:00, got '
            f'{text!r}')
    return number


def key_value(text: str) -> tuple[str, str]:
    """``KEY=VALUE``."""
    key, is_there, value = text.partition('=')
    if not key or not is_there:
        raise argparse.ArgumentTypeError(
            f'expected KEY=VALUE such as b=8M, got {text!r}')
    return key, value


def rate(text: str) -> Fraction:
    """Frames per second."""
    number = Fraction(0)
    if _RATE.fullmatch(text):
        above, _, below = text.partition('/')
        number = Fraction(above) / int(below or 1)
    low, high = _RATES
    if not low <= number <= high:
        raise argparse.ArgumentTypeError(
            f'expected frames per second from {float(low)} to {high}, such as '
            f'25 or 30000/1001, got {text!r}')
    return number


def shard(text: str) -> tuple[int, int]:
    """``I/N``: one of N parts."""
    match = re.fullmatch(r'(\d{1,9})/(\d{1,9})', text)
    if not match or int(match[1]) >= int(match[2]):
        raise argparse.ArgumentTypeError(
            f'expected I/N with I from 0 to N-1, got {text!r}')
    return int(match[1]), int(match[2])


def some_of(*names: str) -> Callable[[str], tuple[str, ...]]:
    """What reads one or more names, with commas between them."""
    def read(text: str) -> tuple[str, ...]:
        chosen = text.split(',')
        if not {*chosen} <= {*names}:
            raise argparse.ArgumentTypeError(
                f'expected one or more of {", ".join(names)}, with commas '
                f'between them, got {text!r}')
        return tuple(name for name in names if name in chosen)

    return read
