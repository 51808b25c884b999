"""The temporal error is what flickers, not what stays."""

import cv2
import numpy as np
import pytest
import torch
from mmagic.registry import METRICS

from mmderain.evaluation.metrics import TemporalError
from mmderain.evaluation.scorers import TemporalErrorScorer, score_sequence


def noisy_clip(seed):
    rng = np.random.default_rng(seed)
    clean = rng.integers(40, 200, (4, 20, 30, 3), np.uint8)
    restored = clean + rng.integers(-30, 30, clean.shape)
    return restored.astype(np.uint8), clean


def expected(restored, clean):
    grey = [np.stack([cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY).astype(int)
                      for frame in clip]) for clip in (restored, clean)]
    return np.abs(np.diff(grey[0] - grey[1], axis=0)).mean((1, 2))


def test_equals_its_formula():
    restored, clean = noisy_clip(0)
    rows = score_sequence(zip(restored, clean, strict=True),
                          [TemporalErrorScorer()])
    assert rows[0] == {}
    np.testing.assert_allclose([row['temporal_error'] for row in rows[1:]],
                               expected(restored, clean))


def test_an_error_that_stays_costs_nothing():
    _, clean = noisy_clip(1)
    cast = np.array([0, 10, 20], np.uint8)
    grey = np.repeat(clean[..., :1], 3, -1)
    for pairs, score in (((clean, clean), 0), ((grey + 9, grey), 0),
                         ((grey + cast, grey + cast), 0)):
        rows = score_sequence(zip(*pairs, strict=True),
                              [TemporalErrorScorer()])
        assert [row['temporal_error'] for row in rows[1:]] == [score] * 3
    # one frame of four is brighter by 9: it comes, and it goes
    flash = grey.copy()
    flash[2] += 9
    rows = score_sequence(zip(flash, grey, strict=True),
                          [TemporalErrorScorer()])
    assert [row['temporal_error'] for row in rows[1:]] == [0, 9, 9]


def test_the_metric_is_the_mean_of_frames_then_sequences():
    metric = METRICS.build(dict(type='TemporalError', protocol='vrds',
                                prefix='a'))
    assert isinstance(metric, TemporalError)
    metric.size = 2
    scores = []
    for index in range(2):
        clips = noisy_clip(index)
        scores.append(expected(*clips).mean())
        ours, theirs = (torch.from_numpy(clip).permute(0, 3, 1, 2)
                        for clip in clips)
        metric.process(None, [dict(output=dict(pred_img=ours), gt_img=theirs,
                                   input=ours, key=str(index))])
    assert metric.evaluate()['a/temporal_error'] == pytest.approx(
        np.mean(scores))
