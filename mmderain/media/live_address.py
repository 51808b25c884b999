"""What is named as live, and in exactly which spellings.

All else is a path, whatever it looks like: FFmpeg would take ``concat:`` and
many others for orders to open something else. Nothing here imports PyAV.
"""

import re
from dataclasses import dataclass

PIPE = '-'
CAMERA = 'v4l2'
_SPELLINGS = re.compile(
    r'(?P<pipe>-)|(?P<scheme>rtsp|rtmp|udp|https?)://[^\s/]\S*'
    r'|(?P<camera>v4l2):(?P<device>/dev/video\d{1,3})')
_PASSWORD = re.compile(r'(://[^/@\s:]*):[^/\s]*@')
# which protocols of FFmpeg one may lead to; never to files
_PROTOCOLS = dict(
    rtsp=('rtsp', 'rtp', 'tcp', 'udp'), rtmp=('rtmp', 'tcp'), udp=('udp', ),
    http=('http', 'tcp', 'https', 'tls', 'crypto'))
# that only receive, and have nothing to be sent to
_INPUTS = (CAMERA, )
# what comes as it happens, and is in no store; not all of it is received
NEVER_STORED = frozenset({
    'rtsp', 'rtsps', 'rtmp', 'rtmps', 'rtp', 'srtp', 'srt', 'udp', 'tcp',
    'rist', 'mms', 'mmsh', 'mmst', 'sdp', 'v4l2', 'whip', 'ws', 'wss'})
# containers that are sent there where nothing is said
_SENT = dict(rtsp='rtsp', rtmp='flv', udp='mpegts', http='mpegts',
             pipe='y4m')


@dataclass(frozen=True)
class LiveAddress:
    """A pipe, a camera, or an address in a network.

    Args:
        text: As it was typed.
        kind: 'pipe', 'v4l2', 'rtsp', 'rtmp', 'udp' or 'http'.
        ffmpeg_name: As FFmpeg takes it; of a pipe the side that is read.
    """

    text: str
    kind: str
    ffmpeg_name: str

    @classmethod
    def parse(cls, text: str) -> 'LiveAddress | None':
        """What a text names; None for a path."""
        match = _SPELLINGS.fullmatch(text)
        if match is None:
            return None
        if match['pipe']:
            return cls(text, 'pipe', 'pipe:0')
        if match['camera']:
            return cls(text, CAMERA, match['device'])
        return cls(text, match['scheme'].removesuffix('s'), text)

    def __str__(self) -> str:
        """As it is named in messages, without a password."""
        return _PASSWORD.sub(r'\1:...@', self.text)

    @property
    def name(self) -> str:
        """What it is called as the input of a sentence."""
        return 'the pipe' if self.kind == 'pipe' else str(self)

    @property
    def is_network(self) -> bool:
        """Whether others are at its end, who may fall silent."""
        return self.kind in _PROTOCOLS

    @property
    def is_input_only(self) -> bool:
        """Whether nothing can be sent there."""
        return self.kind in _INPUTS

    @property
    def protocols(self) -> str:
        """Those that FFmpeg may use, as its option takes them."""
        return ','.join(_PROTOCOLS.get(self.kind, (self.kind, )))

    @property
    def default_format(self) -> str:
        """The container that is sent there where nothing is said."""
        return _SENT[self.kind]
