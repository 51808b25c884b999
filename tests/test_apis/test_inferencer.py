"""From a checkpoint alone: arrays, images, folders and videos."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmderain import config_path
from mmderain.apis import DerainInferencer, DerainOptions
from mmderain.errors import CheckpointError, DataError, UserError
from mmderain.jobs.parts_folder import PartsFolder
from mmderain.media.encoding import Encoding
from mmderain.methods import METHODS
from mmderain.windows.windows import windows
from tests.helpers.videos import (
    decoded,
    pictures,
    times,
    write_checkpoint,
    write_video,
)
from tests.test_engine.helpers import make_runner


@pytest.fixture(scope='module')
def checkpoint(tmp_path_factory):
    return write_checkpoint(tmp_path_factory.mktemp('weights') / 'e.pth')


@pytest.fixture(scope='module')
def inferencer(checkpoint):
    return DerainInferencer(str(checkpoint), device='cpu')


def write_folder(folder, frames):
    folder.mkdir(parents=True)
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / f'{index:03d}.png'), frame[..., ::-1])
    return folder


def test_the_result_is_that_of_the_runner_s_test_loop(
        inferencer, checkpoint, tmp_path, monkeypatch):
    frames = pictures(7, (50, 66))
    monkeypatch.setenv('RAINPRACTICAL_ROOT', str(
        write_folder(tmp_path / 'clips' / 'a', frames).parent))
    cfg = Config.fromfile(config_path('EEVRSR/EEVRSR_real.py'))
    cfg.update(load_from=str(checkpoint), work_dir=str(tmp_path / 'work'),
               launcher='none', experiment_name=tmp_path.name)
    cfg.test_dataloader.num_workers = 0
    cfg.test_evaluator = [dict(type='ClipNIQE', step=100)]
    runner = make_runner(cfg)
    kept = []
    runner.test_loop.evaluators[0].process = (
        lambda outputs, *rest: kept.extend(outputs))
    runner.test_loop.evaluators[0].evaluate = lambda *rest: {}
    runner.test()
    sample, = kept
    expected = sample.output.pred_img.permute(0, 2, 3, 1).numpy()
    assert np.abs(expected.astype(int) - np.stack(frames)).mean() > 0.5
    np.testing.assert_array_equal(inferencer(np.stack(frames)), expected)
    np.testing.assert_array_equal(
        np.stack(list(inferencer(str(tmp_path / 'clips' / 'a')))), expected)


def test_a_generator_gives_the_first_frame_before_the_clip_ends(inferencer):
    taken = []

    def endless():
        while True:
            taken.append(pictures(1)[0])
            yield taken[-1]

    first = next(inferencer.frames(endless()))
    assert first.shape == taken[0].shape and len(taken) <= 6


def test_an_image_is_a_clip_of_one_frame(inferencer):
    image, = pictures(1)
    np.testing.assert_array_equal(inferencer(image),
                                  inferencer(image[None])[0])


MAPS = dict(vimpnet=['drop_mask', 'removed', 'streak_map'],
            attentive_gan=['attention', 'removed'],
            aligned_median=['blend', 'removed'],
            eevrsr=['removed'], j4rnet=['removed'])
# of a clip of 7 frames, with a stride of 1
WINDOWS = dict(attentive_gan=7, vimpnet=3, aligned_median=7, eevrsr=7,
               eevrsr_derain_only=7, j4rnet=1, j4rnet_released_brcn=1,
               j4rnet_released_gru=1)
# these are not tested as their recipes do: settings of their own, of which
# the recipe says more, or none is of the network
OTHER_SETTINGS = ('aligned_median', 'j4rnet_released_brcn',
                  'j4rnet_released_gru')
# those that take neither tiles nor batches
WHOLE_FRAMES = {'lens_drops'}


def test_no_method_is_lost():
    """Those below are read from the table."""
    assert set(METHODS) >= {
        'aligned_median', 'attentive_gan', 'vimpnet', 'eevrsr',
        'eevrsr_derain_only', 'j4rnet', 'j4rnet_released_brcn',
        'j4rnet_released_gru'}


@pytest.mark.parametrize('method', METHODS)
def test_every_method_derains_a_video_in_tiles_and_resumes(
        method, tmp_path, monkeypatch):
    weights = write_checkpoint(tmp_path / 'x.pth', method,
                               **METHODS[method].tiny)
    source = write_video(tmp_path / 'a.mp4', pictures(12, (40, 56)),
                         extras=True)
    tiles = ({} if method in WHOLE_FRAMES
             else dict(tile=(32, 32), tile_overlap=8))
    derain = DerainInferencer(str(weights), device='cpu', **tiles)
    assert derain.method.name == method
    # lossless: what the encoder does with equal frames is not always the same
    options = DerainOptions(save_maps=True, segment_frames=5, resume=True,
                            encoding=Encoding(crf=0))
    derain(source, tmp_path / 'whole.mp4', options)
    found = {path.suffixes[0][1:] for path in tmp_path.glob('whole.*.mp4')}
    assert sorted(found) == MAPS.get(
        method, sorted(derain.restorer.map_names))
    original, ended = PartsFolder.add_segment, []

    def stop_after_two(self, number, segment):
        original(self, number, segment)
        ended.append(segment)
        if len(ended) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(PartsFolder, 'add_segment', stop_after_two)
    with pytest.raises(KeyboardInterrupt):
        derain(source, tmp_path / 'broken.mp4', options)
    monkeypatch.undo()
    report = derain(source, tmp_path / 'broken.mp4', options)
    assert (report.frames, report.derained) == (12, 2)
    for path in tmp_path.glob('whole*.mp4'):
        again = path.with_name(path.name.replace('whole', 'broken'))
        np.testing.assert_array_equal(decoded(again), decoded(path))
    change = np.abs(np.stack(decoded(tmp_path / 'whole.mp4')).astype(int)
                    - np.stack(decoded(source)))
    assert change.mean() > 0.3


@pytest.mark.parametrize('method', [
    name for name in METHODS if name not in WHOLE_FRAMES])
def test_batches_change_nothing_but_rounding(method, tmp_path):
    weights = str(write_checkpoint(tmp_path / 'x.pth', method,
                                   **METHODS[method].tiny))
    frames = np.stack(pictures(7, (24, 40)))
    # 2 tiles a frame, without margin
    for tile in (None, (24, 24)):
        options = dict(device='cpu', tile=tile, tile_overlap=8,
                       test_cfg=dict(stride=1, margin=0))
        expected = DerainInferencer(weights, **options)(frames)
        derain = DerainInferencer(weights, batch=4, **options)
        sizes = []
        derain.restorer.backend.derainer.generator.register_forward_pre_hook(
            lambda network, inputs, sizes=sizes: sizes.append(len(inputs[0])))
        got = derain(frames)
        spec = derain.restorer.spec(tile, 24, 40)
        assert (spec.window_batch, spec.tile_batch) == (
            (2, 2) if tile else (4, 1))
        count = sum(1 for _ in windows(
            torch.zeros(7, 3, 1, 1), spec.window))
        assert count == WINDOWS.get(method, count)
        assert max(sizes) == (2 * min(count, 2) if tile else min(count, 4))
        difference = np.abs(got.astype(int) - expected)
        assert difference.max() <= 1 and (difference > 0).mean() < 1e-3


def test_the_tile_that_is_chosen_is_the_one_that_is_used(
        checkpoint, monkeypatch):
    monkeypatch.setattr('mmderain.restorer.Restorer.free_memory',
                        lambda device: 2 * 1500 * 64 * 64)
    derain = DerainInferencer(str(checkpoint), device='cpu', tile_overlap=16)
    sizes = set()
    derain.restorer.backend.derainer.generator.register_forward_pre_hook(
        lambda network, inputs: sizes.add(inputs[0].shape[-2:]))
    derain(pictures(1, (72, 96))[0])
    assert sizes == {(64, 64)}


def test_a_batch_takes_its_share_of_the_memory(checkpoint, monkeypatch):
    monkeypatch.setattr('mmderain.restorer.Restorer.free_memory',
                        lambda device: 2 * 1500 * 128 * 128)
    for options, tile in (
            (dict(), None), (dict(batch=4), (64, 64)),
            (dict(test_cfg=dict(tile_batch=2, window_batch=2)), (64, 64))):
        derain = DerainInferencer(str(checkpoint), device='cpu', **options)
        assert derain.restorer.fit_tile(128, 128) == tile
    with pytest.raises(UserError, match='from 1 on, got 0'):
        DerainInferencer(str(checkpoint), device='cpu', batch=0)


def test_other_settings_stand_over_all(checkpoint):
    restorer = DerainInferencer(
        str(checkpoint), device='cpu', tile=(64, 64), tile_overlap=8,
        test_cfg=dict(tile=(32, 48))).restorer
    assert restorer.fit_tile(128, 128) == (32, 48)
    assert restorer.spec((32, 48), 128, 128).tile.size == (32, 48)


def test_a_run_leaves_no_trace_in_the_next(checkpoint, tmp_path,
                                           monkeypatch):
    """The tile of a resumed video is that video's alone."""
    sizes = set()
    source = write_video(tmp_path / 'a.mp4', pictures(6, (96, 96)))

    def derain(tile, target, stop=False):
        inferencer = DerainInferencer(str(checkpoint), device='cpu',
                                      tile=tile, tile_overlap=8)
        inferencer.restorer.backend.derainer.generator \
            .register_forward_pre_hook(
                lambda network, inputs: sizes.add(inputs[0].shape[-2:]))
        if stop:
            monkeypatch.setattr('mmderain.jobs.derain_job.place', interrupt)
            with pytest.raises(KeyboardInterrupt):
                inferencer(source, target, DerainOptions())
            monkeypatch.undo()
        return inferencer

    def interrupt(*arguments):
        raise KeyboardInterrupt

    derain((64, 64), tmp_path / 'b.mp4', stop=True)
    (tmp_path / 'b.mp4.parts' / 'output' / '00000.mp4').unlink()
    later = derain((48, 48), tmp_path / 'b.mp4')
    sizes.clear()
    later(source, tmp_path / 'b.mp4', DerainOptions(resume=True))
    assert sizes == {(64, 64)}
    sizes.clear()
    later(source, tmp_path / 'c.mp4')
    assert sizes == {(48, 48)}


