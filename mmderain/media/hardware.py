"""Hardware that decodes videos, as FFmpeg names it."""

from dataclasses import dataclass

import av
from av.codec.hwaccel import HWAccel, hwdevices_available

from mmderain.errors import UserError

# how hardware stores pixels -> the same numbers as a CPU's decoder stores them
_STORED = dict(nv12='yuv420p', p010le='yuv420p10le')


@dataclass(frozen=True)
class Hardware:
    """A kind of hardware, and which of several.

    Args:
        kind: FFmpeg's name.
        device: As the kind names it: a number, a path; its first when None.
    """

    kind: str
    device: str | None = None

    @classmethod
    def parse(cls, text: str) -> 'Hardware':
        """Read ``KIND`` or ``KIND:DEVICE``.

        Raises:
            UserError: FFmpeg was not built with it.
        """
        kind, colon, device = text.partition(':')
        known = hwdevices_available()
        if kind not in known:
            raise UserError(
                f'--hwaccel {text}: expected what the FFmpeg of this PyAV '
                f'({av.__version__}) was built with: {", ".join(known)}. '
                'Leave --hwaccel out: the CPU decodes then.')
        if colon and not device or kind == 'cuda' and colon and (
                not device.isdecimal()):
            raise UserError(f'--hwaccel {text}: expected a device after the '
                            'colon, such as cuda:1 or '
                            'qsv:/dev/dri/renderD128.')
        return cls(kind, device or None)

    def __str__(self) -> str:
        return self.kind if self.device is None else (
            f'{self.kind}:{self.device}')

    def accel(self) -> HWAccel:
        """What PyAV is given; nothing but this hardware decodes then."""
        return HWAccel(self.kind, self.device, allow_software_fallback=False)


def as_stored(frame: av.VideoFrame) -> av.VideoFrame:
    """A decoded frame as a CPU's decoder would hand it out."""
    stored = _STORED.get(frame.format.name)
    return frame if stored is None else frame.reformat(format=stored)
