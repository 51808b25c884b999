"""Encoders by name: those of FFmpeg, and what they are told."""

from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.media.encoder_trial import check_encoding
from mmderain.media.encoding import Encoding
from mmderain.media.frame_source import info_of_images
from mmderain.media.named_encoder import instead_of, quality_options

INFO = info_of_images((48, 64), 9)


@pytest.mark.parametrize(('name', 'options'), [
    ('libx264', {'crf': '20'}), ('libvpx-vp9', {'crf': '20', 'b': '0'}),
    ('h264_nvenc', {'rc': 'vbr', 'cq': '20', 'b': '0'}), ('mpeg4', {})])
def test_quality_in_the_words_of_the_encoder(name, options):
    assert quality_options(name, 20) == options


def test_options_of_the_user_come_last():
    encoding = Encoding(named='libx264', named_options=(('crf', '9'), ))
    assert encoding.options(INFO)['crf'] == '9'
    # what makes libx264 give the same file each time holds by this name, too
    assert encoding.options(INFO)['x264-params'] == Encoding().options(INFO)[
        'x264-params']


@pytest.mark.parametrize(('name', 'options', 'says'), [
    ('libx265x', (), 'such as libx265'), ('aac', (), 'an encoder of video'),
    ('libx264', (('tunes', 'film'), ), 'libx264 has no such option, but tune'),
    ('libx264', (('bf', '1'), ('bf', '2')), 'bf: expected one value, got 1'),
    ('libx264', (('passlogfile', 'a.mp4'), ), 'a file of statistics'),
    ('libx264', (('x264-params', 'pass=1:stats=a.mp4'), ),
     'a file of statistics'),
    ('libx264', (('time_base', '1/7'), ), 'that of the input'),
    (None, (('tune', 'film'), ), 'Add --codec or --encoder')])
def test_what_is_not_there(name, options, says):
    with pytest.raises(UserError) as error:
        Encoding(named=name, named_options=options)
    assert says in str(error.value)
    assert 'such as aac' not in str(error.value)


def test_where_there_is_no_device_another_is_named():
    assert '--encoder libx264 encodes h264 on the CPU' in instead_of(
        'h264_qsv')
    assert '--encoder libx265' in instead_of('hevc_nvenc')
    assert 'Choose another' in instead_of('libx264')


@pytest.mark.parametrize(('encoding', 'name', 'says'), [
    (Encoding(), 'a.webm', '--encoder libvpx-vp9, or --codec av1'),
    (Encoding(named='h264_v4l2m2m'), 'a.mp4', '--encoder libx264'),
    (Encoding(named='prores_ks'), 'a.mov', 'does not support'),
    (Encoding('h264', named_options=(
        ('bf', '0'), ('x264-params', 'ref=2:nonsense=3'))), 'a.mp4',
     '--encoder-option x264-params=ref=2:nonsense=3: libx264 knows no '
     'nonsense'),
    (Encoding(named='libx264', named_options=(('x264-params', 'ref=abc'), )),
     'a.mkv', 'libx264 knows no ref, or not this value of it'),
    (Encoding(named='libx265', named_options=(('x265-params', 'blah=1'), )),
     'a.mkv', 'libx265 knows no blah'),
    (Encoding(named='libx265', named_options=(('x265-params', 'ref=abc'), )),
     'a.mkv', 'libx265 knows no ref, or not'),
    (Encoding('av1', named_options=(('svtav1-params', 'blah=1'), )), 'a.mkv',
     'libsvtav1 knows no blah')])
def test_what_does_not_work_is_said_before(encoding, name, says):
    with pytest.raises(UserError) as error:
        check_encoding(INFO, encoding, Path(name))
    assert 'Fix it, or leave it out' in str(
        error.value) or not encoding.named_options
    assert says in str(error.value)


@pytest.mark.parametrize(('encoding', 'name'), [
    (Encoding(named='libvpx-vp9'), 'a.webm'), (Encoding(), 'a.ts'),
    (Encoding(named='mpeg4', named_options=(('b', '2M'), )), 'a.m4v')])
def test_what_works(encoding, name):
    check_encoding(INFO, encoding, Path(name))
