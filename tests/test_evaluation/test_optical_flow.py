"""tOF measures how motion differs, by OpenCV's flows."""

import cv2
import numpy as np
import pytest
import torch
from mmagic.registry import METRICS
from mmengine.registry import DefaultScope

from mmderain.evaluation.metrics import TOF
from mmderain.evaluation.scorers import FlowScorer, score_sequence


def moving(length, step, seed=0):
    """A smooth picture that moves to the right by ``step`` pixels a frame."""
    rng = np.random.default_rng(seed)
    picture = cv2.GaussianBlur(
        rng.integers(0, 256, (80, 200, 3), np.uint8), (0, 0), 3)
    picture = cv2.normalize(picture, None, 0, 255, cv2.NORM_MINMAX)
    return [np.ascontiguousarray(picture[:, 60 - step * k:140 - step * k])
            for k in range(length)]


def test_equals_a_transcription_of_the_original():
    clean = moving(4, 2)
    rng = np.random.default_rng(1)
    restored = [np.clip(frame + rng.normal(0, 9, frame.shape), 0, 255).astype(
        np.uint8) for frame in clean]

    def flow(before, after):
        return cv2.calcOpticalFlowFarneback(
            *(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
              for frame in (before, after)),
            None, 0.5, 3, 15, 3, 5, 1.2, 0)

    rows = score_sequence(zip(restored, clean, strict=True), [FlowScorer()])
    assert rows[0] == {}
    for index in range(1, 4):
        difference = (flow(*restored[index - 1:index + 1])
                      - flow(*clean[index - 1:index + 1]))
        expected = np.sqrt((difference**2).sum(-1)).mean()
        assert rows[index]['tOF'] == pytest.approx(expected, abs=1e-4)


def test_is_the_difference_of_the_motions():
    rows = score_sequence(zip(moving(3, 2), moving(3, 0), strict=True),
                          [FlowScorer()])
    for row in rows[1:]:
        assert row['tOF'] == pytest.approx(2, abs=0.3)
    same = score_sequence(zip(moving(3, 2), moving(3, 2), strict=True),
                          [FlowScorer()])
    assert [row.get('tOF') for row in same] == [None, 0, 0]


def test_a_sequence_does_not_see_the_one_before():
    scorer = FlowScorer()
    pairs = list(zip(moving(2, 2), moving(2, 0), strict=True))
    assert score_sequence(pairs, [scorer]) == score_sequence(pairs, [scorer])


def test_the_metric_takes_other_parameters():
    def clip(frames):
        return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2)

    sample = dict(output=dict(pred_img=clip(moving(3, 2))),
                  gt_img=clip(moving(3, 0)), key='a')
    with DefaultScope.overwrite_default_scope('mmagic'):
        metrics = [METRICS.build(dict(type='TOF', protocol='vrds', **options))
                   for options in ({}, dict(farneback=dict(winsize=31)))]
    found = []
    for metric in metrics:
        metric.process(None, [sample])
        found.append(metric.compute_metrics(metric.results)['tOF'])
    assert isinstance(metrics[0], TOF)
    assert found[0] != found[1]
    assert found == [pytest.approx(2, abs=0.3)] * 2
