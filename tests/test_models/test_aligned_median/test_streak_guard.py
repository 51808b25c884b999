"""The guard around a network that removes streaks."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from mmderain.models.aligned_median import (
    removal,
    removed_layer,
    streak_guard,
)
from tests.test_models.test_aligned_median.test_derainer import (
    make,
    rainy_pan,
    to_clip,
)

SIZE = (120, 160)


def streaks(seed, shift=0, count=40):
    """Thin vertical streaks of 60 levels on nothing, (h, w)."""
    rng = np.random.default_rng(seed)
    plane = torch.zeros(SIZE)
    for row, column in zip(rng.integers(0, SIZE[0] - 30, count),
                           rng.integers(0, SIZE[1], count), strict=True):
        plane[row:row + 30, column:column + 2] = 60 / 255
    return plane.roll(shift, 1)


def observed(plane):
    return streak_guard.observe(plane, torch.zeros(SIZE))


@pytest.mark.parametrize('size', [(1, 1), (4, 6), (37, 51)])
def test_small_and_odd_planes(size):
    for seed in range(20):
        noise = torch.Generator().manual_seed(seed)
        seen = [streak_guard.observe(*torch.rand(2, *size, generator=noise))
                for _ in range(2)]
        motion = removed_layer.sideways_motion(*(item.layer for item in seen))
        assert 0 <= motion.correlation <= 1.001


@pytest.mark.parametrize('size', [(1, 1), (4, 6), (37, 51), (120, 160)])
def test_arrays_of_any_library(size):
    """PyTorch's pooling says what is right."""
    generator = torch.Generator().manual_seed(3)
    plane = torch.rand(size, generator=generator) - 0.2
    blocks = -F.max_pool2d(-plane.relu()[None, None], 5, ceil_mode=True)
    inside = -F.max_pool2d(-blocks, 5, 1, 2)
    wide = F.max_pool2d(inside, 5, 1, 2)[0, 0]
    half = F.avg_pool2d(plane[None], 2, ceil_mode=True)[0]
    for array in (plane, plane.numpy()):
        found = removal.wide_removal(array)
        assert type(found) is type(array)
        np.testing.assert_array_equal(np.asarray(found), wide.numpy())
        np.testing.assert_allclose(np.asarray(removed_layer.halved(array)),
                                   half.numpy(), atol=1e-6)


def test_numpy_and_torch_have_the_same_doubts():
    clip = [streaks(0, 4 * step) + 0.1 * streaks(step) for step in range(5)]
    below = torch.full(SIZE, 0.02)
    one, other = (list(streak_guard.doubts([
        streak_guard.observe(change(plane), change(below))
        for plane in clip])) for change in (torch.Tensor.numpy, lambda x: x))
    assert min(one) > 0 and one == pytest.approx(other, abs=1e-4)
    planes = torch.rand((6, 9, *SIZE), generator=torch.Generator(
        ).manual_seed(1))
    for ours, theirs in zip(
            streak_guard.guarded_frames(planes.numpy()),
            streak_guard.guarded_frames(planes), strict=True):
        assert ours.guarded == pytest.approx(theirs.guarded, abs=1e-4)
        np.testing.assert_allclose(ours.planes, theirs.planes.numpy(),
                                   atol=1e-4)


def test_rain_gives_no_doubt():
    clip = [observed(streaks(seed)) for seed in range(4)]
    assert list(streak_guard.doubts(clip)) == [0] * 4
    # nor where it falls and is seen twice, nor in a frame that is repeated
    falling = streaks(0)
    for after in (falling.roll(12, 0), falling):
        clip = [observed(falling), observed(after)]
        assert list(streak_guard.doubts(clip)) == [0, 0]


def test_streaks_that_overlap_are_wide_in_little_of_their_light():
    floor = torch.full(SIZE, 10 / 255)
    rain = floor + 3 * streaks(0, count=150)
    assert observed(floor).doubt == 1
    assert observed(rain).doubt == 0
    # but never of so much
    assert observed(rain + 20 / 255).doubt == 1


def test_what_moves_sideways_is_doubted():
    clip = [observed(streaks(0, 6 * step)) for step in range(3)]
    assert list(streak_guard.doubts(clip)) == [1] * 3
    clip += [observed(streaks(seed)) for seed in (1, 2)]
    assert list(streak_guard.doubts(clip)) == [1] * 3 + [0] * 2
    # also where it repeats itself
    stripes = torch.zeros(SIZE)
    stripes[:, ::8] = 0.4
    clip = [observed(stripes.roll(3 * step, 1)) for step in range(2)]
    assert list(streak_guard.doubts(clip)) == [1] * 2


