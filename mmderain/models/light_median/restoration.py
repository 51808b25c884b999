"""What LightMedianNet's windows go through."""

from mmderain.models.aligned_median.restoration import AlignedMedianRestoration
from mmderain.models.restoration import ExportedPart


class LightMedianRestoration(AlignedMedianRestoration):
    """Aligns a window, restores its centre frame, and guards the result.

    Exported is the network alone; what is around it, see
    :class:`~mmderain.models.light_median.array_restoration.LightMedianArrays`.
    """

    divisor = 4
    # it is what guides others
    takes_guide = False

    def exported_part(self) -> ExportedPart:
        """The network alone; see the base class."""
        super().exported_part()
        return ExportedPart(self.generator.packed_maps,
                            (4 * self.generator.planes, ))
