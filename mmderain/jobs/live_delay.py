"""How long live pictures wait, and what is left out where that is too long."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

from mmderain.errors import UserError
from mmderain.restorer import Restorer, RestorerChain
from mmderain.restorer.lookahead import lookahead
from mmderain.windows.stream import StreamSpec


@dataclass(frozen=True)
class Delayed:
    """A restorer, and how long frames wait for it.

    Args:
        restorer: Restores the frames.
        frames: That a frame waits for at most.
        runs_ahead: Whether windows are prepared ahead of the network.
    """

    restorer: Restorer | RestorerChain
    frames: int
    runs_ahead: bool = True

    def spec(self, height: int, width: int
             ) -> StreamSpec | tuple[StreamSpec, ...]:
        """How frames of a size are restored."""
        tile = self.restorer.fit_tile(height, width)
        return _spec(self.restorer, self.runs_ahead, tile, height, width)

    def said(self, rate: Fraction) -> str:
        """The delay in words, at a rate of frames."""
        return f'{self.frames} frames ({float(self.frames / rate):.2f} s)'


def within_delay(restorer: Restorer | RestorerChain, most: int | None,
                 note: Callable[[str], None]) -> Delayed:
    """Leave out what would be later than allowed.

    Args:
        restorer: Restores the frames.
        most: Frames that a frame may wait for; None for no limit.
        note: Told what is left out.

    Raises:
        UserError: Nothing is left.
    """
    found = _measured(restorer)
    if most is None or found.frames <= most:
        return found
    first = restorer.stages[0]
    if first is not restorer:
        note(f'--delay {most}: left out {restorer.stages[1].name}, with which '
             f'a frame waits for {found.frames} others')
        found = _measured(first)
    if found.frames > most:
        # what is prepared on other cores takes frames for it
        found = _measured(first, runs_ahead=False)
    if found.frames > most:
        raise UserError(
            f'--delay {most}: with {first.name} a frame waits for '
            f'{found.frames} others. Allow so many, or choose other weights '
            '(--model, --checkpoint).')
    return found


def _measured(restorer: Restorer | RestorerChain, runs_ahead: bool = True
              ) -> Delayed:
    # whatever the size of the frames, no more windows go through at once
    return Delayed(restorer, lookahead(restorer, _spec(
        restorer, runs_ahead, None, 1, 1)), runs_ahead)


def _spec(restorer: Restorer | RestorerChain, runs_ahead: bool,
          *size: object) -> StreamSpec | tuple[StreamSpec, ...]:
    spec = restorer.spec(*size)
    if runs_ahead:
        return spec
    if isinstance(spec, tuple):
        return tuple(replace(one, prepare_threads=0) for one in spec)
    return replace(spec, prepare_threads=0)
