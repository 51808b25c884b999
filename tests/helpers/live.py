"""Live pictures on this machine alone: what sends them, and what restores."""

import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np

from mmderain.jobs.display import Bars
from mmderain.restorer import DerainedFrame
from mmderain.windows.stream import StreamSpec
from mmderain.windows.windows import WindowSpec
from tests.helpers.videos import pictures

RATE = 30
_SOUND_RATE, _SAMPLES = 48000, 1024
_DRIB = 1316  # bytes, seven packets of a transport stream


def write_live(path: Path, count: int, b_frames: int = 0) -> Path:
    """Pictures with sound, a key frame every fifth."""
    with av.open(str(path), 'w') as container:
        video = container.add_stream('libx264', rate=RATE)
        video.height, video.width, video.pix_fmt = 48, 64, 'yuv420p'
        video.codec_context.max_b_frames = b_frames
        video.codec_context.gop_size = 5
        sound = container.add_stream('aac', rate=_SOUND_RATE, layout='mono')
        container.start_encoding()
        heard = 0
        for index, image in enumerate(pictures(count)):
            frame = av.VideoFrame.from_ndarray(image, format='rgb24')
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(video.encode(frame))
            while heard * _SAMPLES * RATE < (index + 1) * _SOUND_RATE:
                noise = np.random.default_rng(heard).normal(
                    0, .1, (1, _SAMPLES)).astype(np.float32)
                part = av.AudioFrame.from_ndarray(noise, 'fltp', 'mono')
                part.sample_rate, part.pts = _SOUND_RATE, _SAMPLES * heard
                container.mux(sound.encode(part))
                heard += 1
        container.mux(video.encode())
        container.mux(sound.encode())
    return path


class Noted(Bars):
    """Shows nothing, and keeps what a user should know."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(has_bars=False)
        self.note = said.append


@contextmanager
def served(*connections: bytes, then: str = 'end', pause: float = 0
           ) -> Iterator[str]:
    """An HTTP server that sends dribs; its address.

    Args:
        connections: What each gets, one after the other; later ones are
            refused.
        then: 'end'; 'cut', to break each connection but the last; 'close',
            to leave it within a part; 'silence', to leave all open.
        pause: Seconds between two dribs.
    """
    left = deque(connections)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'

        def do_GET(self) -> None:
            if not left:
                self.send_error(404)
                return
            content = left.popleft()
            self.send_response(200)
            self.send_header('Transfer-Encoding', 'chunked')
            self.end_headers()
            for place in range(0, len(content), _DRIB):
                drib = content[place:place + _DRIB]
                try:
                    self.wfile.write(b'%x\r\n%s\r\n' % (len(drib), drib))
                except ConnectionError:
                    return  # nobody wants more
                time.sleep(pause)
            if then == 'silence':
                over.wait()
            if then in ('cut', 'close') and left:
                self.close_connection = True
                if then == 'cut':
                    time.sleep(0.2)  # what is on its way would be lost, too
                    self.connection.setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER,
                        struct.pack('ii', 1, 0))
                    self.connection.close()
                return
            self.wfile.write(b'0\r\n\r\n')

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f'http://127.0.0.1:{server.server_port}/live.ts'
        finally:
            over.set()
            server.shutdown()


@contextmanager
def taken(answer: int = 200) -> Iterator[tuple[str, bytearray]]:
    """An HTTP server that takes what is sent; its address, and what came.

    Args:
        answer: Status in the end.
    """
    came = bytearray()

    class Handler(BaseHTTPRequestHandler):

        def do_POST(self) -> None:
            while length := int(self.rfile.readline(), 16):
                came.extend(self.rfile.read(length))
                self.rfile.readline()
            self.send_response(answer)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f'http://127.0.0.1:{server.server_port}/live', came
        finally:
            server.shutdown()


class Unchanged:
    """Restores nothing, but lets frames wait as if it did.

    Args:
        frames: For which a frame waits.
        seconds: That each takes.
        name: In messages.
    """

    window_length, finds_drops = 1, False

    def __init__(self, frames: int = 0, seconds: float = 0,
                 name: str = 'unchanged') -> None:
        self.frames, self.seconds, self.name = frames, seconds, name
        self.backend = SimpleNamespace(spec=self.spec)
        self.stages = (self, )

    def spec(self, *size: object) -> StreamSpec:
        return StreamSpec(WindowSpec(1))

    def fit_tile(self, height: int, width: int) -> None:
        return None

    def stream(self, frames, spec, with_maps=False):
        waiting = deque()
        for frame in frames:
            waiting.append(frame)
            if len(waiting) > self.frames:
                time.sleep(self.seconds if frame.image.shape[0] == 48 else 0)
                yield self._result(waiting.popleft())
        while waiting:
            yield self._result(waiting.popleft())

    @staticmethod
    def _result(frame) -> DerainedFrame:
        return DerainedFrame(frame, frame.image, {})
