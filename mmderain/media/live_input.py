"""Opens what is live, or a file as if it were."""

import errno
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av

from mmderain.errors import DataError
from mmderain.file_kinds import no_file
from mmderain.media.live_address import CAMERA, LiveAddress
from mmderain.media.video_info import (
    DEMUXERS,
    ONLY_FILES,
    ffmpeg_name,
    video_stream,
)
from mmderain.media.video_pages import instead_of_page
from mmderain.media.watched_pipe import WatchedPipe

_MICROSECONDS = 1_000_000
# how long FFmpeg looks at what comes before it says what it is; what comes
# meanwhile comes at once then
_LOOKED_AT = _MICROSECONDS
# containers of pictures that no recording has, and a list of pieces
_NETWORK_DEMUXERS = (*DEMUXERS, 'mpjpeg', 'hls', 'aac', 'webvtt')
_ENDLESS = ('rtsp', 'rtmp', 'udp', CAMERA)
_TRIES = 5
# how videos begin, in their first bytes
_SIGNS = {'Y4M': b'YUV4MPEG2 ', 'Matroska': b'\x1aE\xdf\xa3', 'MP4': b'ftyp',
          'FLV': b'FLV\x01'}
_SIGNED = 12

Origin = LiveAddress | Path


@dataclass(frozen=True)
class LiveInput:
    """What is received, and how.

    Args:
        origin: From where; a file has its own pace and is never dropped.
        size: Width and height of raw pictures, or that a camera is asked for.
        rate: Frames per second, likewise.
        pixel_format: FFmpeg's name, likewise.
        timeout: Seconds of silence after which a network is given up.
        reconnections: How often one that was lost is tried again in a row;
            a few times when None.
    """

    origin: Origin
    size: tuple[int, int] | None = None
    rate: Fraction | None = None
    pixel_format: str | None = None
    timeout: float = 10
    reconnections: int | None = None

    @property
    def name(self) -> str:
        """Of it in messages."""
        origin = self.origin
        return origin.name if isinstance(origin, LiveAddress) else str(origin)

    @property
    def kind(self) -> str:
        """That of the address, or 'file'."""
        return getattr(self.origin, 'kind', 'file')

    @property
    def is_network(self) -> bool:
        """Whether others are at its end, who may fall silent."""
        return getattr(self.origin, 'is_network', False)

    @property
    def waits(self) -> float | None:
        """Seconds that may pass without anything; None for no limit."""
        return self.timeout if self.is_network or self.kind == CAMERA else None

    def open(self, pipe: WatchedPipe | None = None
             ) -> av.container.InputContainer:
        """Connect to it.

        Args:
            pipe: Through which it is read, where it is one.

        Raises:
            DataError: Nothing answers, or it is no video.
        """
        if self.kind == 'file' and (problem := no_file(self.origin)):
            raise DataError(f'{self.origin}: expected a video, but {problem}. '
                            'Name another file; "-" stands for a pipe.')
        name = (self.origin.ffmpeg_name
                if isinstance(self.origin, LiveAddress)
                else ffmpeg_name(self.origin))
        try:
            container = av.open(pipe or name, format=self._demuxer,
                                options=self._options, timeout=self.waits)
        except (av.error.FFmpegError, ValueError) as error:
            raise self.failed(error) from error
        if video_stream(container) is None:
            container.close()
            raise DataError(f'{self.name}: expected a video, but there are no '
                            'pictures in what comes. Name another source.')
        return container

    def check_raw(self, packet: av.Packet) -> None:
        """Refuse a video where raw pictures are said to come.

        Args:
            packet: The first.

        Raises:
            DataError: It says its size itself; its bytes are no pictures.
        """
        if self._demuxer != 'rawvideo':
            return
        begin = bytes(packet)[:_SIGNED]
        kind = next((name for name, sign in _SIGNS.items() if sign in begin),
                    None)
        if kind is not None:
            raise DataError(
                f'{self.name}: expected raw pictures, as --size says, but '
                f'what comes is {kind}, which says its size itself. Leave out '
                '--size, --fps and --pix-fmt.')

    def is_endless(self, container: av.container.InputContainer) -> bool:
        """Whether frames come at their own time, and will not wait."""
        if self.kind in _ENDLESS:
            return container.duration is None
        return (self.kind == 'http' and container.format.name != 'hls'
                and container.duration is None and container.size <= 0)

    @property
    def most_tries(self) -> int:
        """How often a connection that was lost is tried again in a row."""
        return _TRIES if self.reconnections is None else self.reconnections

    @property
    def may_come_back(self) -> bool:
        """Whether a sender that has closed is tried again.

        A camera does not end. What comes by HTTP does, unless more is asked
        for.
        """
        return self.kind in ('rtsp', 'rtmp') or (
            self.kind == 'http' and bool(self.reconnections))

    def is_end(self, error: Exception) -> bool:
        """Whether FFmpeg's error is how an HTTP server has closed.

        Where the length was never said, FFmpeg takes that for an error.
        """
        return self.kind == 'http' and getattr(error, 'errno', 0) == errno.EIO

    def reason(self, error: BaseException) -> str:
        """Why nothing comes any more, in a few words."""
        if isinstance(error, av.error.ExitError | TimeoutError):
            return f'nothing for {self.timeout:g} s'
        return getattr(error, 'strerror', None) or str(error)

    @property
    def _demuxer(self) -> str | None:
        if self.kind in ('rtsp', CAMERA):
            return self.kind
        return 'rawvideo' if self.size else None

    @property
    def _options(self) -> dict[str, str]:
        options = dict(ONLY_FILES) if self.kind == 'file' else {}
        if self.kind == 'pipe':
            options.update(protocol_whitelist='pipe', format_whitelist=(
                ','.join((*DEMUXERS, 'rawvideo'))))
        elif self.is_network:
            options.update(
                protocol_whitelist=self.origin.protocols,
                format_whitelist=','.join((*_NETWORK_DEMUXERS, 'rtsp')),
                analyzeduration=str(_LOOKED_AT))
        if self.kind == 'rtsp':
            # where only one of the two ways gets through, it is this one
            options['rtsp_flags'] = 'prefer_tcp'
        raw = dict(video_size=self.size and '{}x{}'.format(*self.size),
                   framerate=self.rate and str(self.rate))
        raw['input_format' if self.kind == CAMERA else 'pixel_format'] = (
            self.pixel_format)
        options.update({key: value for key, value in raw.items() if value})
        return options

    @property
    def _if_page(self) -> str:
        if self.kind != 'http':
            return ''
        return (' If it is a page that shows a video, '
                + instead_of_page(self.name))

    def failed(self, error: Exception) -> DataError:
        """What is said of an error of FFmpeg."""
        said = getattr(error, 'strerror', None) or str(error)
        if isinstance(error, av.error.ExitError | TimeoutError):
            return DataError(
                f'nothing comes from {self.name}: no word within '
                f'{self.timeout:g} s. Check the address and whether the '
                'sender runs, or wait longer (--timeout).')
        if isinstance(error, ConnectionRefusedError):
            return DataError(f'nothing answers at {self.name} (connection '
                             'refused): check the address and whether the '
                             'server runs.')
        if isinstance(error, av.error.HTTPUnauthorizedError):
            return DataError(
                f'{self.name} asks for a name and a password: write them into '
                f'the address, {self.kind}://NAME:PASSWORD@HOST/...')
        if self.kind == 'pipe':
            # whatever FFmpeg calls it, it has been read
            return DataError(
                f'{self.name}: expected a video, but nothing comes, or none '
                'that is known. Check what writes it. Of raw pictures nobody '
                'can tell: add --size WxH --fps F --pix-fmt P.'
                if self.size is None else
                f'{self.name}: {self.pixel_format} is not what raw pictures '
                f'come in ({said}). Choose another --pix-fmt.')
        if isinstance(error, av.error.InvalidDataError):
            return DataError(f'{self.name}: expected a video, but what comes '
                             f'is none that is known ({said}).'
                             + self._if_page)
        hint = ('Check the name and the permissions of the device'
                if self.kind == CAMERA else
                'Check the address' if self.is_network else
                'Check what writes it')
        return DataError(f'{self.name} cannot be received ({said}). {hint}.'
                         + self._if_page)
