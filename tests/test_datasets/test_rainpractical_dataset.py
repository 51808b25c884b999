"""Real clips: folders of frames, one or several, and nothing else."""

import numpy as np
import pytest

from mmderain.datasets import RainPracticalDataset
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
