"""What may be given to an inferencer, and that its results are alike."""

import subprocess
import sys
from itertools import count, islice

import numpy as np
import pytest
import torch
from PIL import Image

from mmderain.apis import DerainInferencer
from mmderain.errors import DataError
from tests.helpers.live import Unchanged
from tests.helpers.videos import pictures

CLIP = np.stack(pictures(5, (24, 40)))


class Negative(Unchanged):
    """Restores to the negative: kinds do not depend on a network."""

    def stream(self, frames, spec, with_maps=False):
        for result in super().stream(frames, spec, with_maps):
            yield result._replace(image=255 - result.image)


@pytest.fixture
def derain(monkeypatch):
    monkeypatch.setattr('mmderain.apis.inferencer.choose_restorer',
                        lambda *words, **options: Negative(3))
    return DerainInferencer()


@pytest.fixture
def clean():
    return 255 - CLIP


def tensors(clip=CLIP):
    return torch.from_numpy(clip).permute(0, 3, 1, 2)


def test_pictures_give_pictures(derain, clean):
    given = [Image.fromarray(frame) for frame in CLIP]
    got = derain(given)
    assert type(got) is list
    assert all(isinstance(image, Image.Image) for image in got)
    np.testing.assert_array_equal(np.stack(got), clean)
    one = derain(given[0])
    assert (one.mode, one.size) == ('RGB', (40, 24))
    np.testing.assert_array_equal(np.array(one), derain(CLIP[0]))


def test_a_picture_keeps_what_is_said_of_it(derain, tmp_path):
    image = Image.fromarray(CLIP[0])
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    image.save(tmp_path / 'a.jpg', exif=exif, dpi=(72, 72))
    with Image.open(tmp_path / 'a.jpg') as given:
        got = derain(given)
    assert got.getexif()[0x0112] == 6 and got.info['dpi'] == (72, 72)


@pytest.mark.parametrize('kind', [list, tuple])
def test_a_list_gives_a_list(derain, clean, kind):
    got = derain(kind(CLIP))
    assert type(got) is kind
    np.testing.assert_array_equal(np.stack(got), clean)


def test_each_result_is_of_the_kind_of_its_frame(derain, clean):
    one, two, three = derain([CLIP[0], Image.fromarray(CLIP[1]),
                              tensors()[2]])
    assert isinstance(one, np.ndarray)
    assert isinstance(two, Image.Image) and three.shape == (3, 24, 40)


def test_generators_are_read_as_far_as_is_needed(derain, clean):
    came = []

    def endless():
        for index in count():
            came.append(index)
            yield Image.fromarray(CLIP[index % 5])

    results = derain(endless())
    assert not came
    for number, image in enumerate(islice(results, 30)):
        assert isinstance(image, Image.Image)
        assert len(came) <= number + 1 + derain.delay
    np.testing.assert_array_equal(
        np.stack(list(derain(frame for frame in CLIP))), clean)


@pytest.mark.parametrize('dtype', [
    torch.uint8, torch.float16, torch.float32, torch.float64])
def test_tensors_give_tensors(derain, clean, dtype):
    given, expected = tensors(), tensors(clean)
    if dtype != torch.uint8:
        given, expected = (value.float().div(255).to(dtype)
                           for value in (given, expected))
    got = derain(given)
    assert (got.dtype, got.device) == (dtype, given.device)
    torch.testing.assert_close(got, expected, rtol=0, atol=0)
    two = derain(torch.stack([given, given.flip(0)]))
    torch.testing.assert_close(two[0], expected, rtol=0, atol=0)
    torch.testing.assert_close(two[1], derain(given.flip(0)), rtol=0, atol=0)
    torch.testing.assert_close(derain(given[0]), derain(given[:1])[0])
    frames = list(derain.frames(given))
    torch.testing.assert_close(torch.stack(frames), expected, rtol=0, atol=0)


def test_coarse_floats_come_back_as_such(derain, clean):
    got = derain(tensors().to(torch.bfloat16) / 255)
    assert got.dtype == torch.bfloat16
    assert (got.float() * 255 - tensors(clean)).abs().mean() < 2


def test_strides_do_not_matter(derain, clean):
    last = tensors().contiguous(memory_format=torch.channels_last)
    np.testing.assert_array_equal(derain(last), tensors(clean))


@pytest.mark.parametrize('shape', [(0, 3, 8, 8), (0, 4, 3, 8, 8),
                                   (2, 0, 3, 8, 8)])
def test_clips_without_frames(derain, shape):
    got = derain(torch.zeros(shape))
    assert got.shape == shape and got.dtype == torch.float32


