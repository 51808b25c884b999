"""What the encoders take as quality and speed."""

from collections.abc import Mapping
from numbers import Integral
from typing import NamedTuple

from mmderain.errors import UserError

# x264 follows costs through time (mbtree) in rows of eight macroblocks; where
# one is shorter it reads what was in memory before, and the same frames give
# another file now and then
_ROW = 8 * 16

_WORDS = ('ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium',
          'slow', 'slower', 'veryslow', 'placebo')
_NUMBERS = tuple(map(str, range(14)))


class _Range(NamedTuple):
    """What a codec's encoder takes.

    Args:
        crf: The greatest constant rate factor, from 0 on; None where there is
            none, as the codec is lossless.
        presets: Names of its speeds.
        said: The same in words.
    """

    crf: int | None
    presets: tuple[str, ...]
    said: str = ''


_RANGES: Mapping[str, _Range] = dict(
    # either of the two
    auto=_Range(51, _WORDS, ', '.join(_WORDS)),
    h264=_Range(51, _WORDS, ', '.join(_WORDS)),
    hevc=_Range(51, _WORDS, ', '.join(_WORDS)),
    av1=_Range(63, _NUMBERS, 'a whole number from 0 to 13'),
    ffv1=_Range(None, ()))


def check_quality(codec: str, crf: int | None, preset: str | None) -> None:
    """Refuse what an encoder would refuse, or ignore.

    Args:
        codec: 'auto', 'h264', 'hevc', 'av1' or 'ffv1'.
        crf: What was asked for; None for nothing.
        preset: The same.

    Raises:
        UserError: It does not take that.
    """
    known = _range_of(codec)
    codec = 'h264 and hevc, of which auto takes one' if (
        codec == 'auto') else codec
    for option, value, has in (('crf', crf, known.crf is not None),
                               ('preset', preset, bool(known.presets))):
        if value is not None and not has:
            raise UserError(f'--{option} {value}: {codec} is lossless and '
                            f'has none. Leave --{option} out.')
    if crf is not None and not (
            isinstance(crf, Integral) and 0 <= crf <= known.crf):
        raise UserError(f'--crf {crf}: expected a whole number from 0 to '
                        f'{known.crf} for {codec}.')
    if preset is not None and preset not in known.presets:
        raise UserError(f'--preset {preset}: expected {known.said} for '
                        f'{codec}.')


def is_lossless(codec: str) -> bool:
    """Whether a codec has no quality to choose.

    Raises:
        UserError: There is no such codec.
    """
    return _range_of(codec).crf is None


def _range_of(codec: str) -> _Range:
    if codec not in _RANGES:
        raise UserError(f'codec {codec}: expected one of '
                        f'{", ".join(_RANGES)}.')
    return _RANGES[codec]


def x264_options(width: int) -> dict[str, str]:
    """What makes the same file of the same frames each time.

    Args:
        width: Of the frames, in pixels.
    """
    return {'x264-params': 'no-mbtree=1'} if width % _ROW else {}
