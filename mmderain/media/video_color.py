"""From the colours of a video to RGB and back by the same rule.

A video stores luma and chroma. Which matrix (BT.601, 709, 2020) and which
range (16 to 235, or 0 to 255) they follow is said in the stream; where it is
not, players guess, and so does this module, the same way in both directions.
"""

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from mmderain.errors import DataError
from mmderain.media.chroma_location import forget_chroma_location

_UNSAID = 2
# numbers of ISO/IEC 23091-2, as streams carry them
_MATRICES = {1: Colorspace.ITU709, 4: Colorspace.FCC, 5: Colorspace.ITU601,
             6: Colorspace.ITU601, 7: Colorspace.SMPTE240M,
             9: Colorspace.BT2020, 10: Colorspace.BT2020}
RGB_MATRIX = 0
# formats of the full range where no other is said; so FFmpeg and players that
# are made of it take them
_FULL_FORMATS = ('yuvj', 'gray', 'ya', 'mono')
_NUMBERS = {Colorspace.ITU709: 1, Colorspace.ITU601: 6}
_EXACT = (Interpolation.BICUBIC | Interpolation.ACCURATE_RND
          | Interpolation.FULL_CHR_H_INT | Interpolation.FULL_CHR_H_INP)


@dataclass(frozen=True)
class VideoColor:
    """What a stream says of its colours, by the numbers of the standard.

    Args:
        matrix: Matrix coefficients, 0 of RGB, 2 where nothing is said.
        range: 1 for 16 to 235, 2 for 0 to 255, 0 where nothing is said.
        primaries: Kept, not converted.
        transfer: Kept, not converted.
        height: Of the frames; decides where the matrix is not said.
        is_full: Whether the pixel format implies the full range.
    """

    matrix: int
    range: int
    primaries: int
    transfer: int
    height: int
    is_full: bool = False

    @classmethod
    def of(cls, frame: av.VideoFrame) -> 'VideoColor':
        """What a decoded frame says."""
        is_rgb = is_rgb_format(frame.format)
        return cls(
            RGB_MATRIX if is_rgb else int(frame.colorspace),
            int(frame.color_range),
            int(frame.color_primaries), int(frame.color_trc), frame.height,
            frame.format.name.startswith(_FULL_FORMATS) or is_rgb)

    @property
    def colorspace(self) -> Colorspace:
        """The matrix to compute with; a guess where none is said.

        Raises:
            DataError: Its matrix is not supported.
        """
        if self.matrix in (_UNSAID, RGB_MATRIX):
            return (Colorspace.ITU709 if self.height > 576
                    else Colorspace.ITU601)
        if self.matrix not in _MATRICES:
            raise DataError(
                f'The video has colours of matrix {self.matrix}; expected one '
                f'of {sorted(_MATRICES)} (BT.709, 601, 240M, 2020). Convert '
                'it first.')
        return _MATRICES[self.matrix]

    @property
    def color_range(self) -> ColorRange:
        """The range to compute with."""
        if self.range == int(ColorRange.UNSPECIFIED):
            return ColorRange.JPEG if self.is_full else ColorRange.MPEG
        return ColorRange(self.range)

    def to_rgb(self, frame: av.VideoFrame) -> np.ndarray:
        """A decoded frame as (h, w, 3) uint8 RGB, whatever its bits."""
        return forget_chroma_location(frame).reformat(
            format='rgb24', src_colorspace=self.colorspace,
            src_color_range=self.color_range,
            dst_color_range=ColorRange.JPEG,
            interpolation=_EXACT).to_ndarray()

    def from_rgb(self, image: np.ndarray, pixel_format: str) -> av.VideoFrame:
        """(h, w, 3) uint8 RGB as a frame to encode."""
        frame = av.VideoFrame.from_ndarray(image, format='rgb24')
        return frame.reformat(
            format=pixel_format, dst_colorspace=self.colorspace,
            src_color_range=ColorRange.JPEG,
            dst_color_range=self.color_range, interpolation=_EXACT)

    def tag(self, context: av.VideoCodecContext) -> None:
        """Let an encoder say what the source said.

        Of RGB the matrix is ours, and nobody could guess it.
        """
        context.colorspace = (self.matrix if self.matrix != RGB_MATRIX
                              else _NUMBERS[self.colorspace])
        context.color_range = int(self.color_range) if (
            self.range or self.is_full) else 0
        context.color_primaries = self.primaries
        context.color_trc = self.transfer


def is_rgb_format(pixel_format: av.VideoFormat) -> bool:
    """Whether pixels are red, green and blue, or numbers of such colours."""
    return pixel_format.is_rgb or pixel_format.has_palette
