import pytest

from mmderain.errors import UserError
from mmderain.synthesis import Camera, RaindropSettings, StreakSettings


def test_metres_to_pixels():
    camera = Camera(focal=1.5)
    assert camera.pixels_per_metre(200, 3.0) == pytest.approx(100)


@pytest.mark.parametrize('make, field', [
    (lambda: Camera(focal=0), 'Camera.focal'),
    (lambda: Camera(exposure=0.1, fps=25), 'Camera.exposure'),
    (lambda: StreakSettings(rain_rate=-1), 'StreakSettings.rain_rate'),
    (lambda: StreakSettings(brightness=float('nan')),
     'StreakSettings.brightness'),
    (lambda: StreakSettings(depths=(2.0, 1.0)), 'StreakSettings.depths'),
    (lambda: StreakSettings(depths=(2.0,)), 'StreakSettings.depths'),
    (lambda: StreakSettings(wind=(1.0, 99.0)), 'StreakSettings.wind'),
    (lambda: RaindropSettings(radius=(0.0, 0.1)), 'RaindropSettings.radius'),
    (lambda: RaindropSettings(count=(3, 2)), 'RaindropSettings.count'),
    (lambda: RaindropSettings(count=(3,)), 'RaindropSettings.count'),
    (lambda: RaindropSettings(sliding=1.1), 'RaindropSettings.sliding')])
def test_settings_out_of_range_are_named(make, field):
    with pytest.raises(UserError, match=rf'{field}: expected .* got '):
        make()
