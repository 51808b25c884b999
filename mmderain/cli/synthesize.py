"""The command that makes a rainy set in the layout of VRDS."""

import argparse
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmderain.errors import UserError
from mmderain.synthesis.camera import check_size
from mmderain.synthesis.clean_clips import (
    CleanClip,
    find_clips,
    still_clips,
)
from mmderain.synthesis.raindrop_writer import (
    RaindropWriter,
    render_images,
)
from mmderain.synthesis.renderer import (
    PRESETS,
    RainRenderer,
    preset_settings,
    sequence_rng,
)
from mmderain.synthesis.vrds_writer import VRDSWriter
from mmderain.version import __version__

_DEFAULT_STILL_FRAMES = 30
_DEFAULT_STILL_SIZE = (256, 256)
_SPLITS = dict(vrds=('train', 'test'), raindrop=('train', 'test_a', 'test_b'))
_WRITERS = dict(vrds=VRDSWriter, raindrop=RaindropWriter)


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r'(\d+)[xX](\d+)', text)
    if not match:
        raise argparse.ArgumentTypeError(
            f'expected HEIGHTxWIDTH such as 720x1280, got {text!r}')
    return int(match[1]), int(match[2])


def _at_least(low: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not re.fullmatch(r'\d+', text) or int(text) < low:
            raise argparse.ArgumentTypeError(
                f'expected a whole number from {low} on, got {text!r}')
        return int(text)

    return number


def build_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(
        prog='synthesize_rain',
        description='Render rain over clean frames and write a set in the '
                    'layout of VRDS: rainy and clean frames, drop-only '
                    'frames, raindrop masks and streak maps.')
    parser.add_argument(
        'inputs', nargs='+', type=Path, metavar='INPUT',
        help='folder of frames, folder of such folders, or video; an image '
             'or a folder of images with --from-still')
    parser.add_argument('output', type=Path, metavar='OUTPUT',
                        help='folder of the set')
    parser.add_argument('--preset', choices=tuple(PRESETS), default='heavy',
                        help='how much rain (default: heavy)')
    parser.add_argument('--seed', type=_at_least(0), default=0,
                        help='same seed, same rain (default: 0)')
    parser.add_argument('--layout', choices=tuple(_SPLITS), default='vrds',
                        help='of the folders; raindrop: pairs of images with '
                        'drops alone, as Attentive GAN reads them (default: '
                        'vrds)')
    parser.add_argument('--split', default='train',
                        choices=('train', 'test', 'test_a', 'test_b'),
                        help='names of the folders; test is for vrds, test_a '
                        'and test_b are for raindrop (default: train)')
    parser.add_argument('--start', type=_at_least(0), default=0,
                        help='first frame to take of each input (default: 0)')
    parser.add_argument(
        '--num-frames', type=_at_least(1), metavar='N',
        help='most frames to take of each input (default: all; '
             f'{_DEFAULT_STILL_FRAMES} with --from-still)')
    parser.add_argument(
        '--size', type=_size, metavar='HxW',
        help='scale the frames and cut them to this size (default: as they '
             'are; 256x256 with --from-still)')
    parser.add_argument('--from-still', action='store_true',
                        help='make clips out of still images by a simulated '
                             'camera motion')
    parser.add_argument('--streaks', action=argparse.BooleanOptionalAction,
                        default=True, help='rain streaks (default: yes)')
    parser.add_argument('--drops', action=argparse.BooleanOptionalAction,
                        default=True,
                        help='raindrops on the lens (default: yes)')
    parser.add_argument('--overwrite', action='store_true',
                        help='replace sequences that are there')
    return parser


def _clips(args: argparse.Namespace) -> list[CleanClip]:
    if not args.from_still:
        return find_clips(args.inputs, args.start, args.num_frames, args.size)
    if args.start:
        raise UserError('--start: a still image has no frames to skip. Leave '
                        'it out with --from-still.')
    return still_clips(
        args.inputs, args.num_frames or _DEFAULT_STILL_FRAMES,
        args.size or _DEFAULT_STILL_SIZE,
        lambda index: sequence_rng(args.seed, index, 'motion'))


def _check_apart(clips: list[CleanClip], output: Path) -> None:
    output = output.resolve()
    for clip in clips:
        source = clip.path.resolve()
        if output in (source, *source.parents):
            raise UserError(
                f'{clip.path}: expected an input outside the output '
                f'{output}, which may be overwritten. Choose another output.')


def _synthesize(args: argparse.Namespace) -> str:
    """Make the set; the line that says what was made."""
    if not (args.streaks or args.drops):
        raise UserError('--no-streaks and --no-drops: expected streaks, drops '
                        'or both, got neither. Leave one of them out.')
    splits = _SPLITS[args.layout]
    if args.split not in splits:
        raise UserError(f'--split: expected {" or ".join(splits)} for the '
                        f'layout {args.layout}, got {args.split}.')
    if args.layout == 'raindrop':
        if not args.drops:
            raise UserError('--no-drops: the layout raindrop has drops alone. '
                            'Leave it out.')
        args.streaks = False
    if args.size:
        check_size(args.size, '--size')
    began = time.monotonic()
    clips = _clips(args)
    _check_apart(clips, args.output)
    writer = _WRITERS[args.layout](args.output, args.split, args.overwrite)
    writer.check(clip.name for clip in clips)
    preset = preset_settings(args.preset)

    total = 0
    for index, clip in enumerate(clips):
        renderer = RainRenderer(
            preset.streaks if args.streaks else None,
            preset.drops if args.drops else None,
            seed=args.seed, sequence=index)
        settings = dict(
            version=__version__, input=clip.path.name, start=args.start,
            from_still=args.from_still, size=args.size, preset=args.preset,
            seed=args.seed, sequence=index, camera=asdict(renderer.camera),
            streaks=renderer.streaks and asdict(renderer.streaks),
            drops=renderer.drops and asdict(renderer.drops))
        with closing(clip.read()) as frames:
            frames = _with_bar(clip, frames)
            rainy = (renderer.render(frames) if args.layout == 'vrds' else
                     render_images(frames, renderer.drops, args.seed, total))
            total += writer.write(clip.name, rainy, settings)
    return (f'wrote {len(clips)} sequence{"s" * (len(clips) != 1)}, {total} '
            f'frames to {args.output} in {time.monotonic() - began:.1f} s')


def _with_bar(clip: CleanClip,
              frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    return iter(tqdm(frames, desc=clip.name, total=clip.num_frames,
                     unit='frame'))


def main(argv: list[str] | None = None) -> int:
    """Run the command.

    Args:
        argv: The arguments; those of the process by default.

    Returns:
        0, or 2 after an error, which is printed.
    """
    args = build_parser().parse_args(argv)
    try:
        print(_synthesize(args))
    except UserError as error:
        print(f'error: {error}', file=sys.stderr)
        return 2
    return 0