def picture(mode, size=(8, 8)):
    return Image.new(mode, size)


@pytest.mark.parametrize(('wrong', 'said'), [
    ([], 'at least one frame, got an empty list'),
    ((), 'at least one frame, got an empty tuple'),
    (None, 'iterable of frames, got NoneType'),
    ({'a': CLIP}, 'iterable of frames, got dict'),
    (b'jpeg', 'iterable of frames, got bytes'),
    (['a.png'], 'got str in frame 0.*one path at a time'),
    ([CLIP[0], None], 'tensors.*got NoneType in frame 1'),
    ([CLIP], r'got \(5, 24, 40, 3\) of uint8 in frame 0.*one clip at a time'),
    ([CLIP[0], CLIP[1, :8]], r'one size.*\(8, 40\) in frame 1'),
    ([picture('RGB'), picture('RGB', (9, 8))], r'\(8, 9\) in frame 1'),
    (picture('RGBA'), r"mode RGB, got RGBA.*convert\('RGB'\)"),
    ([picture('RGB'), picture('L')], 'got L in frame 1'),
    (CLIP[..., 0], r'got \(5, 24, 40\) of uint8.*in colour'),
    (CLIP[0, ..., 0], r'got \(24, 40\) of uint8.*np.stack'),
    (CLIP[0] / 255, r'got \(24, 40, 3\) of float64.*astype\(np.uint8\)'),
    (CLIP[0].transpose(2, 0, 1), r'transpose\(1, 2, 0\)'),
    (np.zeros((8, 8, 4), np.uint8), r'alpha'),
    (CLIP[None], r'one clip.*got \(1, 5, 24, 40, 3\)'),
    (torch.zeros(8, 8, 3), r'\(3, h, w\).*got \(8, 8, 3\).*permute'),
    (torch.zeros(2, 1, 8, 8), r'got \(1, 8, 8\).*expand'),
    (torch.zeros(1, 1, 1, 3, 8, 8), r'got \(1, 1, 1, 3, 8, 8\)'),
    (torch.zeros(3, 0, 8), r'got \(3, 0, 8\)'),
    (torch.zeros(3, 8, 8, dtype=torch.int64), r'int64.*to\(torch.uint8\)'),
    (torch.full((3, 8, 8), 255.), r'0 to 1.*255.*Divide'),
    (torch.full((2, 3, 8, 8), -.1), r'0 to 1.*-0.1.*in frame 0'),
    (torch.full((3, 8, 8), torch.nan), r'0 to 1.*nan'),
    (torch.full((2, 2, 3, 8, 8), 2.), r'0 to 1'),
], ids=lambda value: value if isinstance(value, str) else '')
def test_what_cannot_be_is_refused_before_work(derain, wrong, said,
                                               monkeypatch):
    monkeypatch.setattr(derain.restorer, 'stream', None)
    with pytest.raises(DataError, match=said):
        derain(wrong)


def test_a_clip_of_clips_has_no_frames_one_by_one(derain):
    with pytest.raises(DataError, match='one clip'):
        derain.frames(torch.zeros(1, 2, 3, 8, 8))


def test_a_generator_s_frames_are_looked_at_as_they_come(derain):
    results = derain(frame for frame in [*CLIP, CLIP[0, :8]])
    with pytest.raises(DataError, match=r'one size.*in frame 5'):
        list(results)


def test_a_picture_that_cannot_be_read(derain, tmp_path):
    path = tmp_path / 'a.png'
    Image.fromarray(CLIP[0]).save(path)
    path.write_bytes(path.read_bytes()[:-300])
    with Image.open(path) as image, pytest.raises(
            DataError, match='frame 0 cannot be read'):
        derain([image])


def test_no_package_is_loaded_to_look_for_its_kinds():
    """An installation may have neither."""
    code = (
        'import sys\n'
        'for name in ("torch", "PIL"): sys.modules[name] = None\n'
        'import numpy as np\n'
        'from mmderain.apis import DerainInferencer\n'
        'derain = DerainInferencer(backend="onnxruntime", remove="streaks")\n'
        'frames = [np.zeros((16, 16, 3), np.uint8)] * 2\n'
        'print(len(derain(frames)), len(list(derain.stream(iter(frames)))))\n'
        'try: derain("ab".split())\n'
        'except Exception as error: print(type(error).__name__)\n')
    done = subprocess.run([sys.executable, '-c', code], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['2', '2', 'DataError']


@pytest.mark.parametrize('place', ['', 'a\0b'])
def test_a_text_that_is_no_path_is_refused(derain, place):
    with pytest.raises(DataError, match='Expected a path'):
        derain(place)
