"""Windows: every frame once, in order, whatever the length."""

import pytest
import torch

from mmderain.errors import DataError
from mmderain.windows.windows import WindowSpec
from tests.helpers.streams import restore_stream


def frames(count, size=(3, 4)):
    return [torch.full((1, *size), float(index)) for index in range(count)]


@pytest.mark.parametrize('count', [1, 2, 4, 5, 6, 7, 11, 12])
@pytest.mark.parametrize('stride', [1, 2, 3, 5])
def test_identity_returns_every_frame_in_order(count, stride):
    spec = WindowSpec(length=5, stride=stride)
    out = list(restore_stream(frames(count), lambda clip: clip, spec))
    assert torch.equal(torch.stack(out), torch.stack(frames(count)))


@pytest.mark.parametrize(('count', 'stride', 'expected'), [
    (5, 1, [0]), (6, 1, [0, 1]), (3, 1, [0]), (7, 2, [0, 2]),
    (8, 2, [0, 2, 3]), (12, 5, [0, 5, 7]), (10, 5, [0, 5])])
def test_windows_start_where_the_official_test_starts_them(
        count, stride, expected):
    """range(0, N - T, stride) and max(0, N - T), each once."""
    seen = []

    def restore(clip):
        seen.append(int(clip[0, 0, 0, 0]))
        assert len(clip) == min(5, count)
        return clip

    list(restore_stream(frames(count), restore, WindowSpec(5, stride=stride)))
    assert seen == expected


def test_overlapping_results_are_averaged():
    number = iter(range(100))

    def restore(clip):
        return torch.full_like(clip, float(next(number)))

    out = list(restore_stream(frames(6), restore, WindowSpec(5)))
    # frames 1 to 4 are in both windows, whose results are 0 and 1
    assert [float(frame.mean()) for frame in out] == [0, .5, .5, .5, .5, 1]


@pytest.mark.parametrize('count', [1, 2, 3, 5, 9])
def test_a_network_that_restores_the_centre_gets_repeated_ends(count):
    windows = []

    def restore(clip):
        windows.append([int(value) for value in clip[:, 0, 0, 0]])
        return clip[2:3]

    spec = WindowSpec(length=5, valid=(2, 3))
    out = list(restore_stream(frames(count), restore, spec))
    assert [float(frame.mean()) for frame in out] == list(range(count))
    last = count - 1
    assert windows == [
        [min(max(centre + shift, 0), last) for shift in range(-2, 3)]
        for centre in range(count)]


@pytest.mark.parametrize('count', [1, 2, 3, 5, 9])
def test_ends_can_be_mirrored(count):
    windows = []

    def restore(clip):
        windows.append([int(value) for value in clip[:, 0, 0, 0]])
        return clip[2:3]

    spec = WindowSpec(length=5, valid=(2, 3), padding='reflect')
    out = list(restore_stream(frames(count), restore, spec))
    assert [float(frame.mean()) for frame in out] == list(range(count))
    last = count - 1

    def mirrored(index):
        index = abs(index)
        index = 2 * last - index if index > last else index
        # a clip too short to mirror ends with what it has
        return min(max(index, 0), last)

    for centre, window in enumerate(windows):
        for shift, seen in zip(range(-2, 3), window, strict=True):
            if count >= 3:
                assert seen == mirrored(centre + shift)
            assert 0 <= seen <= last


@pytest.mark.parametrize('count', [5, 6, 9])
def test_ends_can_be_left_out(count):
    spec = WindowSpec(length=5, valid=(2, 3), padding=None)
    out = list(restore_stream(frames(count), lambda clip: clip[2:3], spec))
    expected = list(range(count))[spec.covered_frames(count)]
    assert [float(frame.mean()) for frame in out] == expected
    assert expected == list(range(2, count - 2))


def test_a_clip_too_short_for_its_window_is_an_error():
    spec = WindowSpec(length=5, valid=(2, 3), padding=None)
    with pytest.raises(DataError, match='4 frames.*at least 5'):
        list(restore_stream(frames(4), lambda clip: clip[2:3], spec))


def test_frames_are_taken_and_given_while_the_clip_runs():
    """An endless clip comes out with a delay, so memory cannot grow."""
    taken = 0

    def endless():
        nonlocal taken
        while True:
            taken += 1
            yield torch.full((1, 2, 2), float(taken - 1))

    stream = restore_stream(endless(), lambda clip: clip, WindowSpec(5))
    for index in range(50):
        assert float(next(stream).mean()) == index
        assert taken <= index + 5


def test_no_frames_give_no_frames():
    assert list(restore_stream([], lambda clip: clip, WindowSpec(5))) == []


@pytest.mark.parametrize('arguments', [
    dict(length=5, valid=(3, 2)), dict(length=5, valid=(0, 6)),
    dict(length=5, stride=0), dict(length=5, stride=6),
    dict(length=5, valid=(2, 3), stride=2),
    dict(length=5, padding='zeros')])
def test_windows_that_would_leave_out_frames_are_refused(arguments):
    with pytest.raises(ValueError, match='valid=|stride=|padding='):
        WindowSpec(**arguments)
