"""What cannot be encoded or stored is refused in no time."""

import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mmderain.errors import UserError
from mmderain.media import encoder_trial
from mmderain.media.encoder_trial import check_encoding
from mmderain.media.encoding import ENCODERS, Encoding
from mmderain.media.frame_source import info_of_images

MP4, MOV, MKV = Path('a.mp4'), Path('a.mov'), Path('a.mkv')


@pytest.fixture(autouse=True)
def forgotten(monkeypatch):
    """Nothing is known of earlier trials; none takes long."""
    encoder_trial._problem.cache_clear()
    monkeypatch.setattr(encoder_trial, '_SECONDS', 6)
    yield
    encoder_trial._problem.cache_clear()


@pytest.mark.parametrize('codec', ENCODERS)
@pytest.mark.parametrize('target', [MP4, MKV])
def test_common_frames_are_taken(codec, target):
    check_encoding(info_of_images((48, 64), 9), Encoding(codec), target)


@pytest.mark.parametrize('size', [(1, 1), (2, 2), (5, 3), (16, 128),
                                  (16, 8193), (8193, 16)])
def test_h264_takes_every_size(size):
    check_encoding(info_of_images(size, 9), Encoding(), MP4)


@pytest.mark.parametrize(('size', 'encoding', 'target', 'says'), [
    ((16, 128), Encoding('av1'), MP4, r'not done with 3 of them after 6 s\. '
     'Choose another --codec'),
    ((2, 2), Encoding('av1'), MP4, '2x2 pixels, yuv420p'),
    ((8, 200), Encoding('hevc'), MP4, 'a.mp4: the encoder fails with --codec '
     'hevc --crf 18 and frames of 200x8 pixels'),
    ((16, 17000), Encoding(), MP4, r'17000x16 pixels.*\. Its sides end at '
     '16384 pixels: choose --codec hevc'),
    ((5, 3), Encoding('ffv1'), MKV, '--codec ffv1 and frames of 3x5 pixels'),
    ((48, 64), Encoding('ffv1'), MOV, r'a \.mov file cannot hold --codec '
     r"ffv1 .*does not support 'ffv1'.*\.mkv"),
    ((48, 64), Encoding('ffv1'), Path('a.ts'), r'a \.ts file cannot hold '
     '--codec ffv1 .*what is written cannot be read again'),
    ((48, 64), Encoding('av1'), MOV, r'a \.mov file cannot hold --codec av1')])
def test_what_cannot_be_is_named(size, encoding, target, says):
    with pytest.raises(UserError, match=says) as caught:
        check_encoding(info_of_images(size, 9), encoding, target)
    assert 'Traceback' not in str(caught.value)
    assert 'unfinished' not in str(caught.value)  # the name that was tried


def test_each_kind_is_tried_once(monkeypatch):
    tried = []
    original = encoder_trial._tried
    monkeypatch.setattr(encoder_trial, '_tried', lambda *kind: (
        tried.append(kind), original(*kind))[1])
    info = info_of_images((48, 64), 9)
    for count in (5, 6):  # videos of one camera
        check_encoding(
            replace(info, num_frames=count, end=count, clock=Fraction(count)),
            Encoding(), MP4)
    assert len(tried) == 1
    for kind in ((info, Encoding(), MKV), (info, Encoding(crf=20), MP4),
                 (info_of_images((64, 48), 9), Encoding(), MP4)):
        check_encoding(*kind)
    assert len(tried) == 4
    bad = info_of_images((5, 3), 9), Encoding('ffv1'), MKV
    for _ in range(2):
        with pytest.raises(UserError):
            check_encoding(*bad)
    assert len(tried) == 5


def test_a_trial_is_cheap():
    check_encoding(info_of_images((48, 64), 9), Encoding(), MKV)
    info = info_of_images((1080, 1920), 9)
    began = time.process_time()
    check_encoding(info, Encoding(), MP4)
    assert time.process_time() - began < 2


def test_a_crash_is_told(monkeypatch):
    monkeypatch.setattr(encoder_trial.subprocess, 'run', lambda *a, **k: (
        encoder_trial.subprocess.CompletedProcess(a, -11, b'', b'')))
    with pytest.raises(UserError, match='ended by SIGSEGV'):
        check_encoding(info_of_images((48, 64), 9), Encoding('av1'), MP4)
