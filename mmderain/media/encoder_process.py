"""An encoder in a process of its own, whose death costs one segment.

libx265 has ended in a segmentation fault now and then while it was closed,
after dozens of videos in one process (x265 4.2 in the wheel of PyAV 18.1). It
could not be made to do so at will, in 400 videos of 8 and 10 bits of 96x64.
Narrow frames are another matter; see ``encoding``.
"""

import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from mmderain.errors import UserError
from mmderain.media.encoding import Encoding
from mmderain.media.video_encoder import VideoEncoder
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.processes import python_module

# codecs whose encoders have crashed
CRASHES = ('hevc', )


class EncoderDiedError(UserError):
    """The process of an encoder was ended by others, or crashed."""


class EncoderProcess:
    """Writes one video like :class:`VideoEncoder`, in another process.

    Args:
        path: Of the video, MP4.
        info: Size, time base, colours of the frames.
        encoding: Codec and quality.
    """

    def __init__(self, path: Path, info: VideoInfo,
                 encoding: Encoding) -> None:
        self.path = path
        self._encoder = encoding.encoder(info).name
        self._process = subprocess.Popen(
            **python_module(__name__), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # what comes of Ctrl-C is decided here
            start_new_session=True)
        self._send((path, info, encoding))

    def write(self, frame: TimedFrame) -> None:
        """Encode a frame.

        Raises:
            UserError: The file cannot be written, or the process died.
        """
        self._send(frame)

    def close(self) -> None:
        """Finish the file.

        Raises:
            UserError: It cannot be written, or the process died.
        """
        if self._process.stdout.closed:
            return  # it has said why
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        with self._process.stdout as answers:
            answer = answers.read()
        status = self._process.wait()
        if status < 0:
            raise EncoderDiedError(
                f'{self.path}: the encoder {self._encoder} was ended by '
                f'{signal.Signals(-status).name}. What was finished is kept: '
                'add --resume to continue, or choose another --codec.')
        if answer:
            error, reason = pickle.loads(answer)
            raise error from OSError(*reason)
        if status:
            raise UserError(
                f'{self.path}: the process of the encoder {self._encoder} '
                f'ended with status {status}. What was finished is kept: add '
                '--resume to continue, or choose another --codec.')

    def _send(self, content: Any) -> None:
        try:
            pickle.dump(content, self._process.stdin, protocol=5)
            self._process.stdin.flush()
        except BrokenPipeError:
            self.close()  # tells why
            raise


def _main() -> None:
    """Encode what comes until nothing comes; say what goes wrong."""
    # one unpickler for all would take what it remembers of others
    receive = partial(pickle.load, sys.stdin.buffer)
    try:
        encoder = VideoEncoder(*receive())
        try:
            while True:
                encoder.write(receive())
        except EOFError:  # the end, or that of the other process
            pass
        finally:
            encoder.close()
    except UserError as error:
        # FFmpeg's own errors are not for pickling
        cause = error.__cause__
        reason = tuple(getattr(cause, name, None)
                       for name in ('errno', 'strerror'))
        sys.stdout.buffer.write(pickle.dumps((error, reason)))


if __name__ == '__main__':
    _main()
