"""Real clips: folders of frames and videos, without ground truth."""

import cv2
import numpy as np
import pytest
import torch

from mmderain.datasets import LoadClip, RainPracticalDataset, StackFrames
from mmderain.errors import DataError
from tests.tiny import write_image


@pytest.fixture
def clips(tmp_path):
    image = np.zeros((8, 10, 3), np.uint8)
    for name, suffix, numbers in (('road', 'png', range(1, 12)),
                                  ('yard', 'jpg', range(3))):
        for number in numbers:
            write_image(tmp_path / 'set' / name / f'{number}.{suffix}', image)
    return tmp_path / 'set'


def test_every_folder_is_a_clip_in_the_order_of_its_numbers(clips):
    dataset = RainPracticalDataset(str(clips))
    road, yard = dataset[0], dataset[1]
    assert len(dataset) == 2
    assert (road['key'], yard['key']) == ('road', 'yard')
    assert [path.rpartition('/')[2] for path in road['img_path']] == [
        f'{number}.png' for number in range(1, 12)]
    assert yard['img_path'][2] == str(clips / 'yard' / '2.jpg')
    assert 'gt_path' not in road


def test_a_folder_of_frames_is_one_clip(clips, monkeypatch):
    dataset = RainPracticalDataset(str(clips / 'yard'))
    assert [clip['key'] for clip in dataset] == ['yard']
    assert len(dataset[0]['img_path']) == 3
    # also where it is the folder that one is in
    monkeypatch.chdir(clips / 'road')
    assert len(RainPracticalDataset('.', max_frames=4)[0]['img_path']) == 4


def write_video(path, count=5, size=(40, 48)):
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 25,
                             size[::-1])
    for index in range(count):
        writer.write(np.full((*size, 3), 40 * index, np.uint8))
    writer.release()
    return path


def load(sample):
    for step in (LoadClip(key='img'), StackFrames(keys=['img'])):
        sample = step(sample)
    return sample


def test_a_video_is_a_clip(tmp_path):
    video = write_video(tmp_path / 'street.mp4')
    dataset = RainPracticalDataset(str(video))
    assert [clip['key'] for clip in dataset] == ['street']
    sample = load(dataset[0])
    assert sample['img'].shape == (5, 3, 40, 48)
    levels = sample['img'].float().mean((1, 2, 3))
    assert (levels - 40 * torch.arange(5)).abs().max() < 6
    # what the frames are written as
    assert [path.rpartition('/')[2] for path in sample['img_path']] == [
        f'{index:08d}' for index in range(5)]


def test_a_video_may_be_smaller_than_rain_can_be(tmp_path):
    video = write_video(tmp_path / 'a.mp4', 3, (16, 24))
    assert load(RainPracticalDataset(str(video))[0])['img'].shape == (
        3, 3, 16, 24)


def test_videos_stand_beside_folders(clips):
    write_video(clips / 'b.mp4')
    write_video(clips / 'a.MP4')
    dataset = RainPracticalDataset(str(clips))
    assert [clip['key'] for clip in dataset] == ['road', 'yard', 'a', 'b']
    assert load(dataset[1])['img'].shape == (3, 3, 8, 10)
    assert load(dataset[3])['img'].shape == (5, 3, 40, 48)


def test_a_folder_of_videos_alone(tmp_path):
    write_video(tmp_path / 'a.mp4')
    assert [clip['key'] for clip in RainPracticalDataset(str(tmp_path))] == [
        'a']
    (tmp_path / 'a.mp4').write_bytes(b'no video')
    with pytest.raises(DataError, match='a.mp4: .* cannot be decoded'):
        load(RainPracticalDataset(str(tmp_path))[0])


def test_what_is_wrong_is_named(clips, tmp_path):
    (clips / 'yard' / '9.png').write_text('no image')
    with pytest.raises(DataError, match='yard/9.png: not an image'):
        RainPracticalDataset(str(clips))
    (clips / 'empty').mkdir()
    with pytest.raises(DataError, match='empty: no images in it'):
        RainPracticalDataset(str(clips))
    (tmp_path / 'nothing').mkdir()
    with pytest.raises(DataError, match='nothing.*no sequences in it'):
        RainPracticalDataset(str(tmp_path / 'nothing'))
    with pytest.raises(DataError, match='missing.*no such folder'):
        RainPracticalDataset(str(tmp_path / 'missing'))