@pytest.mark.parametrize(
    'method', [name for name in METHODS if name not in OTHER_SETTINGS])
def test_the_table_tests_as_the_recipes_do(method):
    entry = METHODS[method]
    recipe = Config.fromfile(config_path(entry.config)).model.test_cfg
    assert dict(recipe) == dict(entry.test_cfg)


def test_the_mmagic_way(checkpoint, tmp_path):
    source = write_video(tmp_path / 'rainy.mp4', pictures(6))
    editor = DerainInferencer(
        model_name='eevrsr', model_config=config_path('EEVRSR/EEVRSR.py'),
        model_ckpt=str(checkpoint), device='cpu')
    editor.infer(video=str(source),
                 result_out_dir=str(tmp_path / 'clean.mp4'))
    assert times(tmp_path / 'clean.mp4') == times(source)
    image = tmp_path / 'image.png'
    cv2.imwrite(str(image), pictures(1)[0])
    editor.infer(img=str(image), result_out_dir=str(tmp_path / 'out'))
    assert cv2.imread(str(tmp_path / 'out' / 'image.png')).shape == (48, 64, 3)
    assert len(editor.infer(video=str(source))) == 6
    with pytest.raises(UserError, match='one of them'):
        editor.infer()


def test_tiles_and_half_precision_change_little(checkpoint):
    frames = np.stack(pictures(5, (72, 88)))
    whole = DerainInferencer(str(checkpoint), device='cpu', tile=None)(frames)
    for options, limit in ((dict(tile=(48, 48), tile_overlap=16), 12),
                           (dict(dtype='bfloat16'), 12)):
        other = DerainInferencer(str(checkpoint), device='cpu',
                                 **options)(frames)
        difference = np.abs(other.astype(int) - whole)
        assert 0 < difference.max() <= limit, options


