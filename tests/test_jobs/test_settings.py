"""What is said of settings that differ."""

from mmderain.jobs.settings import describe_change


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
        'it removed streaks alone: add --remove streaks to go on with that')
    assert describe_change(both, streaks, names) == (
        'it removed streaks and drops: leave out --remove to go on with that')
    assert describe_change(both, drops, [*names, 'crf']) == (
        'it removed streaks and drops: leave out --remove to go on with that, '
        'crf was 1 and is 2')
    assert 'checkpoint was' in describe_change(drops, both, names)
