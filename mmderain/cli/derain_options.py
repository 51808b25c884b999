"""The options of ``mmderain derain``, those that are used most first."""

import argparse

from mmderain.backends import BACKENDS
from mmderain.cli.command_parser import CommandParser
from mmderain.cli.derain_encoding import add_encoding_arguments
from mmderain.cli.derain_engine import add_engine_arguments
from mmderain.cli.derain_live import add_live_arguments
from mmderain.cli.derain_part import add_part_arguments
from mmderain.cli.model_settings import add_settings
from mmderain.cli.option_types import (
    path,
    path_text,
    rate,
    shard,
    some_of,
    tile,
    whole,
)
from mmderain.methods import METHODS


def build_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = CommandParser(
        prog='mmderain derain',
        usage='mmderain derain INPUT OUTPUT [options]\n'
              '       mmderain derain INPUT... FOLDER/ [options]',
        description='Remove rain from videos, folders of frames and images. '
                    'Sound, subtitles, data tracks, time stamps and rotation '
                    'of a video are kept.')
    parser.add_argument(
        'paths', nargs='*', type=path_text, metavar='PATH',
        help='INPUT OUTPUT; several inputs and a folder, FOLDER/. Live: - is '
        'a pipe; rtsp://, http://, udp:// and rtmp:// come from and go into a '
        'network; v4l2:/dev/video0 is a camera')
    parser.add_argument(
        '-i', '--input', action='append', default=[], type=path_text,
        metavar='INPUT', help='instead of a path; may be there more than once')
    parser.add_argument(
        '-o', '--output', type=path_text, metavar='OUTPUT',
        help='instead of a path; FOLDER/, with a slash, to write into a '
        'folder, under the name of the input')
    parser.add_argument('--checkpoint', type=path_text, metavar='FILE',
                        help='of mmderain, trained or converted (default: '
                        'weights that come with mmderain)')
    parser.add_argument('--model', metavar='NAME', help='of the weights that '
                        'come with mmderain, such as realtime: '
                        '"mmderain models" lists them; with '
                        '--checkpoint its method, for files that do not say '
                        f'it: {", ".join(sorted(METHODS))}')
    parser.add_argument(
        '--remove', type=some_of('streaks', 'drops'), metavar='WHAT',
        help='streaks; drops, on the lens of a moving camera; or both, '
        'streaks,drops. With --checkpoint or --model that model works, and '
        'drops are removed from its result if they are named (default: '
        'streaks,drops)')
    _add_frequent_arguments(parser)
    _add_model_arguments(parser.add_argument_group('how it is computed'))
    _add_output_arguments(parser.add_argument_group('what is written'))
    _add_run_arguments(parser.add_argument_group(
        'how it runs: damaged, shown'))
    _add_archive_arguments(parser.add_argument_group('an archive of videos'))
    add_engine_arguments(parser.add_argument_group(
        'an archive on many machines'))
    add_live_arguments(parser.add_argument_group('live pictures'))
    return parser


def _add_frequent_arguments(group: argparse._ActionsContainer) -> None:
    """What people use most, before what they look for."""
    add_part_arguments(group)
    group.add_argument('--preview', choices=('side', 'split'),
                       help='also write input and output in one video')
    group.add_argument('-y', '--overwrite', action='store_true',
                       help='replace outputs that are there')
    group.add_argument('--resume', action='store_true',
                       help='continue where an earlier run was stopped')
    group.add_argument('--dry-run', action='store_true',
                       help='say what would be done, and about how long it '
                       'would take, by all checks of the work and a few '
                       'frames; write nothing')
    group.add_argument('--device', help='cuda, cuda:1, cpu (default: a GPU '
                       'where there is one)')


