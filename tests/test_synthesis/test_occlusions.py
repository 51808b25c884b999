import cv2
import numpy as np
import pytest

from mmderain.errors import UserError
from mmderain.synthesis import (
    FreshStreakSettings,
    OcclusionSettings,
    RaindropSettings,
    RainOcclusions,
    RainRenderer,
    StreakSettings,
    hybrid_frame,
    sequence_rng,
)

SIZE = (160, 200)
STREAKS = FreshStreakSettings()


def occlusions(angle=0.0, size=SIZE, sequence=0, **settings):
    return RainOcclusions(OcclusionSettings(**settings), size, angle,
                          sequence_rng(0, sequence, 'occlusions'))


def photo(seed=0, size=SIZE):
    """Smooth coloured noise from black to white."""
    noise = np.random.default_rng(seed).integers(
        0, 256, (*size, 3), dtype=np.uint8)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 4), None, 0, 255,
                         cv2.NORM_MINMAX)


def model(background, streak_map, mask, reliance):
    """O = (1 - a) (B + S) + a A, as it is written."""
    a = mask[..., None] / 255
    return ((1 - a) * (background.astype(float) + streak_map[..., None])
            + a * reliance[..., None])


def orientations(mask):
    """Degrees from straight down of regions that do not touch the border."""
    result = []
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8))
    for index in range(1, count):
        left, top, width, height, area = stats[index]
        if area > 20 and left and top and (
                left + width < mask.shape[1] and top + height < mask.shape[0]):
            points = np.argwhere(labels == index)
            down, right = np.linalg.eigh(np.cov(points.T))[1][:, -1]
            result.append(np.rad2deg(np.arctan(right / down)))
    return result


def test_equation_on_every_value():
    values = np.arange(256, dtype=np.uint8)
    background, streaks = np.meshgrid(values, values)
    background = np.dstack([background, background // 2, 255 - background])
    reliance = np.rot90(streaks).copy()
    mask = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    lq = hybrid_frame(background, streaks, mask, reliance)
    expected = model(background, streaks, mask, reliance)
    assert expected.max() > 400 and lq.dtype == np.uint8
    # whole numbers: there is nothing to round
    assert (expected == np.rint(expected)).all()
    assert (lq == np.clip(expected, 0, 255)).all()


@pytest.mark.parametrize('preset', [
    'light', 'medium', 'heavy', 'rainsyn_light', 'rainsyn_complex'])
def test_equation_holds_for_every_preset(preset):
    renderer = RainRenderer.from_preset(preset, seed=2)
    for rainy in renderer.render([photo()] * 3):
        expected = model(rainy.drop, rainy.streak_map, rainy.occlusion_mask,
                         rainy.reliance)
        assert (rainy.lq == np.rint(np.clip(expected, 0, 255))).all()
        occluded = rainy.occlusion_mask == 255
        assert (occluded | (rainy.occlusion_mask == 0)).all()
        assert not rainy.reliance[~occluded].any()
        assert not rainy.streak_map[occluded].any()
        assert occluded.any() == (preset == 'rainsyn_complex')
        if preset.startswith('rainsyn'):
            assert (rainy.drop == rainy.gt).all()
            assert not rainy.drop_mask.any()


def test_what_is_seen_is_bright_and_within_the_settings():
    rain = occlusions(reliance=(180, 220))
    for _ in range(3):
        mask, reliance, rim = rain.draw()
        assert reliance.shape == rim.shape == SIZE
        assert not reliance[~mask].any() and not rim[mask].any()
        assert reliance[mask].max() <= 220
        assert reliance[mask].min() > 0.75 * 180 - 1
        # brightest in the middle, and light around it
        inner = cv2.erode(mask.astype(np.uint8), np.ones((3, 3))) > 0
        assert reliance[inner].mean() > reliance[mask & ~inner].mean()
        near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3))) > 0
        assert (rim[near & ~mask] > 5).all()
        rain.advance()


@pytest.mark.parametrize('angle', [-30.0, 0.0, 20.0])
def test_regions_lie_and_move_in_the_rains_direction(angle):
    rain = occlusions(angle, (400, 400), spread=0.0, density=(8, 8),
                      speed=(0.15, 0.15))
    seen = []
    for _ in range(6):
        before = rain._place.copy()
        seen += orientations(rain.draw().mask)
        rain.advance()
        moved = rain._place - before
        stayed = (np.abs(moved) < 0.5 * 400).all(axis=1)
        assert stayed.any()
        assert np.rad2deg(np.arctan2(*moved[stayed].T)) == pytest.approx(angle)
        assert np.hypot(*moved[stayed].T) == pytest.approx(0.15 * 400)
    assert len(seen) > 8
    assert np.median(seen) == pytest.approx(angle, abs=4)


