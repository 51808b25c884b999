"""How ``mmderain derain`` encodes: its options, and what comes of them."""

import argparse
from typing import TYPE_CHECKING

from mmderain.cli.option_types import key_value, whole
from mmderain.errors import UserError
from mmderain.media.encoder_options import check_quality

if TYPE_CHECKING:  # a command that only complains does not import it
    from mmderain.media.encoding import Encoding

OF_ENCODERS = ('crf', 'preset', 'codec', 'encoder', 'encoder_option')
_CODECS = 'auto', 'h264', 'hevc', 'av1', 'ffv1'
_CODEC, _CRF = 'auto', 18


def add_encoding_arguments(group: argparse._ArgumentGroup) -> None:
    """The options of encoders."""
    group.add_argument('--codec', type=_codec, choices=_CODECS,
                       help='auto: HEVC stays HEVC, all else becomes H.264 of '
                       '8 bits, which every player takes, or VP9 in a .webm '
                       f'(default: {_CODEC})')
    group.add_argument('--crf', type=whole(0), help='quality of the '
                       f'video, lower is better (default: {_CRF})')
    group.add_argument('--preset', help="the encoder's speed, by its name")
    group.add_argument('--encoder', metavar='NAME', help='instead of --codec '
                       'any that the installed FFmpeg has, also those of '
                       'GPUs: h264_nvenc, hevc_qsv, libvpx-vp9')
    group.add_argument('--encoder-option', type=key_value, action='append',
                       metavar='KEY=VALUE', help='for the encoder, as FFmpeg '
                       'names it; may be said several times')


def _codec(text: str) -> str:
    if text not in _CODECS:
        raise argparse.ArgumentTypeError(
            f'expected auto, h264, hevc (H.265), av1, ffv1, got {text!r}; '
            'encoders of FFmpeg are named by --encoder, such as --encoder '
            'libx265')
    return text


def check_encoding_arguments(args: argparse.Namespace) -> None:
    """Refuse what an encoder does not take.

    Raises:
        UserError: There is such an option, or no such encoder.
    """
    if args.encoder is None:
        check_quality(args.codec or _CODEC, args.crf, args.preset)
    elif args.codec is not None:
        raise UserError('expected --codec or --encoder, not both.')
    elif args.preset is not None:
        raise UserError(
            f'--preset {args.preset} is for --codec. Speeds of encoders have '
            'many names: --encoder-option preset=..., or cpu-used=...')
    if args.encoder is not None or args.encoder_option:
        encoding(args)
    if args.encoder is not None and args.crf is not None:
        from mmderain.media.named_encoder import quality_options
        if not quality_options(args.encoder, args.crf):
            raise UserError(
                f'--crf {args.crf}: {args.encoder} has no quality of this '
                'kind. Leave --crf out and say it by its own options, such '
                'as --encoder-option b=8M.')


def encoding(args: argparse.Namespace) -> 'Encoding':
    """The encoding that is asked for.

    Raises:
        UserError: There is no such encoder, or it has no such option.
    """
    from mmderain.media.encoding import Encoding

    return Encoding(args.codec or _CODEC,
                    _CRF if args.crf is None else args.crf, args.preset,
                    args.encoder, tuple(args.encoder_option or ()))