def test_what_cannot_be_is_told(checkpoint, tmp_path, inferencer):
    with pytest.raises(UserError, match='dtype'):
        DerainInferencer(str(checkpoint), dtype='int8')
    with pytest.raises(CheckpointError, match="not of 'j4rnet'"):
        DerainInferencer(str(checkpoint), 'j4rnet')
    with pytest.raises(DataError, match='uint8'):
        inferencer(np.zeros((2, 8, 8, 3), np.float32))
    with pytest.raises(DataError, match=r'one size.*in frame 1'):
        list(inferencer.frames(np.zeros((1, side, 8, 3), np.uint8)[0]
                               for side in (8, 16)))
    with pytest.raises(DataError, match=r'got \(0, 8, 3\)'):
        inferencer(np.zeros((0, 8, 3), np.uint8))
    assert inferencer(np.zeros((0, 8, 8, 3), np.uint8)).shape == (0, 8, 8, 3)
    content = torch.load(checkpoint, weights_only=True)
    torch.save(dict(state_dict=content['state_dict']), tmp_path / 'bare.pth')
    with pytest.raises(CheckpointError, match='does not say'):
        DerainInferencer(str(tmp_path / 'bare.pth'))
    named = DerainInferencer(str(tmp_path / 'bare.pth'), 'eevrsr')
    frame = pictures(1)[0]
    np.testing.assert_array_equal(named(frame), inferencer(frame))


