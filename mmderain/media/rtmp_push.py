"""Sends to an RTMP server from a process of its own.

FFmpeg waits for such a server without any limit, and PyAV keeps all of Python
waiting with it, signals included; a process can be ended.
"""

import pickle
import select
import subprocess
import sys
import time
from contextlib import suppress

import av

from mmderain.media.patient_pipe import LOOK, PatientPipe
from mmderain.processes import python_module

_CONNECTED = b'!'


class RtmpPush(PatientPipe):
    """What FLV is written into.

    Args:
        address: ``rtmp://``.
        timeout: Seconds after which a server is given up that says or takes
            nothing.
    """

    def __init__(self, address: str, timeout: float) -> None:
        self._timeout = timeout
        self._is_connected = False
        self._began: float | None = None
        self._process = subprocess.Popen(
            **python_module(__name__, address), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            # what comes of Ctrl-C is decided here
            start_new_session=True)
        super().__init__(self._process.stdin.fileno(), timeout)

    def write(self, content: bytes) -> int:
        """Send a part.

        Raises:
            OSError: Nobody takes it.
        """
        self._began = self._began or time.monotonic()
        try:
            self._look()
            return super().write(content)
        except BrokenPipeError as error:
            raise self._answer() from error

    def _look(self) -> None:
        """See whether it is connected by now."""
        answers = self._process.stdout
        if self._is_connected:
            return
        if select.select([answers], [], [], 0)[0]:
            if answers.read(1) != _CONNECTED:
                raise BrokenPipeError
            self._is_connected = True
        elif time.monotonic() - self._began > self._timeout:
            raise TimeoutError('no word')

    def finish(self) -> None:
        """Send the end, and wait until it is taken.

        Raises:
            OSError: It is not.
            InterruptedError: Nor soon after the user wants to stop.
        """
        self._process.stdin.close()
        began = time.monotonic()
        while self._process.poll() is None:
            self._check_patience(time.monotonic() - began)
            time.sleep(LOOK)
        if self._process.returncode:
            raise self._answer()

    def _answer(self) -> OSError:
        """Why the process has ended."""
        answer = self._process.stdout.read().removeprefix(_CONNECTED)
        with suppress(pickle.UnpicklingError, EOFError):
            return OSError(*pickle.loads(answer))
        return OSError(None, 'what sends to it has ended')

    def close(self) -> None:
        """Hang up."""
        super().close()
        if not self._process.stdin.closed:
            with suppress(OSError):
                self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()


def _send(address: str) -> None:
    """Send what comes on standard input."""
    # what it is stands at its beginning
    with av.open('pipe:0', format='flv', options={
            'analyzeduration': '1000000'}) as source, av.open(
            address, 'w', format='flv') as target:
        streams = {stream.index: target.add_stream_from_template(stream)
                   for stream in source.streams}
        target.start_encoding()
        sys.stdout.buffer.write(_CONNECTED)
        sys.stdout.flush()
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux_one(packet)


if __name__ == '__main__':
    try:
        _send(sys.argv[1])
    except (av.error.FFmpegError, OSError) as reason:
        sys.stdout.buffer.write(pickle.dumps(
            (reason.errno, reason.strerror or str(reason))))
        sys.exit(1)