def test_half_of_it_moves_sideways():
    """Found where it moves as far twice; not where that is by chance."""
    def clip(*shifts):
        return [observed(streaks(0, shift) + streaks(seed))
                for seed, shift in enumerate(shifts, 1)]

    assert list(streak_guard.doubts(clip(0, 12)))[0] == 0
    assert list(streak_guard.doubts(clip(0, 12, 0))) == [0] * 3
    assert min(streak_guard.doubts(clip(0, 12, 24))) > 0.3
    # of five frames the three
    result = list(streak_guard.doubts(clip(30, 0, 12, 24, 70)))
    assert [doubt > 0 for doubt in result] == [
        False, True, True, True, False]


def test_light_that_changes_is_doubted():
    flash = observed(torch.full(SIZE, 0.4))
    nothing = observed(torch.zeros(SIZE))
    assert list(streak_guard.doubts([nothing, flash, nothing])) == [0, 1, 0]
    black = streak_guard.observe(torch.zeros(SIZE), torch.full(SIZE, 0.3))
    assert black.doubt == 1


def test_doubts_are_held():
    assert list(streak_guard.hold([])) == []
    assert list(streak_guard.hold([0.4])) == [0.4]
    assert list(streak_guard.hold([0, 0, 0, 1, 0, 0, 0, 0.25])) == [
        0, 0.5, 1, 1, 1, 0.5, 0.25, 0.25]


def test_frames_are_given_back():
    """The weight is that of the frame, and maps say what is left."""
    removed = torch.rand(3, 1, *SIZE) * 0.01
    removed[1] = 0.4
    frame = torch.rand(3, 3, *SIZE)
    result = torch.cat([frame - removed, torch.full_like(removed, 0.8)], 1)
    inputs = removal.planes(
        result, frame - result[:, :3], torch.zeros_like(removed), removed)
    inputs = [*inputs, *inputs[:1].expand(3, -1, -1, -1)]
    outputs = list(streak_guard.guarded_frames(inputs))
    assert [item.guarded for item in outputs] == [1, 1, 1, 0.5, 0, 0]
    torch.testing.assert_close(outputs[1][0][:3], frame[1])
    assert (outputs[1][0][3] == 0).all()
    half = outputs[3][0]
    torch.testing.assert_close(half[:3], (frame[0] + result[0, :3]) / 2)
    torch.testing.assert_close(half[3], torch.full(SIZE, 0.4))
    assert torch.equal(outputs[4][0], result[0])


def test_only_what_is_needed_is_held():
    """A live stream waits for a few more frames, not for the end."""
    plane = torch.rand(9, *SIZE)
    taken = []

    def endless():
        while True:
            taken.append(1)
            yield plane

    frames = streak_guard.guarded_frames(endless())
    for count in range(1, 6):
        next(frames)
        assert len(taken) == count + streak_guard.REACH


def test_the_reach_is_what_is_needed():
    """What moves steadily in three frames is held for two more."""
    shifts = [70, 10, 50, 0, 12, 24, 60, 30, 75]
    clip = [observed(streaks(0, shift) + streaks(seed))
            for seed, shift in enumerate(shifts, 1)]

    def weights(entry):
        return list(streak_guard.hold(streak_guard.doubts(clip[entry:])))

    # of the motion's first frame the last one that it has a say in
    first, last = 3, 3 + streak_guard.REACH
    assert weights(0)[last] > 0 and set(weights(0)[last + 1:]) == {0}
    assert weights(first) == weights(0)[first:]
    assert weights(first + 1)[last - first - 1] == 0


def test_streams_begin_as_much_earlier():
    reach = streak_guard.REACH
    for passes in (1, 2):
        guarded, raw = (make(passes=passes, guard=guard).restart_frame(60)
                        for guard in (True, False))
        assert raw - guarded == passes * reach


def test_a_frame_that_is_not_finite_stays_so_alone():
    inputs = torch.zeros(5, 9, *SIZE)
    inputs[2, :, 0, 0] = float('nan')
    outputs = list(streak_guard.guarded_frames(inputs))
    assert [item.guarded for item in outputs] == [0] * 5
    assert [bool(item.planes.isfinite().all()) for item in outputs] == [
        True, True, False, True, True]


# ------------------------------------------------------- in the derainer


PLACE = (..., slice(12, 52), slice(24, 64))


