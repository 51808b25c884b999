"""One clock for what comes over several connections."""

import time
from fractions import Fraction

# seconds by which sound and pictures may come in another order than they are
# seen; more is a clock that begins anew
_UNREST = 1


class LiveClock:
    """Seconds since the beginning.

    A connection has a clock of its own, and even that may begin anew, as where
    a sender plays one recording after the other. What comes first by a new
    clock follows what came last by the time that has passed.
    """

    def __init__(self) -> None:
        # the current one and the one before: at a joint what belongs to
        # either comes in turns
        self._shifts: list[Fraction] = []
        self._last = Fraction(0)
        self._came = 0.0

    def begin(self, zero: Fraction) -> None:
        """Say what the first connection's clock says at the beginning."""
        self._shifts = [-zero]

    def connect(self) -> None:
        """Another connection is there."""
        self._shifts = []

    def at(self, seconds: Fraction) -> Fraction:
        """When something happens that comes now.

        Args:
            seconds: By the clock of the connection.
        """
        now = time.monotonic()
        times = [seconds + shift for shift in self._shifts]
        found = min(times, key=lambda it: abs(it - self._last), default=None)
        if found is None or found < self._last - _UNREST:
            gap = Fraction(now - self._came).limit_denominator(1000)
            found = self._last + gap
            self._shifts = [found - seconds, *self._shifts[:1]]
        self._last = max(self._last, found)
        self._came = now
        return found
