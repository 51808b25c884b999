"""Score models for rain streaks: in rain, and where there is none.

A line for each, in Markdown: PSNR on luma, mean and worst frame. First clips
in rain of each preset of ``mmderain synthesize`` that is asked for, with the
gain over the rainy clip and the smallest gain of a clip; then the clips as
they are; then made clips of what is no rain; then many small scenes in rain of
any strength, those that gain least. What is drawn here training never uses.
"""

import argparse
import sys
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from named_clip import SPELLING, NamedClip, named_clip

from mmderain.cli.common import run
from mmderain.cli.option_types import whole
from mmderain.media.video_info import TimedFrame
from mmderain.restorer import Restorer, RestorerChain, choose_restorer
from mmderain.synthesis.free_pictures import free_picture
from mmderain.synthesis.presets import PRESETS, preset_settings
from mmderain.synthesis.renderer import RainRenderer
from mmderain.synthesis.training_clips import luma_psnr
from mmderain.synthesis.varied_rain import VariedRainSettings
from mmderain.synthesis.varied_renderer import VariedRainRenderer

_FRAMES, _HEIGHT, _WIDTH = 24, 128, 160
_LEAST_GAINS = 10  # of many scenes are shown


def main(argv: list[str] | None = None) -> int:
    """Score; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('clips', nargs='*', metavar=SPELLING,
                        type=named_clip(12),
                        help='a clean video or a folder of frames')
    parser.add_argument('--rain', nargs='*', default=(), metavar='PRESET',
                        choices=PRESETS)
    parser.add_argument('--made', action='store_true',
                        help='also made clips of what is no rain')
    parser.add_argument('--many', type=whole(0), default=0, metavar='N',
                        help='also N small scenes in rain of any strength')
    parser.add_argument('--width', type=whole(32, 16384),
                        help='of the clips; as they are')
    parser.add_argument('--seed', type=whole(0), default=11)
    parser.add_argument('--checkpoint')
    parser.add_argument('--model')
    parser.add_argument('--no-guard', dest='guard', action='store_false')
    parser.add_argument('--alignment', help="of the model's test_cfg")
    args = parser.parse_args(argv)
    if not args.clips and (args.rain or not (args.made or args.many)):
        parser.error('expected clips, or --made or --many alone')
    return run(lambda: score(args))


def score(args: argparse.Namespace) -> None:
    """Print a line for each set of clips."""
    test_cfg = {} if args.guard else dict(guard=False)
    if args.alignment:
        test_cfg['alignment'] = args.alignment
    restorer = choose_restorer(
        args.checkpoint, args.model, ['streaks'], device='cpu',
        dtype='float32', test_cfg=test_cfg)
    clips = {clip.text: read(clip, args.width) for clip in args.clips}
    print('| clips | mean / worst frame | gain | smallest gain |\n'
          '| --- | --- | --- | --- |')
    for preset in args.rain:
        print(_in_rain(restorer, clips, preset, args.seed), flush=True)
    still = {f'{name}, no rain': frames for name, frames in clips.items()}
    if args.made:
        still |= {make.__name__: make() for make in MADE}
    for name, frames in still.items():
        scores = against(restore(restorer, frames), frames)
        print(f'| {name} | {np.mean(scores):.1f} / {min(scores):.1f} | | |',
              flush=True)
    lines = sorted(_in_any_rain(restorer, clips, args.seed, number)
                   for number in range(args.many))
    for gain, line in lines[:_LEAST_GAINS]:
        print(f'{line} {gain:.2f} | {gain:.2f} |')


def read(clip: NamedClip, width: int | None) -> list[np.ndarray]:
    """Read a clip, frames (h, w, 3) uint8 RGB."""
    frames = clip.frames()
    if width is None:
        return frames
    height, before = frames[0].shape[:2]
    size = width, 2 * round(height * width / before / 2)
    return [cv2.resize(image, size, interpolation=cv2.INTER_AREA)
            for image in frames]


def restore(restorer: Restorer | RestorerChain,
            frames: list[np.ndarray]) -> Iterator[np.ndarray]:
    """Restore the frames of a clip."""
    size = frames[0].shape[:2]
    spec = restorer.spec(restorer.fit_tile(*size), *size)
    for result in restorer.stream(
            (TimedFrame(image, index, 1, index)
             for index, image in enumerate(frames)), spec):
        yield result.image


def against(frames: Iterator[np.ndarray],
            clean: list[np.ndarray]) -> list[float]:
    """PSNR of each frame."""
    return [luma_psnr(*pair) for pair in zip(frames, clean, strict=True)]


def _in_rain(restorer: Restorer | RestorerChain,
             clips: dict[str, list[np.ndarray]], preset: str,
             seed: int) -> str:
    after, gains = [], []
    for number, clean in enumerate(clips.values()):
        rainy = [pair.lq for pair in _renderer(preset, seed, number).render(
            clean)]
        scores = against(restore(restorer, rainy), clean)
        after += scores
        gains.append(np.mean(scores) - np.mean(against(rainy, clean)))
    return (f'| {preset} | {np.mean(after):.2f} / {min(after):.2f} '
            f'| {np.mean(gains):.2f} | {min(gains):.2f} |')


def _in_any_rain(restorer: Restorer | RestorerChain,
                 clips: dict[str, list[np.ndarray]], seed: int, number: int
                 ) -> tuple[float, str]:
    """The gain of a part of a clip, or of a picture in motion."""
    rng = np.random.default_rng([seed, number])
    if clips and rng.random() < 0.5:
        name = str(rng.choice(list(clips)))
        frames = np.stack(clips[name])
        top, left = (int(rng.integers(max(1, size - wanted + 1)))
                     for size, wanted in zip(frames.shape[1:], (
                         _HEIGHT, _WIDTH), strict=False))
        clean = list(frames[:12, top:top + _HEIGHT, left:left + _WIDTH])
    else:
        speed = float(rng.choice([0, 0.5, 1, 2, 4, 8, 14]))
        name = str(rng.choice(['coffee', 'rocket', 'chelsea', 'astronaut']))
        clean = finished(panning(speed, name))[:12]
        name = f'{name}, {speed} pixels a frame'
    strength = float(rng.uniform(0, 0.95) ** 1.5)
    rainy = [pair.lq for pair in VariedRainRenderer(VariedRainSettings(
        strength=(strength, strength)), seed, number).render(clean)]
    before, after = against(rainy, clean), against(
        restore(restorer, rainy), clean)
    return np.mean(after) - np.mean(before), (
        f'| {name}, rain {strength:.2f} | {np.mean(after):.2f} / '
        f'{min(after):.2f} |')


def _renderer(preset: str, seed: int, number: int
              ) -> RainRenderer | VariedRainRenderer:
    """Of the streaks of ``mmderain synthesize --no-drops``."""
    rain = preset_settings(preset)
    if rain.varied:
        return VariedRainRenderer(rain.varied, seed, number)
    return RainRenderer(rain.streaks, None, rain.occlusions, seed=seed,
                        sequence=number)


def panning(speed: float = 1.0, name: str = 'coffee') -> np.ndarray:
    """A picture that moves sideways, float32."""
    picture = cv2.resize(free_picture(name), (400, 300),
                         interpolation=cv2.INTER_AREA)
    return np.stack([cv2.warpAffine(
        picture, np.array([[1., 0, -20 - speed * time], [0, 1, -60]]),
        (_WIDTH, _HEIGHT)) for time in range(_FRAMES)]).astype(np.float32)


def finished(frames: np.ndarray) -> list[np.ndarray]:
    """Of any numbers, uint8."""
    return list(np.clip(np.rint(frames), 0, 255).astype(np.uint8))


def _grid(period: int, speed: float) -> list[np.ndarray]:
    columns = np.arange(_WIDTH)[None, :] + np.zeros((_HEIGHT, 1))
    rows = np.arange(_HEIGHT)[:, None]
    return [np.repeat(np.where(
        (np.floor(columns + speed * time) % period == 0)
        | (rows % period == 0), 20, 230)[..., None], 3, 2).astype(np.uint8)
        for time in range(_FRAMES)]


def slow_grid() -> list[np.ndarray]:
    """Lines every 8 pixels, 2 pixels a frame."""
    return _grid(8, 2)


def fast_grid() -> list[np.ndarray]:
    """Lines every 12 pixels, 5 pixels a frame."""
    return _grid(12, 5)


def lightning() -> list[np.ndarray]:
    """Lit up for two frames, and for one."""
    light = np.full(_FRAMES, 0.35)
    light[[8, 9, 15]] = 1.3
    return finished(panning() * light[:, None, None, None])


def flash() -> list[np.ndarray]:
    """One bright frame."""
    frames = panning()
    frames[12] += 120
    return finished(frames)


def dense_text() -> list[np.ndarray]:
    """Over a picture, 9 pixels a frame."""
    frames = finished(panning())
    for time, frame in enumerate(frames):
        for line in range(9):
            cv2.putText(frame, 'the quick brown fox jumps over the dog ' * 3,
                        (30 - 9 * time - 41 * line % 90, 12 + 14 * line),
                        cv2.FONT_HERSHEY_SIMPLEX, 0.45, (250, 250, 250), 1,
                        cv2.LINE_AA)
    return frames


def dark_bar() -> list[np.ndarray]:
    """A wiper, 30 pixels a frame."""
    frames = finished(panning(name='rocket'))
    for time, frame in enumerate(frames):
        place = -20 + 30 * time % 240
        cv2.line(frame, (place, _HEIGHT), (place + 25, 0), (15, 15, 15), 12,
                 cv2.LINE_AA)
    return frames


def snow() -> list[np.ndarray]:
    """Falling flakes."""
    rng = np.random.default_rng(3)
    frames = finished(panning())
    place = rng.uniform(0, 1, (60, 2)) * (_WIDTH, _HEIGHT)
    for frame in frames:
        for x, y in place.astype(int):
            cv2.circle(frame, (int(x), int(y)), 1 + (x % 2), (235, ) * 3, -1,
                       cv2.LINE_AA)
        place += rng.normal(0, 0.6, place.shape) + (1, 5)
        place %= (_WIDTH, _HEIGHT)
    return frames


def sparks() -> list[np.ndarray]:
    """Bright points, each in one frame."""
    rng = np.random.default_rng(4)
    frames = finished(panning(name='rocket'))
    for frame in frames:
        for x, y in rng.uniform(0, 1, (12, 2)) * (_WIDTH, _HEIGHT):
            dx, dy = rng.integers(-5, 6, 2)
            cv2.line(frame, (int(x), int(y)), (int(x + dx), int(y + dy)),
                     (255, 230, 160), 1, cv2.LINE_AA)
    return frames


def cut() -> list[np.ndarray]:
    """From a bright to a dark scene."""
    return finished(np.concatenate([
        panning()[:12] * 1.1, panning(name='rocket')[12:] * 0.4]))


def ball() -> list[np.ndarray]:
    """A small white one, 7 pixels a frame."""
    frames = finished(panning(0.5))
    for time, frame in enumerate(frames):
        cv2.circle(frame, (int(7 * time) % _WIDTH, 70), 3, (250, ) * 3, -1,
                   cv2.LINE_AA)
    return frames


def coarse_grain() -> list[np.ndarray]:
    """Coloured, sigma 10."""
    rng = np.random.default_rng(5)
    return finished(panning() + rng.normal(0, 10, (
        _FRAMES, _HEIGHT, _WIDTH, 3)))


def fence() -> list[np.ndarray]:
    """Posts of a bright fence, 4 pixels a frame."""
    frames = finished(panning())
    for time, frame in enumerate(frames):
        for place in range(-10, _WIDTH + 10, 10):
            cv2.line(frame, (place + 4 * time % 10, 30),
                     (place + 4 * time % 10, _HEIGHT), (225, ) * 3, 2)
    return frames


def standing() -> list[np.ndarray]:
    """A camera that stands, with noise."""
    rng = np.random.default_rng(6)
    return finished(panning(0) + rng.normal(0, 4, (
        _FRAMES, _HEIGHT, _WIDTH, 3)))


def whip_pan() -> list[np.ndarray]:
    """8 pixels a frame."""
    return finished(panning(8))


MADE: tuple[Callable[[], list[np.ndarray]], ...] = (
    slow_grid, fast_grid, fence, lightning, flash, dense_text, dark_bar, snow,
    sparks, cut, ball, coarse_grain, standing, whip_pan)


if __name__ == '__main__':
    sys.exit(main())
