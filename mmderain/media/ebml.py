"""The elements of a Matroska or WebM file (RFC 8794 and 9559)."""

from typing import BinaryIO, NamedTuple

EBML, SEGMENT = 0x1A45DFA3, 0x18538067
INFO, CLUSTER = 0x1549A966, 0x1F43B675
CRC, VOID = 0xBF, 0xEC
SCALE, DURATION, TIME = 0x2AD7B1, 0x4489, 0xE7
# beside them SeekHead, Tracks, Cues, Attachments, Chapters and Tags
IN_SEGMENT = frozenset({
    INFO, CLUSTER, CRC, VOID, 0x114D9B74, 0x1654AE6B, 0x1C53BB6B,
    0x1941A469, 0x1043A770, 0x1254C367})
# SimpleBlock, BlockGroup, Position, PrevSize, SilentTracks, EncryptedBlock
IN_CLUSTER = frozenset({
    TIME, CRC, VOID, 0xA3, 0xA0, 0xA7, 0xAB, 0x5854, 0xAF})
LONGEST_HEAD = 12  # bytes


class Element(NamedTuple):
    """An element's start, kind, and content; ``end`` is None if not said."""

    start: int
    kind: int
    content: int
    end: int | None


class BrokenElement(Exception):
    """There is no element where one should be."""


def read_element(file: BinaryIO, place: int) -> Element:
    """Read what stands at a place.

    Raises:
        BrokenElement: It is the head of no element.
    """
    file.seek(place)
    head = file.read(LONGEST_HEAD)
    kind_length = 9 - head[0].bit_length() if head else 9
    if kind_length > 4 or len(head) <= kind_length:
        raise BrokenElement
    first = head[kind_length]
    length = 9 - first.bit_length()
    content = kind_length + length
    if length > 8 or len(head) < content:
        raise BrokenElement
    said = int.from_bytes(head[kind_length:content], 'big')
    said &= (1 << 7 * length) - 1
    is_unknown = said == (1 << 7 * length) - 1
    return Element(place, int.from_bytes(head[:kind_length], 'big'),
                   place + content,
                   None if is_unknown else place + content + said)
