"""How drops on the lens are found in a video and filled."""

from collections.abc import Iterable, Iterator
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor

from mmderain.errors import ConfigError
from mmderain.models.judged_frame import JudgedFrame
from mmderain.models.lens_drops import stream
from mmderain.models.lens_drops.array_restoration import judged_frames
from mmderain.models.lens_drops.fill import REACH
from mmderain.models.restoration import ExportedPart, WindowRestoration
from mmderain.windows.stream import StreamSpec


class LensDropRestoration(WindowRestoration):
    """Finds drops by what stands still, and fills them from other frames.

    It takes no windows: statistics and places run along with the video. All is
    found in whole frames; there are no tiles.

    Args:
        generator: A :class:`~mmderain.models.lens_drops.network.LensDropNet`.
        test_cfg: Empty, but for ``padding``, which has no effect.

    Raises:
        ConfigError: ``test_cfg`` has other keys.
    """

    # frames below which little can be seen behind drops
    window = REACH + 1
    map_names = ('drops', 'trust')
    test_options = frozenset({'padding'})

    def check_test_cfg(self) -> None:
        """Refuse what ``test_cfg`` cannot hold; see the base class."""
        if {'tile', 'tile_overlap', 'tile_batch', 'window_batch'} & set(
                self.test_cfg):
            raise ConfigError(
                'lens_drops looks at whole frames, one after the other: leave '
                'out --tile, --tile-overlap and --batch, or tile, '
                'tile_overlap, tile_batch and window_batch of test_cfg.')
        super().check_test_cfg()

    def find_drops(self, planes: np.ndarray,
                   dtype: torch.dtype | None = None) -> np.ndarray:
        """How much of each pixel a drop covers.

        Args:
            planes: Of :func:`~mmderain.models.lens_drops.statistics.planes`.
            dtype: Half precision of autocast, or None.

        Returns:
            (h, w) float32 in [0, 1].
        """
        device = next(self.parameters()).device
        inputs = torch.from_numpy(planes).to(device)[None].float() / 255
        with torch.no_grad(), (
                nullcontext() if dtype is None
                else torch.autocast(device.type, dtype)):
            return self.generator(inputs)[0, 0].sigmoid().cpu().numpy()

    def exported_part(self) -> ExportedPart:
        """The search for drops; see the base class."""
        return ExportedPart(
            lambda planes: self.generator(planes).sigmoid(),
            (self.generator.in_channels, ))

    def judged_frames(self, frames: Iterable[Tensor],
                      with_maps: bool = False,
                      dtype: torch.dtype | None = None,
                      spec: StreamSpec | None = None
                      ) -> Iterator[JudgedFrame]:
        """Restore frame by frame, before rounding; see the base class."""
        for judged in judged_frames(
                (frame.numpy() for frame in frames),
                lambda planes: self.find_drops(planes, dtype)):
            planes = judged.planes if with_maps else judged.planes[:3]
            yield judged._replace(planes=torch.from_numpy(planes))

    def restart_frame(self, frame: int, spec: StreamSpec | None = None
                      ) -> int:
        """Where a stream has to begin; see the base class."""
        return stream.restart_frame(frame)
