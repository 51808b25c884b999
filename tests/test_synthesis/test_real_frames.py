"""Rain on real video frames, where a developer has them."""

import cv2
import numpy as np
import pytest

from mmderain.cli.synthesize import main


@pytest.mark.parametrize(('clip', 'preset', 'low', 'high'), [
    ('tennis', 'heavy', 14, 22), ('bmx-trees', 'light', 23, 33)])
def test_a_real_clip_in_the_layout_of_vrds(
        shared, tmp_path, clip, preset, low, high):
    source = shared / 'data' / 'clean' / clip
    assert main([str(source), str(tmp_path), '--preset', preset, '--size',
                 '160x160', '--num-frames', '6']) == 0

    def frames(folder):
        paths = sorted((tmp_path / folder / clip).glob('*.png'))
        return np.stack([cv2.imread(str(path)) for path in paths]).astype(int)

    lq, gt, drop, mask, streak = map(
        frames, ('lq', 'gt', 'drop', '01drop', 'mstreak'))
    assert len(lq) == 6
    assert np.array_equal(lq, np.minimum(255, drop + streak))
    assert np.array_equal(mask.max(-1) > 0, (drop != gt).any(-1))
    psnr = 10 * np.log10(255**2 / ((lq - gt)**2).mean())
    assert low < psnr < high
