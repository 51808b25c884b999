"""Colours of outputs, as a player shows them."""

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from tests.helpers.videos import pictures, write_video

FLAT = (180, 60, 110)
TALL = (720, 64)


def flat(pixel_format='rgb24', size=(48, 64)):
    image = np.full((*size, 3), FLAT, np.uint8)
    frame = av.VideoFrame.from_ndarray(image, format='rgb24')
    return frame.reformat(format=pixel_format)


def palette():
    """A frame of one colour of a palette."""
    frame = av.VideoFrame(64, 48, 'pal8')
    frame.planes[0].update(bytes([7]) * frame.planes[0].buffer_size)
    colours = np.zeros((256, 4), np.uint8)
    colours[7] = (*FLAT[::-1], 255)
    frame.planes[1].update(colours.tobytes())
    return frame


def shown(path):
    """The middle of the first frame as the tags of the stream say it."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
    matrix = int(frame.colorspace)
    image = frame.reformat(
        format='rgb24', src_colorspace=1 if matrix == 1 else 5).to_ndarray()
    return image[len(image) // 2, 32].astype(int), matrix


@pytest.mark.parametrize('target, codec', [
    ('.mp4', 'h264'), ('.mkv', 'h264'), ('.mkv', 'ffv1'), ('.mkv', 'hevc')])
@pytest.mark.parametrize('kind', ['rgb', 'tall', 'folder', 'palette'])
def test_rgb_is_shown_in_its_colours(derain, tmp_path, kind, target, codec):
    if kind == 'folder':
        source = tmp_path / 'frames'
        source.mkdir()
        for name in ('0.png', '1.png'):
            cv2.imwrite(str(source / name),
                        np.full((*TALL, 3), FLAT[::-1], np.uint8))
    elif kind == 'palette':
        source = write_video(tmp_path / 'a.mov', [palette(), palette()],
                             'png', 'pal8')
    else:
        size = TALL if kind == 'tall' else (48, 64)
        source = write_video(tmp_path / 'a.mkv', [flat(size=size)],
                             'libx264rgb', 'rgb24')
    output = tmp_path / f'b{target}'
    status, said = derain(source, output, '--strength', 0, '--codec', codec)
    assert status == 0, said
    colour, matrix = shown(output)
    assert matrix == (1 if kind in ('tall', 'folder') else 6)
    assert np.abs(colour - FLAT).max() <= 4


@pytest.mark.parametrize('kind', ['gray', 'ya8', 'gray10le'])
@pytest.mark.parametrize('codec', ['h264', 'hevc', 'ffv1'])
def test_grey_keeps_its_levels(derain, tmp_path, kind, codec):
    image = np.repeat(np.linspace(0, 255, 64).astype(np.uint8)[None], 48, 0)
    frame = av.VideoFrame.from_ndarray(image, format='gray')
    source = write_video(tmp_path / 'a.mkv', [frame.reformat(format=kind)],
                         'ffv1', kind)
    output = tmp_path / 'b.mkv'
    quality = () if codec == 'ffv1' else ('--crf', '0')
    status, said = derain(source, output, '--codec', codec, *quality)
    assert status == 0, said
    with av.open(str(output)) as container:
        shown = next(container.decode(video=0)).to_ndarray(format='rgb24')
    assert np.abs(shown[..., 0].astype(int) - image).max() <= 4


@pytest.mark.parametrize('tags', [
    dict(color_range=2), dict(color_range=1, colorspace=1),
    dict(color_range=2, colorspace=9, color_primaries=9, color_trc=16)])
@pytest.mark.parametrize('codec', ['h264', 'hevc', 'ffv1'])
def test_what_is_said_of_colours_is_said_again(derain, tmp_path, tags, codec):
    source = write_video(tmp_path / 'a.mkv', [flat('yuv420p')], 'ffv1',
                         tags=tags)
    output = tmp_path / 'b.mkv'
    assert derain(source, output, '--codec', codec)[0] == 0
    found = []
    for path in (source, output):
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
        found.append([int(value) for value in (
            frame.color_range, frame.colorspace, frame.color_primaries,
            frame.color_trc)])
    assert found[0] == found[1]


def test_transparency_that_is_lost_is_named(derain, tmp_path):
    source = write_video(tmp_path / 'a.mov', [flat('rgba')], 'png', 'rgba')
    status, said = derain(source, tmp_path / 'b.mp4')
    assert status == 0 and 'not kept: transparency' in said


def test_transparency_beside_the_picture_is_named(derain, tmp_path):
    source = write_video(tmp_path / 'a.webm', [flat('yuva420p')] * 2,
                         'libvpx-vp9', 'yuva420p')
    status, said = derain(source, tmp_path / 'b.mp4')
    assert status == 0 and 'not kept: transparency' in said


def test_hdr_metadata_that_is_lost_is_named(derain, tmp_path):
    source = write_video(
        tmp_path / 'a.mp4', [flat('yuv420p10le') for _ in range(4)],
        'libx265', 'yuv420p10le',
        options={'x265-params': (
            'log-level=error:max-cll=1000,400:master-display='
            'G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)'
            'L(10000000,1)')})
    status, said = derain(source, tmp_path / 'b.mkv')
    assert status == 0
    assert 'not kept: the HDR10 mastering display' in said
    assert 'not kept: the HDR10 content light level' in said


def test_fields_are_refused_before_work(derain, tmp_path):
    source = tmp_path / 'a.mkv'
    with av.open(str(source), 'w') as container:
        video = container.add_stream(
            'libx264', rate=25, options={'x264-params': 'tff=1'})
        video.height, video.width = 64, 64
        for index in range(3):
            frame = flat('yuv420p', (64, 64))
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(video.encode(frame))
        container.mux(video.encode())
    status, said = derain(source, tmp_path / 'b.mkv')
    assert status == 2 and 'interlaced' in said and 'bwdif' in said
    assert not (tmp_path / 'b.mkv.parts').exists()


@pytest.mark.parametrize(('change', 'said'), [
    (lambda image: np.dstack([image, image[..., :1] // 2]), 'transparency'),
    (lambda image: image.astype(np.uint16) * 257, 'more than 8 bits'),
    (lambda image: np.dstack([image, np.full(image.shape[:2], 255,
                                             np.uint8)]), None),
    (lambda image: image, None)])
def test_what_images_lose_is_named(derain, tmp_path, change, said):
    (tmp_path / 'in').mkdir()
    for index, image in enumerate(pictures(3)):
        assert cv2.imwrite(str(tmp_path / f'in/{index}.png'), change(image))
    status, text = derain(tmp_path / 'in', tmp_path / 'out')
    assert status == 0
    assert ('not kept' in text) == (said is not None)
    assert said is None or f'not kept: {said}' in text


@pytest.mark.parametrize('other', [
    {'color_range': 2}, {'colorspace': 1}, {'color_range': 2,
                                            'colorspace': 9}])
@pytest.mark.parametrize('is_first', [True, False])
def test_colours_that_change_within_a_video(derain, tmp_path, other,
                                            is_first):
    """Recordings that were joined; each part is shown by what it says."""
    plain = {'color_range': 1, 'colorspace': 5}
    parts = [plain, {**plain, **other}]
    joined = tmp_path / 'a.h264'
    for number, tags in enumerate(parts if is_first else parts[::-1]):
        part = write_video(tmp_path / f'{number}.h264', [flat()] * 4,
                           tags=tags, options={'bf': '0', 'crf': '0'})
        with joined.open('ab') as file:
            file.write(part.read_bytes())
    output = tmp_path / 'b.mkv'
    assert derain(joined, output, '--strength', 0, '--codec', 'ffv1')[0] == 0
    colours = [[image[24, 32] for image in decoded_by_tags(path)]
               for path in (joined, output)]
    np.testing.assert_allclose(*np.int16(colours), atol=2)


def decoded_by_tags(path):
    """Frames as a player shows them that heeds what each says."""
    with av.open(str(path)) as container:
        return [frame.reformat(
            format='rgb24', src_colorspace=int(frame.colorspace),
            src_color_range=int(frame.color_range),
            dst_color_range=2).to_ndarray()
            for frame in container.decode(video=0)]