def glares(frames=24, at=(14, )):
    """A clip with a place that lights up in single frames."""
    clip = to_clip(rainy_pan(frames=frames)).clone()
    for index in at:
        place = clip[index][PLACE]
        place[:] = (place.int() + 50).clamp(max=255).byte()
    return clip


def judged(derainer, clip):
    frames = list(derainer.judged_stream(clip))
    return (torch.stack([frame.planes for frame in frames]),
            [frame.guarded for frame in frames])


@pytest.mark.parametrize('options', [
    dict(), dict(channels=3), dict(passes=2), dict(tile=(48, 64))])
def test_a_glare_comes_as_it_was(options):
    clip = glares(9, [4])
    # all of the median, which has no glare
    raw, weights = judged(make(blend=30, guard=False, **options), clip)
    assert weights == [0] * 9
    assert (raw[4][PLACE].float() - clip[4][PLACE].float()).mean() < -25
    restored, weights = judged(make(blend=30, **options), clip)
    assert weights[4] == 1
    assert torch.equal(restored[4], clip[4])


@pytest.mark.parametrize('options', [
    dict(), dict(passes=2), dict(window_batch=3)])
def test_a_guarded_stream_restarts_as_if_unbroken(options):
    derainer = make(blend=30, **options)
    for start in (23, 24):
        # the glare is before the frame from which on frames are wanted
        clip = glares(34, [start - 2])
        whole, weights = judged(derainer, clip)
        assert 0 < weights[start] <= 1
        entry = derainer.restart_frame(start)
        assert 0 < entry < start
        rest, again = judged(derainer, clip[entry:])
        assert torch.equal(rest[start - entry:], whole[start:])
        assert again[start - entry:] == weights[start:]


def test_rain_does_not_come_and_go():
    def doubts(*amounts):
        return list(streak_guard.outbursts(
            [amount / 255 for amount in amounts]))

    # rain, also such that begins, and drizzle too faint to matter
    for amounts in ([4, 5, 3, 6, 4, 7, 4], [0, 0, 0, 5, 4, 6, 5],
                    [0, 0, 0.1, 0, 0], [3, 0], [3], []):
        assert doubts(*amounts) == [0] * len(amounts)
    assert doubts(1, 1, 0.5, 12, 1, 1, 1) == [0, 0, 0, 1, 0, 0, 0]
    assert 0 < doubts(1, 1, 0.5, 8, 1, 1, 1)[3] < 1
    # one more beside it is as odd
    assert doubts(1, 1, 20, 20, 1, 1, 1)[2:4] == [1, 1]
    # at the ends less is enough
    assert doubts(5, 1, 1, 1, 1, 5) == [1, 0, 0, 0, 0, 1]
    assert doubts(1.5, 1, 1, 1, 1, 1.5) == [0] * 6
    # nothing tells whether a single rainy frame is one
    assert doubts(5, 0, 0, 0, 0) == [0] * 5

    def seen(count):
        return observed(streaks(0, count=count))

    clip = [seen(2), seen(2), seen(60), seen(2), seen(2)]
    assert list(streak_guard.doubts(clip)) == [0, 0, 1, 0, 0]
    clip = [seen(12), seen(15), seen(30), seen(12), seen(15)]
    assert list(streak_guard.doubts(clip)) == [0] * 5


def test_an_estimated_gain_is_not_judged():
    """It stays, and only what was removed of streaks is given back."""
    torch.manual_seed(0)
    derainer = make(blend=30, chroma='rainy')
    derainer.generator.gain = _Scene(0.5, 0.1)
    clip = to_clip(rainy_pan(frames=7))
    restored, weights = judged(derainer, clip)
    assert weights == [0] * 7
    assert 0.4 < restored.float().mean() / (
        0.5 * clip.float().mean() + 25.5) < 1.1
    clip = glares(7, [3])
    restored, weights = judged(derainer, clip)
    assert weights[3] == 1
    luma = clip[3].float().mul(torch.tensor(
        [0.299, 0.587, 0.114]).view(3, 1, 1)).sum(0)
    expected = clip[3] + (0.5 * luma + 25.5 - luma)
    assert (restored[3] - expected.clamp(0, 255)).abs().max() <= 1


class _Scene(torch.nn.Module):

    def __init__(self, factor, offset):
        super().__init__()
        self.scene = (torch.full((1, 1, 1, 1), factor),
                      torch.full((1, 1, 1, 1), offset))

    def forward(self, x):
        return self.scene
