"""Any encoder that the installed FFmpeg has, by its name."""

from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

import av

from mmderain.errors import UserError

# codec -> what encodes it on a CPU
ON_CPU = dict(h264='libx264', hevc='libx265', av1='libsvtav1',
              vp9='libvpx-vp9', vp8='libvpx')


def find_encoder(name: str) -> av.Codec:
    """An encoder of video.

    Raises:
        UserError: There is none of this name.
    """
    try:
        codec = av.Codec(name, 'w')
    except av.codec.codec.UnknownCodecError:
        codec = None
    if codec is None or codec.type != 'video':
        near = get_close_matches(name, av.codecs_available, 5)
        raise UserError(
            f'--encoder {name}: expected an encoder of video that the FFmpeg '
            f'of this PyAV ({av.__version__}) has'
            f'{", such as " + ", ".join(near) if near else ""}; libx264, '
            'libx265, libsvtav1, libvpx-vp9 and ffv1 are some of them.')
    return codec


def check_options(name: str, options: Sequence[tuple[str, str]]) -> None:
    """Refuse options that an encoder would pass over.

    Args:
        name: Of the encoder.
        options: Keys and values.

    Raises:
        UserError: It has no such option.
    """
    own, general = _option_names(name)
    for key, _ in options:
        if key not in own | general:
            near = get_close_matches(key, own | general, 3)
            raise UserError(
                f'--encoder-option {key}: {name} has no such option'
                f'{", but " + ", ".join(near) if near else ""}. "ffmpeg -h '
                f'encoder={name}" lists all.')


def quality_options(name: str, crf: int) -> dict[str, str]:
    """How an encoder is told a quality; empty where it has none like it.

    Args:
        name: Of the encoder.
        crf: Constant rate factor, lower is better.
    """
    own, _ = _option_names(name)
    if 'crf' in own:
        # a bit rate would limit it
        return {'crf': str(crf), **({'b': '0'} if 'vpx' in name else {})}
    if 'cq' in own:
        return {'rc': 'vbr', 'cq': str(crf), 'b': '0'}
    return {}


def instead_of(name: str) -> str:
    """What to do where an encoder does not work here."""
    codec = find_encoder(name).canonical_name
    other = ON_CPU.get(codec)
    if other is None or other == name:
        return 'Choose another --encoder, or other values of its options.'
    return (f'Where there is no device for it, --encoder {other} encodes '
            f'{codec} on the CPU.')


@cache
def _option_names(name: str) -> tuple[set[str], set[str]]:
    """Those of an encoder, and those of all."""
    known = av.CodecContext.create(find_encoder(name)).supported_options
    return tuple({option.name for option in options}
                 for options in (known.private, known.generic))
