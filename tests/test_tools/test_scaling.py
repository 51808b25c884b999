"""The arithmetic of docs/scaling.md."""

import re

import pytest

from tests.tiny import ROOT
from tools.scaling import lengths_of, main, simulate


def test_one_worker_does_all_after_each_other():
    assert simulate([3, 1, 2], 1, start=5) == (11, 11, 0)


def test_longest_first():
    # else the last one would begin when others are done
    assert simulate([1, 1, 1, 3], 2, start=0).seconds == 3
    # 5 and 2, 4 and 3
    assert simulate([2, 3, 4, 5], 2, start=0).seconds == 7


def test_slow_ones_take_longer():
    assert simulate([4, 4], 2, 0, slow=3, slow_share=1).seconds == 12
    assert simulate([4, 4], 2, 0, slow=3, slow_share=0).seconds == 4


def test_what_is_lost_is_done_again():
    lengths = [600.0] * 400
    calm = simulate(lengths, 20, 20)
    rough = simulate(lengths, 20, 20, failures_per_hour=.5, seed=1)
    assert rough == simulate(lengths, 20, 20, failures_per_hour=.5, seed=1)
    assert rough.busy > calm.busy and rough.seconds > calm.seconds
    # of work that takes t, with losses at a rate r, (e^rt - 1)/r - t is lost
    rate = .5 / 3600
    assert 0 < rough.lost < rough.busy
    expected = 400 * ((2.718281828 ** (rate * 600) - 1) / rate - 600)
    assert rough.lost == pytest.approx(expected, rel=.4)


def test_segments_are_kept_and_shared():
    # by both, though it is one video
    assert simulate([8, 2, 2], 2, 0, segment=1) == (6, 12, 0)
    lengths = [600.0] * 400
    rough = simulate(lengths, 20, 20, failures_per_hour=.5, segment=10)
    losses = (rough.busy - 400 * 600 - 20 * 20 - rough.lost) / 20
    assert losses > 10 and 0 < rough.lost < 10 * losses


def test_lengths_are_of_the_whole():
    lengths = lengths_of(10, 50, 7200, seed=3)
    assert sum(lengths) == pytest.approx(72000) and len(lengths) == 50
    assert max(lengths) > 3 * min(lengths)


def test_the_page_says_what_it_prints(capsys):
    page = (ROOT / 'docs' / 'scaling.md').read_text()
    blocks = re.findall(r'```bash\npython (tools/scaling.py.*?)\n```\n+'
                        r'```text\n(.*?)```', page, re.S)
    assert len(blocks) == 3
    for command, said in blocks:
        main(command.split()[1:])
        assert capsys.readouterr().out == said
