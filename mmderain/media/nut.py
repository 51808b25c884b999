"""What FFmpeg passes over in a NUT file.

Where it is damaged, the demuxer goes on at the next start code. What lies
between the last frame that it took and that code is lost.
"""

from collections.abc import Iterator
from pathlib import Path

from mmderain.media.packets import packets_of
from mmderain.media.video_info import readable_video

# of what stands between frames: headers, syncpoints, information, an index
_START_CODES = tuple(map(bytes.fromhex, (
    '4e4d7a561f5f04ad', '4e5311405bf2f9db', '4e4be4adeeca4569',
    '4e49ab68b596ba78', '4e58dd672f23e64e')))
# more than the head of a frame, which comes before its bytes
_HEAD = 32


def lost_places(path: Path) -> Iterator[tuple[int, str]]:
    """Find what no frame is made of.

    Args:
        path: A NUT file.

    Yields:
        tuple[int, str]: At which byte, and what is wrong.
    """
    end = None
    with readable_video(path) as container, path.open('rb') as file:
        for packet in packets_of(container):
            if not packet.size or packet.pos is None:
                continue
            if end is not None:
                file.seek(end)
                between = file.read(max(0, packet.pos - end))
                if _HEAD < _code_in(between) < len(between):
                    yield end, f'its structure is damaged at byte {end}'
            end = packet.pos + packet.size


def _code_in(content: bytes) -> int:
    """Where the first start code is; the length where there is none."""
    places = (content.find(code) for code in _START_CODES)
    return min((place for place in places if place >= 0),
               default=len(content))
