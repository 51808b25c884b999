"""Whether a JPEG file is whole.

OpenCV and Pillow fill what is missing or damaged in a JPEG with grey and say
nothing; the decoder below them knows.
"""

import re
from pathlib import Path

import simplejpeg

from mmderain.errors import DataError

_BEGIN = b'\xff\xd8'
# of what the decoder warns, that by which a part of the picture is lost; the
# rest are freedoms that cameras take
_LOST = re.compile(
    r'[Pp]remature end|bad Huffman|found marker|(\d+) extraneous')
# bytes that cameras leave before markers; nothing of the picture
_STRAY = 8


def check_whole_jpeg(path: Path, content: bytes) -> None:
    """Refuse a JPEG that is cut or damaged; other files pass.

    Raises:
        DataError: It is not whole.
    """
    if not content.startswith(_BEGIN):
        return
    try:
        # an eighth of the size: all data are read, little is computed
        simplejpeg.decode_jpeg(content, 'GRAY', fastdct=True, min_height=1,
                               min_width=1, min_factor=1, strict=True)
    except ValueError as error:
        lost = _LOST.search(str(error))
        if not lost or (lost[1] and int(lost[1]) <= _STRAY):
            return
        raise DataError(
            f'{path}: expected a whole JPEG image, but it is cut or damaged '
            f'({str(error).strip().rstrip(".")}). Replace or remove the file.'
            ) from error
