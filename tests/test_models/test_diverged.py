"""A frame that is not finite is named; it never becomes levels of 8 bits."""

import math
import re

import numpy as np
import pytest
import torch
from mmagic.registry import MODELS

from mmderain.cli.derain import main as derain
from mmderain.errors import DivergedError
from tests.helpers.videos import pictures, write_checkpoint, write_video
from tests.test_engine.helpers import make_runner
from tests.tiny import write_image, write_vrds

BROKEN = 2


def clip(count=4):
    """Frame number ``BROKEN`` is white, no other one has white in it."""
    frames = torch.randint(0, 255, (count, 3, 12, 16), dtype=torch.uint8,
                           generator=torch.Generator().manual_seed(1))
    frames[BROKEN] = 255
    return frames


def build(name, value, **options):
    """A derainer whose network gives ``value`` in one pixel of white frames.
    """
    model = MODELS.build({**MODELS_WITH_LUMA[name], **options}).eval()

    def break_on_white(network, planes, output):
        restored = output.restored.clone()
        # EEVRSR restores the centre frame alone
        seen = planes[0][:, 2] if name == 'eevrsr' else planes[0]
        white = seen.amin((-2, -1)) == seen.new_tensor(WHITE[name])
        # not at the rim, which is cropped
        middle = (..., *(side // 2 for side in restored.shape[-2:]))
        restored[middle] = restored[middle].masked_fill(white, value)
        return output._replace(restored=restored)

    model.generator.register_forward_hook(break_on_white)
    return model


MODELS_WITH_LUMA = dict(
    eevrsr=dict(type='EEVRSRDerainer', pixel_loss=dict(type='MSELoss'),
                generator=dict(type='EEVRSRNet', motion_compensation=False)),
    j4r=dict(type='J4RDerainer', pixel_loss=dict(type='MSELoss'),
             generator=dict(type='J4RReleasedBRCNNet'),
             test_cfg=dict(window=3, stride=1)))
# as luma: full range, and MATLAB's
WHITE = dict(eevrsr=1.0, j4r=235 / 255)

@pytest.mark.parametrize('value', [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize('name', MODELS_WITH_LUMA)
def test_the_frame_is_named(name, value):
    model = build(name, value)
    with pytest.raises(DivergedError, match=f"sequence 'road', frame {BROKEN} "
                       r'\(counted from 0\)'):
        model.restore_clip(clip(), 'road')
    # the frames before it are there
    restored = model.stream(clip())
    for _ in range(BROKEN):
        assert next(restored).dtype == torch.uint8
    with pytest.raises(DivergedError, match=f'restores frame {BROKEN} '):
        next(restored)


def test_frames_are_counted_in_the_clip_though_its_ends_are_left_out():
    model = build('eevrsr', math.nan, test_cfg=dict(padding=None))
    frames = clip(6).roll(1, 0)
    with pytest.raises(DivergedError, match=f'frame {BROKEN + 1} '):
        model.restore_clip(frames)


def test_a_test_says_which_sequence_and_frame(tiny_config, tmp_path):
    root = write_vrds(tmp_path / 'set')
    write_image(root / 'testlq' / '001' / f'{BROKEN:08d}.png',
                np.full((36, 44, 3), 255, np.uint8))
    tiny_config.test_dataloader.dataset.data_root = str(root)
    runner = make_runner(tiny_config)

    def restore(window):
        white = window.amin((2, 3, 4), keepdim=True) == 1
        return window.masked_fill(white, math.nan)

    runner.model.restore_window = restore
    with pytest.raises(DivergedError,
                       match=f"sequence '001', frame {BROKEN} "):
        runner.test()


@pytest.mark.parametrize('start', [0, 20])
def test_the_command_writes_no_video_of_a_diverged_network(
        start, tmp_path, capsys):
    checkpoint = write_checkpoint(tmp_path / 'e.pth', 'eevrsr_derain_only')
    content = torch.load(checkpoint)
    name = list(content['state_dict'])[-1]
    content['state_dict'][name].fill_(math.nan)
    torch.save(content, checkpoint)
    video = write_video(tmp_path / 'rain.mp4', pictures(start + 3))
    output = tmp_path / 'clean.mp4'
    assert derain([str(video), str(output), '--checkpoint', str(checkpoint),
                   '--device', 'cpu', '--start', f'{start}f']) == 2
    said = capsys.readouterr().err
    # the first that is restored; after 0 a neighbour before the part
    frame = int(re.search(r'The network restores frame (\d+) \(counted from',
                          said)[1])
    assert start - 9 < frame <= start
    assert 'not finite' in said and 'Traceback' not in said
    assert not output.exists()
