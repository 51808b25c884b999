"""What is said of settings that differ."""

import pytest

from mmderain import backends, packages
from mmderain.jobs.settings import describe_change, differing
from mmderain.weights import SHIPPED


def test_digests_are_short():
    was, now = dict(a='0123456789ab' + 52 * 'c', b=1), dict(
        a=['0123456789ab' + 52 * 'c', 'ff23456789ab' + 52 * 'd'])
    assert describe_change(was, now, ['a', 'b']) == (
        "a was '0123456789ab' and is ['0123456789ab', 'ff23456789ab'], "
        'b was 1 and is None')


def test_one_stage_and_two():
    streaks = dict(checkpoint='a', method='m', backend='torch', crf=1)
    both = dict(checkpoint=['a', 'b'], method=['m', 'n'],
                backend='torch, torch', crf=1)
    drops = dict(checkpoint='b', method='n', backend='torch', crf=2)
    names = ['backend', 'checkpoint', 'method']
    assert describe_change(streaks, both, names) == (
        'there was no search for drops on the lens: add --remove streaks to '
        'keep it so')
    assert describe_change(both, streaks, names) == (
        'streaks and drops were removed: add --remove streaks,drops to keep '
        'it so')
    assert describe_change(both, drops, [*names, 'crf']) == (
        'streaks and drops were removed: add --remove streaks,drops to keep '
        'it so, crf was 1 and is 2')
    assert 'checkpoint was' in describe_change(drops, both, names)


def test_a_backend_that_is_not_installed_any_more_is_named(monkeypatch):
    was, now = dict(backend='torch, torch'), dict(backend='onnxruntime, torch')
    assert 'pip install' not in describe_change(was, now, ['backend'])
    for module in (backends, packages):
        monkeypatch.setattr(module, 'is_there', lambda name: name != 'torch')
    said = describe_change(was, now, ['backend'])
    assert said.startswith("backend was 'torch, torch' and is 'onnx")
    assert "pip install 'mmderain[train]'" in said


def of_input(size, ends, time):
    return dict(input_known_by=dict(size=size, ends=ends, time=time),
                input_size=size, input_time=time)


def test_an_input_that_has_changed_is_said_in_words():
    names = ['input_known_by', 'input_size', 'input_time']
    was = of_input(5, 'ab', 1796058649306011821)
    assert describe_change(was, of_input(6, 'cd', 1), names) == (
        'the input has changed since (ends, size, time)')
    # as of a copy, or after a mount of another disk
    assert describe_change(was, of_input(5, 'ab', 1), names[::2]) == (
        'the input has changed since (time), though it has the same size, '
        "beginning and end: where it is the same, give it its time: touch -d "
        "'@1796058649.306011821' INPUT")
    # folders have no time of their own, and those of 0.1 know less
    assert describe_change(dict(input_size=5), dict(input_size=6),
                           ['input_size']) == (
        'the input has changed since (size)')
    folders = [dict(input_known_by=dict(size=5, ends=end)) for end in 'ab']
    assert describe_change(*folders, names[:1]) == (
        'the input has changed since (ends)')


GUIDE = dict(method='light_median', checkpoint='b' * 64)


@pytest.mark.parametrize('stages', [1, 2])
def test_former_weights_are_named_where_they_go_on(stages):
    """Also those that are the same file, used in another way."""
    present, = (entry for entry in SHIPPED if entry.name == 'aligned_median')
    drops = ['d' * 64] * (stages - 1)

    def of(sha256, **more):
        return dict(checkpoint=[sha256, *drops] if drops else sha256, **more)

    guided = dict(guide=[GUIDE, None] if drops else GUIDE)
    now = of(present.sha256, **guided)
    for entry in SHIPPED:
        if entry.replaced_by == 'aligned_median':
            was = of(entry.sha256, **(guided if entry.guide else {}))
            said = describe_change(was, now,
                                   ['checkpoint', 'guide', 'test_cfg'])
            assert said == (
                f'it was begun with the weights {entry.name}: add --model '
                f'{entry.name}' + ' --remove streaks,drops' * (stages - 1)
                + ' to keep it so')
    assert 'was begun with' not in describe_change(now, now, ['crf'])


def test_guides_are_told_in_words():
    other = dict(GUIDE, checkpoint='c' * 64)
    said = describe_change(dict(guide=GUIDE), dict(guide=other), ['guide'])
    assert said == (
        'guide was light_median bbbbbbbbbbbb and is light_median cccccccccccc')
    assert describe_change(dict(guide=[GUIDE, None]), {}, ['guide']) == (
        'guide was light_median bbbbbbbbbbbb and is none')
    assert describe_change({}, dict(guide=3), ['guide']) == (
        'guide was none and is 3')


def test_a_backend_of_a_guide_that_is_not_installed_is_named(monkeypatch):
    for module in (backends, packages):
        monkeypatch.setattr(module, 'is_there', lambda name: name != 'torch')
    said = describe_change(dict(backend='onnxruntime + torch, onnxruntime'),
                           dict(backend='onnxruntime, onnxruntime'),
                           ['backend'])
    assert "pip install 'mmderain[train]'" in said


def test_a_permission_that_was_not_needed_makes_no_difference():
    without = dict(skip_bad_frames=False, crf=1)
    given = dict(skip_bad_frames=True, crf=2)
    assert differing(without, given, without) == ['crf']
    assert differing(given, without, without) == ['crf', 'skip_bad_frames']
    assert differing({}, given, ['skip_bad_frames']) == ['skip_bad_frames']


def test_a_mask_is_known_by_its_content():
    was, now = (dict(mask=path, mask_known_by=dict(size=5, ends='ab', time=1))
                for path in ('a.png', '../a.png'))
    assert differing(was, now, was) == []
    assert differing(was, dict(mask=None), was) == ['mask', 'mask_known_by']
    now['mask_known_by'] = dict(was['mask_known_by'], time=2)
    assert differing(was, now, was) == ['mask_known_by']
    assert describe_change(was, now, ['mask_known_by']) == (
        'the mask has changed since (time), though it has the same size, '
        'beginning and end: where it is the same, give it its time: touch -d '
        "'@0.000000001' MASK")
