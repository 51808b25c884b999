import av
import cv2
import numpy as np
import pytest

from mmderain.errors import DataError, UserError
from mmderain.media.images import read_image
from mmderain.synthesis.clean_clips import find_clips, still_clips


def frames(count, size=(48, 64)):
    """Flat frames that can be told apart, also after compression."""
    return [np.full((*size, 3), (20 * index, 100, 200), np.uint8)
            for index in range(count)]


def write_folder(folder, images, pattern='{}.png'):
    folder.mkdir(parents=True)
    for index, image in enumerate(images):
        cv2.imwrite(str(folder / pattern.format(index)), image[..., ::-1])
    return folder


def write_video(path, images):
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('mpeg4', rate=25)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt = 'yuv420p'
        for image in images:
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def reds(clip):
    return [int(np.median(frame[..., 0])) for frame in clip.read()]


def test_folder_in_natural_order_as_rgb(tmp_path):
    images = frames(12)
    folder = write_folder(tmp_path / 'street', images)  # 0.png .. 11.png
    (folder / 'notes.txt').write_text('no frame')
    clip, = find_clips([folder])
    assert (clip.name, clip.num_frames) == ('street', 12)
    assert (np.array(list(clip.read())) == np.array(images)).all()


def test_start_and_num_frames(tmp_path):
    folder = write_folder(tmp_path / 'street', frames(6))
    clip, = find_clips([folder], start=2, num_frames=3)
    assert clip.num_frames == 3 and reds(clip) == [40, 60, 80]
    clip, = find_clips([folder], start=4, num_frames=30)
    assert clip.num_frames == 2 and reds(clip) == [80, 100]


def test_folder_of_folders_and_unique_names(tmp_path):
    for name in ('b', 'a10', 'a9'):
        write_folder(tmp_path / 'all' / name, frames(1))
    (tmp_path / 'all' / 'empty').mkdir()
    again = write_folder(tmp_path / 'other' / 'b', frames(1))
    clips = find_clips([tmp_path / 'all', again])
    assert [clip.name for clip in clips] == ['a9', 'a10', 'b', 'b_2']


def test_videos_beside_a_picture_are_not_left_out(tmp_path):
    """As cameras write them."""
    for root in (tmp_path / 'card', tmp_path / 'cards' / 'day'):
        write_video(write_folder(root, frames(1)) / 'a.mp4', frames(3))
        with pytest.raises(DataError, match=r'themselves \(.*/\*\.mp4\)'):
            find_clips([root if root.name == 'card' else root.parent])
    assert len(find_clips([tmp_path / 'card' / 'a.mp4'])) == 1


def test_video(tmp_path):
    path = write_video(tmp_path / 'park.mp4', frames(8))
    clip, = find_clips([path], start=1, num_frames=4)
    assert clip.name == 'park'
    assert next(clip.read()).shape == (48, 64, 3)
    assert reds(clip) == pytest.approx([20, 40, 60, 80], abs=6)


def test_size_covers_and_cuts_the_middle(tmp_path):
    image = np.zeros((64, 160, 3), np.uint8)
    image[:, 48:112] = 255  # the middle square
    folder = write_folder(tmp_path / 'wide', [image])
    clip, = find_clips([folder], size=(32, 32))
    frame, = clip.read()
    assert frame.shape == (32, 32, 3) and frame.min() == 255


def test_a_link_keeps_its_name(tmp_path):
    folder = write_folder(tmp_path / 'disk7', frames(1))
    link = tmp_path / 'street'
    link.symlink_to(folder)
    assert find_clips([link])[0].name == 'street'


def test_stills_move(tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)
    folder = write_folder(tmp_path / 'photos', [noise, noise], 'photo{}.jpg')
    clips = still_clips([folder / 'photo1.jpg', folder], 3, (48, 64),
                        np.random.default_rng)
    assert [clip.name for clip in clips] == ['photo1', 'photo0', 'photo1_2']
    first = list(clips[0].read())
    assert len(first) == 3 and first[0].shape == (48, 64, 3)
    assert (first[0] != first[1]).any()
    # the index decides the motion
    assert (first[0] != next(clips[2].read())).any()


def test_missing_input(tmp_path):
    with pytest.raises(DataError, match='nowhere: .* does not exist'):
        find_clips([tmp_path / 'nowhere'])