def test_decoded_videos_are_what_the_arrays_give(inferencer, tmp_path):
    path = write_video(tmp_path / 'a.mkv', pictures(6), 'ffv1', 'yuv444p')
    from_path = np.stack(list(inferencer(path)))
    assert from_path.shape == np.stack(decoded(path)).shape


@pytest.mark.parametrize('device', ['gpu', 'cuda:77', 'cpu:'])
def test_a_device_that_is_not_there(device):
    with pytest.raises(UserError, match='device'):
        DerainInferencer(device=device)


@pytest.mark.parametrize('backend', ['torch', 'onnxruntime'])
def test_frames_may_come_in_one_buffer_or_backwards(backend):
    """As of OpenCV's reader, and from BGR."""
    derain = DerainInferencer(device='cpu', backend=backend)
    clip = np.stack(pictures(6, (40, 48)))

    def refilled():
        buffer = np.empty_like(clip[0])
        for frame in clip:
            buffer[:] = frame
            yield buffer

    expected = derain(clip)
    np.testing.assert_array_equal(list(derain.frames(refilled())), expected)
    np.testing.assert_array_equal(
        derain(clip[..., ::-1]), derain(clip[..., ::-1].copy()))


def test_what_cannot_be_derained_is_named(tmp_path):
    derain = DerainInferencer(device='cpu')
    clip = np.zeros((3, 32, 32, 3), np.uint8)
    with pytest.raises(UserError, match='path of a video.*got ndarray'):
        derain(clip, tmp_path / 'out.mp4')
    for wrong in (None, 5):
        with pytest.raises(UserError, match='iterable of frames, got'):
            list(derain(wrong))


@pytest.mark.parametrize('wrong', [
    dict(preview='both'), dict(segment_frames=0), dict(segment_frames=2.5),
    dict(strength='0.5'), dict(start='1f'), dict(end=3),
    dict(encoding='h264'), dict(devices='cpu'), dict(leave_below=None),
    dict(devices=None), dict(devices=(0, 1)), dict(mask=5), dict(mask=b'a'),
    dict(mask=''), dict(mask=np.zeros((4, 4))), dict(overwrite='no'),
    dict(resume='False'), dict(save_maps=None), dict(skip_bad_frames='no'),
    dict(leave_out_streams='no'), dict(show_progress='off'), dict(rate=0),
    dict(rate='25'), dict(rate=float('nan'))])
def test_options_are_what_they_are_said_to_be(wrong):
    name, = wrong
    with pytest.raises(UserError, match=rf'DerainOptions\({name}=...\): exp'):
        DerainOptions(**wrong)


def test_devices_that_are_not_there_are_named(tmp_path):
    source = write_video(tmp_path / 'a.mp4', pictures(3))
    derain = DerainInferencer(device='cpu', remove='streaks')
    with pytest.raises(UserError, match="'gpu' is not a device; expected"):
        derain(source, tmp_path / 'b.mp4', DerainOptions(devices=('gpu', )))
    assert not (tmp_path / 'b.mp4.parts').exists()


def test_a_mask_may_be_named_by_a_text():
    assert DerainOptions(mask='a.png').mask == Path('a.png')


@pytest.mark.parametrize(('config', 'said'), [
    ('nix.py', 'it does not exist'), (Path('nix'), 'it does not exist'),
    ('.', 'it is a folder')])
def test_a_config_that_is_not_there(config, said):
    with pytest.raises(UserError, match=rf'model_config: .*{said}\. Fix'):
        DerainInferencer(model_config=config)


@pytest.mark.parametrize(('name', 'content', 'said'), [
    ('bad.py', 'model = (', "SyntaxError: '\\(' was never closed"),
    ('bad.json', '{', 'JSONDecodeError'), ('bad.txt', 'a', 'Only py/yml'),
    ('bad.py', 'import sys; sys.exit(3)', 'its code ends with SystemExit 3')])
def test_a_config_that_cannot_be_read(tmp_path, name, content, said):
    """In words, and never with the end of the program."""
    (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match=f'{name} cannot be read.*{said}'):
        DerainInferencer(model_config=tmp_path / name)