def test_regions_keep_their_shape_while_they_are_seen():
    # 10 pixels straight down per frame
    rain = occlusions(0.0, (200, 200), spread=0.0, density=(10, 10),
                      speed=(0.05, 0.05))
    frames = []
    for _ in range(8):
        frames.append(rain.draw())
        rain.advance()
    for before, after in zip(frames, frames[1:], strict=False):
        # what came in is above
        assert (before.mask[30:170] == after.mask[40:180]).all()
        assert before.reliance[30:170] == pytest.approx(
            after.reliance[40:180], abs=0.01)
    assert any(frame.mask[40:180].any() for frame in frames)


def test_what_a_region_hides_is_seen_a_frame_later():
    rain = occlusions(20.0, (256, 256))
    masks = []
    for _ in range(9):
        masks.append(rain.draw().mask)
        rain.advance()
    masks = np.stack(masks)
    both = (masks[1:] & masks[:-1]).sum() / masks[1:].sum()
    # by chance alone it would be the share of the frame that is hidden
    assert both < 3 * masks.mean()
    assert not masks.all(axis=0).any()


def test_coverage_is_steady_and_follows_the_density():
    def coverage(density, sequence=0):
        rain = occlusions(10.0, (128, 128), sequence, density=density)
        shares = []
        for _ in range(60):
            shares.append(rain.draw().mask.mean())
            rain.advance()
        return np.array(shares)

    few, many = coverage((10, 10)), coverage((40, 40))
    assert 0.005 < few.mean() < 0.04
    assert 2.5 < many.mean() / few.mean() < 5
    assert many[30:].mean() == pytest.approx(many[:30].mean(), rel=0.35)
    assert coverage((0, 0)).max() == 0


def test_rain_of_the_renderer_takes_the_streaks_direction():
    down = dict(sway=0.0, spread=0.0)
    for streaks, angle in (
            (FreshStreakSettings(angle=(25, 25), **down), 25),
            (StreakSettings(wind=(-4, -4)), -24)):
        renderer = RainRenderer(
            streaks, occlusions=OcclusionSettings(spread=0, density=(8, 8)))
        seen = []
        for rainy in renderer.render([photo(size=(320, 320))] * 5):
            seen += orientations(rainy.occlusion_mask > 0)
        assert np.median(seen) == pytest.approx(angle, abs=4)


def test_a_drop_on_the_lens_hides_occlusions():
    drops = RaindropSettings(count=(10, 10), radius=(0.05, 0.1))
    rain = OcclusionSettings(density=(60, 60))
    frames = [photo()] * 2
    wet = list(RainRenderer(STREAKS, drops, rain).render(frames))
    dry = list(RainRenderer(STREAKS, occlusions=rain).render(frames))
    for one, other in zip(wet, dry, strict=True):
        dropped = one.drop_mask > 0
        # what is drawn on a drop differs from the frame where it is clear
        assert (one.occlusion_mask <= other.occlusion_mask).all()
        hidden = (other.occlusion_mask > 0) & (one.occlusion_mask == 0)
        assert hidden.any() and dropped[hidden].mean() > 0.9
        assert not (dropped & (one.occlusion_mask > 0)).any()


def test_seed_decides_the_regions():
    def masks(**options):
        renderer = RainRenderer.from_preset('rainsyn_complex', **options)
        return [frame.occlusion_mask for frame in
                renderer.render([photo()] * 3)]

    one = np.stack(masks(seed=1, sequence=2))
    assert (one == masks(seed=1, sequence=2)).all()
    assert (one != masks(seed=1, sequence=3)).any()
    assert (one != masks(seed=2, sequence=2)).any()


def test_occlusions_need_streaks():
    with pytest.raises(UserError, match='occlusions: expected streaks'):
        RainRenderer(occlusions=OcclusionSettings())


@pytest.mark.parametrize('name, value', [
    ('density', (-1, 3)), ('speed', (0.0, 0.1)), ('shutter', 1.5),
    ('width', (0.02, 0.01)), ('reliance', (0, 256)), ('width', (0.01,)),
    ('spread', float('nan'))])
def test_settings_out_of_range_are_named(name, value):
    with pytest.raises(
            UserError, match=f'OcclusionSettings.{name}: expected .* got'):
        OcclusionSettings(**{name: value})
