"""Times go on, whatever the clocks of senders do."""

from fractions import Fraction

import pytest

from mmderain.media import live_clock
from mmderain.media.live_clock import LiveClock


@pytest.fixture
def clock(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(live_clock.time, 'monotonic', lambda: now[0])
    clock = LiveClock()
    clock.connect()
    clock.begin(Fraction(5))
    clock.now = now
    return clock


def test_the_first_connection_begins_at_its_zero(clock):
    assert [clock.at(Fraction(value)) for value in (5, 6, 7)] == [0, 1, 2]


def test_what_comes_out_of_order_stays_so(clock):
    assert [clock.at(Fraction(value)) for value in (7, 6)] == [2, 1]


@pytest.mark.parametrize('is_new', [True, False])
def test_a_clock_that_begins_anew_goes_on(clock, is_new):
    clock.at(Fraction(25))
    clock.now[0] += 0.5
    if is_new:
        clock.connect()
    assert clock.at(Fraction(1)) == Fraction(41, 2)
    assert clock.at(Fraction(2)) == Fraction(43, 2)


def test_at_a_joint_sound_may_come_by_the_old_clock(clock):
    clock.at(Fraction(25))
    clock.at(Fraction(5))
    assert clock.at(Fraction(101, 4)) == Fraction(81, 4)
    assert clock.at(Fraction(6)) == 21


def test_a_later_connection_may_be_ahead(clock):
    clock.at(Fraction(25))
    clock.now[0] += 2
    clock.connect()
    assert clock.at(Fraction(10_000)) == 22
