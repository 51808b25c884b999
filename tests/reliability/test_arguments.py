"""Arguments."""

import pytest

from tests.reliability.bad_input import BadInput, write

_CLIP = 'derain clip.mp4 out.mp4 '
_IMAGE = 'derain photo.png out.png '

CASES = [
    BadInput('no output', 'derain clip.mp4', 'expected INPUT OUTPUT'),
    BadInput('two inputs and an output', 'derain clip.mp4 photo.png out.mp4',
             'out.mp4: expected a folder'),
    BadInput('a command that is not there', 'derian clip.mp4 out.mp4',
             'Did you mean derain?'),
    BadInput('an option that is not there', _CLIP + '--strenght 1',
             '--strenght'),
    BadInput('an empty input', "derain '' out.mp4", 'empty text'),
    BadInput('an empty output', "derain clip.mp4 ''", 'empty text'),
    # devices
    BadInput('a device that is not one', _CLIP + '--device gpu', 'cuda'),
    BadInput('an empty device', _CLIP + "--device ''", 'cuda'),
    BadInput('a CPU with a number', _CLIP + '--device cpu:3',
             'expected cpu, cuda'),
    BadInput('a GPU without a number', _CLIP + '--device cuda:x',
             'expected cpu, cuda'),
    BadInput('no devices', _CLIP + "--devices ''", 'cpu,cpu'),
    BadInput('devices that are none', _CLIP + '--devices cpu,gpu',
             "'gpu' is not a device"),
    BadInput('one device and several', _CLIP + '--device cpu --devices '
             'cpu,cpu', 'not both'),
    BadInput('a precision that is not there', _CLIP + '--dtype half',
             'float16'),
    # tiles
    BadInput('a tile of no size', _CLIP + '--tile 0', 'HEIGHTxWIDTH'),
    BadInput('half a tile', _CLIP + '--tile 64x', 'HEIGHTxWIDTH'),
    BadInput('a tile below nothing', _CLIP + '--tile=-64', 'HEIGHTxWIDTH'),
    BadInput('a tile that is all overlap', _CLIP + '--tile 32 '
             '--tile-overlap 32', 'overlap'),
    BadInput('a tile that is smaller than the overlap of its method',
             _CLIP + '--tile 8', 'overlap'),
    BadInput('an overlap below nothing', _CLIP + '--tile-overlap=-1',
             'from 0 to 4096'),
    BadInput('an overlap of tiles that there are not', _CLIP +
             '--tile none --tile-overlap 8', '--tile'),
    BadInput('no tiles at once', _CLIP + '--batch 0', 'from 1'),
    BadInput('a thousand million tiles at once', _CLIP +
             '--batch 1000000000', 'from 1'),
    BadInput('words where tiles are counted', _CLIP + '--batch many',
             'many'),
    # times
    BadInput('an empty beginning', _CLIP + "--start ''", '--start'),
    BadInput('an empty end', _CLIP + "--end ''", '--end'),
    BadInput('a beginning below nothing', _CLIP + '--start=-1', '--start'),
    BadInput('a beginning in words', _CLIP + '--start soon', '--start'),
    BadInput('an end before the beginning', _CLIP + '--start 2 --end 1',
             '--end'),
    BadInput('an end at the beginning', _CLIP + '--start 5f --end 5f',
             '--end'),
    BadInput('an end at the first frame', _CLIP + '--end 0', '--end'),
    BadInput('a length in words', _CLIP + '--duration long', '--duration'),
    BadInput('a length of nothing', _CLIP + '--duration 0', '--duration'),
    BadInput('a length in frames after a time',
             _CLIP + '--start 0.1 --duration 3f', '--duration'),
    BadInput('a length and an end', _CLIP + '--duration 1 --end 2',
             'not both'),
    BadInput('images without sound', 'derain clip.mp4 out --no-sound',
             '--no-sound'),
    BadInput('a beginning after the last frame', _CLIP + '--start 1:39',
             'no frames'),
    # what is mixed
    BadInput('a number that is none', _CLIP + '--strength nan',
             '--strength'),
    BadInput('more than all of the result', _CLIP + '--strength 1.5',
             'from 0'),
    BadInput('less than nothing of the result', _CLIP + '--strength=-1',
             'from 0'),
    BadInput('words for a strength', _CLIP + '--strength full', 'full'),
    BadInput('frames left below less than nothing', _CLIP +
             '--leave-below=-1', '--leave-below'),
    BadInput('frames left below infinity', _CLIP + '--leave-below inf',
             '--leave-below'),
    # settings of models
    BadInput('a guide that is not there', _CLIP + '--test-cfg guide=nobody',
             'test_cfg.guide'),
    BadInput('a guide that takes no streaks away', _CLIP +
             '--test-cfg guide=lens_drops', 'light_median'),
    BadInput('a switch that is neither on nor off', _CLIP +
             '--test-cfg share=maybe', 'share'),
    # encoders
    BadInput('a quality that H.264 has not', _CLIP + '--crf 99',
             'from 0 to 51'),
    BadInput('a quality below nothing', _CLIP + '--crf=-1', 'from 0 on'),
    BadInput('a quality that HEVC has not', _CLIP + '--codec hevc --crf 52',
             'from 0 to 51'),
    BadInput('a quality that AV1 has not', _CLIP + '--codec av1 --crf 64',
             'from 0 to 63'),
    BadInput('a quality of what is lossless', 'derain clip.mp4 out.mkv '
             '--codec ffv1 --crf 20', 'lossless'),
    BadInput('a preset that H.264 has not', _CLIP + '--preset quick',
             'veryfast'),
    BadInput('a preset that AV1 has not', _CLIP + '--codec av1 --preset 99',
             'from 0 to 13'),
    BadInput('a preset in words for AV1', _CLIP + '--codec av1 --preset fast',
             'from 0 to 13'),
    BadInput('a preset for FFV1', 'derain clip.mp4 out.mkv --codec ffv1 '
             '--preset fast', '--preset'),
    BadInput('a codec that is not there', _CLIP + '--codec vp9', 'hevc'),
    # rates
    BadInput('no frames per second', _CLIP + '--fps 0', '30000/1001'),
    BadInput('a rate divided by nothing', _CLIP + '--fps 25/0', '30000/1001'),
    BadInput('a rate that is none', _CLIP + '--fps nan', '30000/1001'),
    BadInput('a thousand million frames per second', 'derain photo.png '
             'out.mp4 --fps 1e9', '--fps'),
    BadInput('a frame in thirty years', 'derain photo.png out.mp4 --fps 1e-9',
             '--fps'),
    BadInput('a rate with a hundred million digits', _CLIP +
             '--fps 1e100000000', '--fps'),
    # what would be ignored
    BadInput('a rate for what has its own', _CLIP + '--fps 30', '--fps'),
    BadInput('a quality for a folder of images', 'derain clip.mp4 out '
             '--crf 20', '--crf'),
    BadInput('a codec for an image', _IMAGE + '--codec hevc', '--codec'),
    BadInput('a preset for an image', _IMAGE + '--preset fast', '--preset'),
    BadInput('a rate for an image', _IMAGE + '--fps 30', '--fps'),
    BadInput('something else to remove', _CLIP + '--remove snow',
             'streaks, drops'),
    BadInput('nothing to remove', _CLIP + "--remove ''", 'streaks, drops'),
    BadInput('a part of a list without a list', _CLIP + '--shard 0/2',
             '--list'),
    BadInput('a part that a list has not', 'derain --list list.txt '
             '--output-dir out --shard 2/2', 'from 0 to N-1',
             make=write('list.txt', 'clip.mp4\n')),
    BadInput('a list in no parts', 'derain --list list.txt --output-dir out '
             '--shard 0/0', 'from 0 to N-1',
             make=write('list.txt', 'clip.mp4\n')),
    BadInput('a summary of a single video', _CLIP + '--summary sum.json',
             '--output-dir'),
    # segments
    BadInput('segments of nothing', _CLIP + '--segment-frames 0', 'from 1'),
    BadInput('segments below nothing', _CLIP + '--segment-frames=-5',
             'from 1'),
    BadInput('segments of a thousand million frames', _CLIP +
             '--segment-frames 1000000000', 'from 1'),
    # weights
    BadInput('weights that are not there', _CLIP + '--model drizzle',
             'aligned_median'),
    BadInput('a method that is not there', _CLIP +
             '--checkpoint model.pth --model drizzle', 'vimpnet'),
    BadInput('a method that is not the one of the checkpoint', _CLIP +
             '--checkpoint model.pth --model vimpnet', 'eevrsr_derain_only'),
]


@pytest.mark.parametrize('case', CASES, ids=lambda case: case.what)
def test_bad_input(case, answers_well):
    answers_well(case)