def test_empty_folder(tmp_path):
    with pytest.raises(DataError, match='but there are none'):
        find_clips([tmp_path])


def test_stills_of_an_array(tmp_path):
    images = np.random.default_rng(0).integers(
        0, 256, (3, 70, 90, 3), np.uint8)
    path = tmp_path / 'truth.npy'
    np.save(path, images)
    clips = still_clips([path], 2, (48, 64), np.random.default_rng)
    assert [clip.name for clip in clips] == ['00000', '00001', '00002']
    cv2.imwrite(str(tmp_path / '1.png'), images[1, ..., ::-1])
    other, = still_clips([tmp_path / '1.png'], 2, (48, 64),
                         lambda index: np.random.default_rng(1))
    for ours, theirs in zip(clips[1].read(), other.read(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize('content, message', [
    (b'no array', 'cannot be read'),
    (np.zeros((3, 70, 90), np.uint8), r'got \(3, 70, 90\) of uint8'),
    (np.zeros((3, 7, 9, 3)), 'of float64'),
    (np.zeros((0, 7, 9, 3), np.uint8), r'\(0, 7, 9, 3\) holds none'),
    (np.array([dict()]), 'cannot be read')])
def test_an_array_of_something_else(tmp_path, content, message):
    path = tmp_path / 'a.npy'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(DataError, match=message):
        still_clips([path], 2, (48, 64), np.random.default_rng)


def test_image_without_from_still(tmp_path):
    folder = write_folder(tmp_path / 'photos', frames(1))
    with pytest.raises(DataError, match='add --from-still'):
        find_clips([folder / '0.png'])


def test_still_that_is_no_image(tmp_path):
    with pytest.raises(DataError, match='expected a still image'):
        still_clips([tmp_path], 3, (48, 64), np.random.default_rng)


def test_still_of_a_kind_that_is_not_read(tmp_path):
    (tmp_path / 'a.heic').write_bytes(b'picture')
    with pytest.raises(DataError, match='a.heic: .*Convert it to PNG'):
        still_clips([tmp_path / 'a.heic'], 3, (32, 32), None)


def test_small_still_is_named(tmp_path):
    folder = write_folder(tmp_path / 'photos', frames(1))
    clip, = still_clips([folder], 3, (48, 64), np.random.default_rng)
    with pytest.raises(UserError, match=r'0\.png: expected at least'):
        next(clip.read())


@pytest.mark.parametrize(('content', 'said'), [
    (b'', 'expected an image, but it is empty'),
    (b'no image', '.* cannot be decoded')])
def test_unreadable_frame_is_named(tmp_path, content, said):
    folder = write_folder(tmp_path / 'street', frames(3))
    (folder / '1.png').write_bytes(content)
    clip, = find_clips([folder])
    with pytest.raises(DataError, match=rf'1\.png: {said}'):
        list(clip.read())


def test_frame_of_another_size_is_named(tmp_path):
    folder = write_folder(tmp_path / 'street', [
        *frames(2), *frames(1, (48, 66))])
    clip, = find_clips([folder])
    with pytest.raises(DataError, match=r'2\.png: expected 48x64 pixels like '
                       r'0\.png, got 48x66'):
        list(clip.read())


def test_small_frames(tmp_path):
    folder = write_folder(tmp_path / 'street', frames(2, (16, 64)))
    clip, = find_clips([folder])
    with pytest.raises(UserError, match='at least 32 pixels .* got 16x64'):
        list(clip.read())


def test_start_behind_the_end(tmp_path):
    folder = write_folder(tmp_path / 'street', frames(2))
    video = write_video(tmp_path / 'park.mp4', frames(2))
    for clip in find_clips([folder, video], start=5):
        with pytest.raises(DataError, match='from number 5 on'):
            list(clip.read())


def test_file_that_is_no_video(tmp_path):
    path = tmp_path / 'notes.mp4'
    path.write_text('no video')
    clip, = find_clips([path])
    with pytest.raises(DataError, match=r'notes\.mp4: .* cannot be decoded'):
        list(clip.read())


def test_read_image_of_a_folder(tmp_path):
    with pytest.raises(DataError, match='expected an image'):
        read_image(tmp_path)
