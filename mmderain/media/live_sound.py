"""What a header says of sound that says it in every packet instead.

AAC in a transport stream begins each packet with a header of its own (ADTS,
ISO/IEC 13818-7). Other containers say it once, before everything, and where
they cannot go back it has to be known then.
"""

_ADTS_LENGTH = 7


def sound_header(codec: str, packet: bytes) -> bytes | None:
    """The configuration of AAC (ISO/IEC 14496-3) by a packet's own header.

    Args:
        codec: FFmpeg's name.
        packet: A packet of the stream.

    Returns:
        bytes | None: None where the packet says nothing.
    """
    if (codec != 'aac' or len(packet) < _ADTS_LENGTH
            or int.from_bytes(packet[:2], 'big') & 0xFFF0 != 0xFFF0):
        return None
    head = int.from_bytes(packet[2:4], 'big')
    kind, rate, channels = head >> 14, head >> 10 & 0xF, head >> 6 & 0x7
    return (kind + 1 << 11 | rate << 7 | channels << 3).to_bytes(2, 'big')
