"""The command that makes a rainy set in the layout of a known one."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import numpy as np
from tqdm import tqdm

from mmderain.cli.command_parser import CommandParser
from mmderain.cli.common import run
from mmderain.cli.option_types import path, size, whole
from mmderain.cli.places import require_place
from mmderain.errors import UserError
from mmderain.folder_lock import alone_in
from mmderain.synthesis.camera import check_size
from mmderain.synthesis.clean_clips import (
    CleanClip,
    find_clips,
    left_out,
    still_clips,
)
from mmderain.synthesis.layouts import (
    LAYOUTS,
    RAINSYN_PAIRS,
    SequenceLayout,
)
from mmderain.synthesis.presets import PRESETS, RainSettings, preset_settings
from mmderain.synthesis.raindrop_writer import (
    RaindropWriter,
    render_images,
)
from mmderain.synthesis.renderer import RainRenderer, sequence_rng
from mmderain.synthesis.sequence_writer import SequenceWriter
from mmderain.synthesis.unfinished import no_empty
from mmderain.synthesis.varied_renderer import VariedRainRenderer
from mmderain.version import __version__

_DEFAULT_STILL_FRAMES = 30
_DEFAULT_STILL_SIZE = (256, 256)
# pairs of images instead of sequences, with splits of its own
_RAINDROP = 'raindrop'
_SPLITS, _RAINDROP_SPLITS = ('train', 'test'), ('train', 'test_a', 'test_b')


def build_parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = CommandParser(
        prog='mmderain synthesize',
        description='Render rain over clean frames and write a set in the '
                    'layout of VRDS, RainSyn or Raindrop: rainy and clean '
                    'frames, and maps of the rain.')
    parser.add_argument(
        'inputs', nargs='+', type=path, metavar='INPUT',
        help='folder of frames, folder of such folders, or video; with '
             '--from-still an image, a folder or a .npy file of them')
    parser.add_argument('output', type=path, metavar='OUTPUT',
                        help='folder of the set')
    parser.add_argument('--preset', choices=tuple(PRESETS), default='heavy',
                        help='which rain, and how much (default: heavy)')
    parser.add_argument('--layout', choices=(*LAYOUTS, _RAINDROP),
                        help='names of folders and frames (default: that of '
                             'the set which the preset resembles)')
    parser.add_argument('--seed', type=whole(0), default=0,
                        help='same seed, same rain (default: 0)')
    parser.add_argument('--split', default='train',
                        choices=dict.fromkeys(_SPLITS + _RAINDROP_SPLITS),
                        help='names of the folders; test_a and test_b instead '
                             'of test for raindrop (default: train)')
    parser.add_argument('--start', type=whole(0), default=0,
                        help='first frame to take of each input (default: 0)')
    parser.add_argument(
        '--num-frames', type=whole(1), metavar='N',
        help='most frames to take of each input (default: all; '
             f'{_DEFAULT_STILL_FRAMES} with --from-still)')
    parser.add_argument(
        '--size', type=size, metavar='HxW',
        help='scale the frames and cut them to this size (default: as they '
             'are; 256x256 with --from-still)')
    parser.add_argument('--from-still', action='store_true',
                        help='make clips out of still images by a simulated '
                             'camera motion')
    parser.add_argument('--streaks', action=argparse.BooleanOptionalAction,
                        default=True, help='rain in the air (default: yes)')
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


def _rain(args: argparse.Namespace) -> tuple[
        RainSettings, SequenceLayout | None]:
    """What is to be rendered, and in which layout if not as images."""
    rain = preset_settings(args.preset)
    if not args.streaks:
        rain = rain._replace(streaks=None, occlusions=None, varied=None)
    if not args.drops:
        rain = rain._replace(drops=None)
    if not (rain.streaks or rain.drops or rain.varied):
        raise UserError(
            f'--preset {args.preset}: expected streaks, drops or both, got '
            'neither. Leave out --no-streaks or --no-drops.')
    if args.layout == _RAINDROP:
        if not rain.drops:
            raise UserError(f'--layout {_RAINDROP}: expected drops on the '
                            'lens, got none. Leave out --no-drops or choose '
                            'another preset.')
        return rain._replace(streaks=None, occlusions=None), None
    layout = LAYOUTS[args.layout or rain.layout]
    if rain.varied and layout is not RAINSYN_PAIRS:
        raise UserError(
            f'--layout {layout.name}: expected {RAINSYN_PAIRS.name} for '
            f'--preset {args.preset}, of whose rain there are no maps, got '
            'another. Leave --layout out.')
    for kind, made, part, remedy in (
            ('drops on the lens', rain.drops, 'drop_mask', 'Add --no-drops'),
            ('occlusions', rain.occlusions, 'occlusion_mask',
             'Leave --layout out')):
        if made and part not in layout.train:
            raise UserError(
                f'--layout {layout.name}: expected rain without {kind}, as '
                f'this layout has no folder for them, got --preset '
                f'{args.preset}, which has some. {remedy} or choose another '
                'preset.')
    return rain, layout


def _writer(args: argparse.Namespace, layout: SequenceLayout | None
            ) -> SequenceWriter | RaindropWriter:
    splits = _RAINDROP_SPLITS if layout is None else _SPLITS
    if args.split not in splits:
        raise UserError(
            f'--split: expected {" or ".join(splits)} for the layout '
            f'{layout.name if layout else _RAINDROP}, got {args.split}.')
    if layout is None:
        return RaindropWriter(args.output, args.split, args.overwrite)
    return SequenceWriter(args.output, layout, args.split, args.overwrite)


def _renderer(rain: RainSettings, seed: int, sequence: int) -> tuple[
        RainRenderer | VariedRainRenderer, dict]:
    """What renders a clip, and its settings, fit for JSON."""
    if rain.varied:
        return (VariedRainRenderer(rain.varied, seed, sequence),
                dict(varied=asdict(rain.varied)))
    renderer = RainRenderer(rain.streaks, rain.drops, rain.occlusions,
                            seed=seed, sequence=sequence)
    return renderer, dict(
        camera=asdict(renderer.camera),
        streaks=renderer.streaks and asdict(renderer.streaks),
        drops=renderer.drops and asdict(renderer.drops),
        occlusions=renderer.occlusions and asdict(renderer.occlusions))


def synthesize(args: argparse.Namespace) -> None:
    """Make the set, and say what was made.

    Raises:
        UserError: An input cannot be read, options do not fit together, or
            the output cannot be written.
    """
    require_place('OUTPUT', args.output, is_folder=True)
    rain, layout = _rain(args)
    writer = _writer(args, layout)
    if args.size:
        check_size(args.size, '--size')
    began = time.monotonic()
    clips = _clips(args)
    _check_apart(clips, args.output)
    for line in left_out(args.inputs, clips):
        print(line, file=sys.stderr)
    with no_empty(args.output):
        writer.check(clip.name for clip in clips)
        with alone_in(args.output):
            # another process may have been done just before
            writer.check(clip.name for clip in clips)
            total = _render(clips, rain, layout, writer, args)
    print(f'wrote {len(clips)} sequence{"s" * (len(clips) != 1)}, {total} '
          f'frames to {args.output} in {time.monotonic() - began:.1f} s')


def _render(clips: list[CleanClip], rain: RainSettings,
            layout: SequenceLayout | None,
            writer: SequenceWriter | RaindropWriter,
            args: argparse.Namespace) -> int:
    """Render all clips; the number of their frames."""
    total = 0
    for index, clip in enumerate(clips):
        renderer, kind = _renderer(rain, args.seed, index)
        settings = dict(
            version=__version__, input=clip.path.name, start=args.start,
            from_still=args.from_still, size=args.size, preset=args.preset,
            seed=args.seed, sequence=index, **kind)
        with closing(clip.read()) as frames:
            frames = _with_bar(clip, frames)
            rainy = (renderer.render(frames) if layout else
                     render_images(frames, rain.drops, args.seed, total))
            total += writer.write(clip.name, rainy, settings)
    return total


def _with_bar(clip: CleanClip,
              frames: Iterator[np.ndarray]) -> Iterator[np.ndarray]:
    return iter(tqdm(frames, desc=clip.name, total=clip.num_frames,
                     unit='frame'))


def main(argv: list[str] | None = None) -> int:
    """Make a set; returns the exit status."""
    args = build_parser().parse_args(argv)
    return run(lambda: synthesize(args),
               'stopped; what was finished is kept and is whole')
