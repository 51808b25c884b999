"""What is said of settings that differ."""

from mmderain.jobs.settings import describe_change


def test_digests_are_short():
    was, now = dict(a='0123456789ab' + 52 * 'c', b=1), dict(
        a=['0123456789ab' + 52 * 'c', 'ff23456789ab' + 52 * 'd'])
    assert describe_change(was, now, ['a', 'b']) == (
        "a was '0123456789ab' and is ['0123456789ab', 'ff23456789ab'], "
        'b was 1 and is None')