def _add_model_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        '--devices', metavar='LIST', help='several, such as 0,1 or cpu,cpu: '
        'they share the frames of a video, or the videos of an archive')
    group.add_argument('--dtype', default='auto',
                       choices=('auto', 'float32', 'bfloat16', 'float16'),
                       help='half precision by autocast; auto: float32, but '
                       'bfloat16 for a method that was trained in it, where '
                       'the device is faster with it, as tried once '
                       '(default: auto)')
    group.add_argument('--amp', action='store_const', dest='dtype',
                       const='bfloat16', help='the same as --dtype bfloat16')
    group.add_argument(
        '--backend', default='auto', choices=('auto', *BACKENDS),
        help='what computes; onnxruntime takes networks that mmderain export '
        'has written, and the weights that come with mmderain (default: auto, '
        'what takes the file; for these weights PyTorch on a GPU, and on a '
        'CPU the faster one that is installed)')
    group.add_argument(
        '--hwaccel', metavar='NAME', help='let hardware decode videos where '
        'it gives the frames that the CPU gives: cuda, cuda:1, qsv, as FFmpeg '
        'names them')
    group.add_argument(
        '--tile', type=tile, default='auto', metavar='auto|N|HxW|none',
        help='size of the tiles in pixels; none for whole frames; auto: the '
        "method's own, or what fits into memory (default: auto)")
    group.add_argument('--tile-overlap', type=whole(0, 4096), metavar='PIXELS',
                       help="(default: the method's)")
    group.add_argument(
        '--batch', type=whole(1, 1024), metavar='N', help='tiles that go '
        'through the network at once, or windows where a frame has fewer '
        'tiles; for a large GPU (default: 1)')
    add_settings(group)


def _add_output_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--strength', type=float, default=1, metavar='S',
                       help='from 0 (the input) to 1 (the result)')
    group.add_argument('--mask', type=path, metavar='IMAGE',
                       help='keep the input where this is white, such as '
                       'burned-in text')
    group.add_argument(
        '--leave-below', type=float, default=0, metavar='LEVELS',
        help='leave frames as they are whose mean change is less than so many '
        'levels of 255: scenes without rain (default: 0)')
    group.add_argument('--save-maps', action='store_true',
                       help='also write what was removed, and the masks and '
                       'streak maps that the network finds')
    group.add_argument('-an', '--no-sound', action='store_true',
                       help='leave sound out')
    add_encoding_arguments(group)
    group.add_argument('--fps', type=rate,
                       help='of a video made of images (default: 25); of raw '
                       'pictures in a pipe')


def _add_run_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--skip-bad-frames', action='store_true',
                       help='leave out what cannot be decoded, and say so')
    group.add_argument('--leave-out-streams', action='store_true',
                       help='continue without sound or subtitles that the '
                       'output cannot hold')
    group.add_argument('--segment-frames', type=whole(1, 1_000_000),
                       default=120, metavar='N',
                       help='frames between two points to resume from')
    how = group.add_mutually_exclusive_group()
    how.add_argument('--quiet', action='store_true',
                     help='print nothing but errors')
    how.add_argument('--json-progress', action='store_true',
                     help='for programs: on standard error a JSON object a '
                     'line, the last one with the exit status')


def _add_archive_arguments(group: argparse._ArgumentGroup) -> None:
    group.add_argument('--output-dir', type=path_text, metavar='FOLDER',
                       help='write every input there, under its own name; or '
                       'into a store, such as s3://bucket/clean')
    group.add_argument('--list', type=path, metavar='FILE',
                       help='inputs, one a line; or a CSV of input,output; '
                       'paths, or addresses in stores (s3://, gs://, '
                       'http://); - is standard input')
    group.add_argument('--shard', type=shard, metavar='I/N',
                       help='do the I-th of N parts of the list, from 0 on')
    group.add_argument('--summary', type=path, metavar='FILE.json',
                       help='write frames, hours, speed and failures')
    group.add_argument('--stage-dir', type=path, metavar='FOLDER',
                       help='for copies of what is in stores, of one video at '
                       'a time (default: a temporary folder of the system)')
