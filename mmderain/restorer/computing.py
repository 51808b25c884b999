"""What computes: chosen once, noted with work, and followed when it goes on.

A *way* is a backend and a precision. Those that 'auto' may come to give the
same frames up to rounding, but the segments of one video shall come of one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mmderain.backends import AUTO, find_backend
from mmderain.backends.choice import NetworkFiles, choose_backend
from mmderain.backends.interface import Backend

# of stages, and of a model and its guide
_OF_STAGES, _OF_GUIDE = ', ', ' + '
_CHOSEN = ('float32', 'bfloat16')  # precisions, by 'auto'

Way = Mapping[str, str]


def said_of_each(ways: str) -> list[str]:
    """The parts of what is said of several networks, each once."""
    return list(dict.fromkeys(
        part for stage in ways.split(_OF_STAGES)
        for part in stage.split(_OF_GUIDE)))


class Computing:
    """A network that is loaded, and may be loaded by another backend.

    Args:
        network: Its files, and how they are loaded.
        asked: A backend, or 'auto'.

    Raises:
        UserError: It cannot be loaded so.
    """

    def __init__(self, network: NetworkFiles, asked: str) -> None:
        self._network, self.asked = network, asked
        self.name = choose_backend(asked, network)
        self.backend: Backend = network.load(self.name)
        self._chosen = self.way

    @property
    def names(self) -> tuple[str, ...]:
        """The backends that are used."""
        return (self.name, )

    @property
    def way(self) -> dict[str, str]:
        """What computes, and in which precision; may be set."""
        return dict(backend=self.name, dtype=self.backend.dtype)

    @way.setter
    def way(self, way: Way) -> None:
        if way['backend'] != self.name:
            self.backend = self._network.load(way['backend'])
            self.name = way['backend']
        self.backend.dtype = way['dtype']

    def might_choose(self, way: Mapping[str, Any],
                     devices: Sequence[str] = ()) -> bool:
        """Whether it is a way that 'auto' may come to.

        Args:
            way: As :attr:`way`, or what somebody has made of it.
            devices: That compute; its own if there are none.
        """
        backend, dtype = way.get('backend'), way.get('dtype')
        asked = self._network.dtype
        dtypes = _CHOSEN if asked == AUTO else (asked, )
        return (backend in self._able(devices)
                and self.asked in (AUTO, backend)
                and dtype in dtypes[:1 if backend == 'onnxruntime' else None])

    def chosen_way(self, devices: Sequence[str] = ()) -> dict[str, str]:
        """The way that was chosen, or another that devices call for."""
        way, able = dict(self._chosen), self._able(devices)
        if self.asked == AUTO and way['backend'] not in able:
            way['backend'] = able[0]
        if (devices and devices[0] != 'cpu' and self._network.dtype == AUTO
                and way['backend'] == 'torch'):
            way['dtype'] = find_backend('torch').gpu_dtype(
                self.backend.method, devices[0])
        return way

    def _able(self, devices: Sequence[str]) -> tuple[str, ...]:
        return (replace(self._network, device=devices[0]) if devices
                else self._network).able() or tuple(self._network.files)


class ComputingPair:
    """That of two networks after each other.

    Args:
        first: Of the first.
        second: Of the second.
        is_guided: Whether they are a model and its guide, which are one stage
            and say once what they have in common.
    """

    def __init__(self, first: 'Computing | ComputingPair', second: Computing,
                 is_guided: bool = False) -> None:
        self._first, self._second = first, second
        self._is_one = is_guided
        self._between = _OF_GUIDE if is_guided else _OF_STAGES

    @property
    def names(self) -> tuple[str, ...]:
        """The backends that are used."""
        names = self._first.names + self._second.names
        return tuple(dict.fromkeys(names)) if self._is_one else names

    @property
    def way(self) -> dict[str, str]:
        """Both ways, joined; may be set."""
        return self._joined(self._first.way, self._second.way)

    @way.setter
    def way(self, way: Way) -> None:
        self._first.way, self._second.way = self._parted(way)

    def might_choose(self, way: Mapping[str, Any],
                     devices: Sequence[str] = ()) -> bool:
        """Whether 'auto' may come to both."""
        first, second = self._parted(way)
        return (self._first.might_choose(first, devices)
                and self._second.might_choose(second, devices))

    def chosen_way(self, devices: Sequence[str] = ()) -> dict[str, str]:
        """The ways that were chosen, or others; see the other class."""
        return self._joined(self._first.chosen_way(devices),
                            self._second.chosen_way(devices))

    def _joined(self, first: Way, second: Way) -> dict[str, str]:
        return {name: value if self._is_one and value == second[name]
                else f'{value}{self._between}{second[name]}'
                for name, value in first.items()}

    def _parted(self, way: Mapping[str, Any]) -> tuple[dict, dict]:
        """Of the first and the second, of whatever somebody has written."""
        firsts, seconds = {}, {}
        for name, value in way.items():
            first, between, second = str(value).partition(self._between)
            firsts[name] = first
            seconds[name] = (second if between or not self._is_one else first)
        return firsts, seconds
