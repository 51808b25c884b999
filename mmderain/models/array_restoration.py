"""How windows of NumPy's arrays are restored by an exported network.

What ``WindowRestoration`` is for PyTorch, without it: for backends that are
given a function from array to array.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from mmderain.errors import ConfigError, DivergedError
from mmderain.models.judged_frame import JudgedFrame
from mmderain.windows.network_spec import (
    SETTINGS,
    NetworkSpec,
    check_counts,
)
from mmderain.windows.stream import StreamSpec, restore_frames

# from (n, *planes, h, w) float32 in [0, 1] to (n, v, c, h, w) float32
Run = Callable[[np.ndarray], np.ndarray]


class ArrayRestoration:
    """Windows and tiles around an exported network.

    A method whose frames take more than windows has a subclass, which it
    names in its ``method.py``.

    Args:
        run: The network.
        network: What windows it takes.
        settings: Of windows and tiles, as in ``test_cfg``.
        exported: Further settings, which the network was exported with.
        planes: Sides of what it takes between the samples and the height;
            nothing where its file does not say them.

    Raises:
        ConfigError: A setting cannot be.
    """

    options = SETTINGS
    # of those that have but a few values
    choices: Mapping[str, tuple] = MappingProxyType({})
    # whether it finds motion in other frames, where it is given some
    takes_guide = False
    # whether its network is made to see these, too
    sees_guide = False

    def __init__(self, run: Run, network: NetworkSpec,
                 settings: Mapping[str, Any],
                 exported: Mapping[str, Any],
                 planes: tuple[int, ...] = ()) -> None:
        unknown = sorted(set(settings) - self.options)
        if unknown:
            raise ConfigError(
                f'{", ".join(unknown)}: an exported network takes only the '
                f'settings {", ".join(sorted(self.options))}; what else there '
                'is, was decided when it was exported. Leave it out, or use '
                'the checkpoint.')
        for name, values in self.choices.items():
            if settings.get(name, values[0]) not in values:
                raise ConfigError(
                    f'test_cfg.{name} has to be one of {values} for an '
                    f'exported network, got {settings[name]!r}. Choose one, '
                    'or use the checkpoint.')
        check_counts(settings)
        self.run, self.network, self.planes = run, network, planes
        self.settings, self.exported = dict(settings), dict(exported)

    @classmethod
    def takes(cls, settings: Mapping[str, Any]) -> bool:
        """Whether it does what settings say; PyTorch does the others."""
        return settings.keys() <= cls.options and all(
            settings.get(name, values[0]) in values
            for name, values in cls.choices.items())

    def spec(self, tile: tuple[int, int] | None) -> StreamSpec:
        """Windows and tiles; frames whole when ``tile`` is None."""
        return self.network.stream_spec(self.settings, tile)

    def restart_frame(self, frame: int, spec: StreamSpec) -> int:
        """Where a stream has to begin to give ``frame`` as if unbroken."""
        return spec.restart_frame(frame)

    def judged_frames(self, frames: Iterable[np.ndarray], spec: StreamSpec
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, with all maps, before rounding.

        Args:
            frames: Each (3, h, w), uint8 RGB.
            spec: Of :meth:`spec`.
        """
        return map(JudgedFrame, restore_frames(frames, self.run, spec))

    def stream(self, frames: Iterable[np.ndarray], spec: StreamSpec,
               with_maps: bool,
               guides: Iterable[np.ndarray] | None = None
               ) -> Iterator[JudgedFrame]:
        """Restore frame by frame.

        Args:
            frames: Each (h, w, 3), uint8 RGB.
            spec: Of :meth:`spec`.
            with_maps: Keep the planes behind the first three.
            guides: For each frame another one, in which motion is found
                instead; for those with ``takes_guide``.

        Yields:
            JudgedFrame: Of uint8.

        Raises:
            DivergedError: A frame is not finite.
        """
        guided = {} if guides is None else dict(guides=_planes(guides))
        for index, judged in enumerate(self.judged_frames(
                _planes(frames), spec, **guided)):
            frame = judged.planes if with_maps else judged.planes[:3]
            if not np.isfinite(frame.sum()):
                raise DivergedError.in_frame(f'frame {index}')
            yield judged._replace(planes=np.rint(
                255 * frame.clip(0, 1)).astype(np.uint8))


def _planes(frames: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """(h, w, 3) -> (3, h, w)"""
    return (frame.transpose(2, 0, 1) for frame in frames)
