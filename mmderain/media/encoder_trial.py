"""Whether frames can be encoded and stored as asked, found out beforehand.

What encoders and containers take depends on the size, the pixel format, the
options and on both together, and nobody has a list of it; so a few frames are
written. Some encoders neither take nor refuse a size but never come back, or
crash; those are tried in a process of their own.
"""

import pickle
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from mmderain.errors import DataError, NoSpaceError, UserError
from mmderain.media.encoding import Encoding
from mmderain.media.understood_options import OptionError, check_understood
from mmderain.media.video_info import TimedFrame, VideoInfo
from mmderain.media.video_sink import VideoSink
from mmderain.processes import python_module

_FRAMES = 3
# SVT-AV1 4.1 waits for ever at some sizes, such as 128x16 and 16x8193
_MAY_HANG = ('av1', )
# more than the slowest preset needs for these frames, but for huge ones
_SECONDS = 30
_SECONDS_A_MEGAPIXEL = 30
_NO_SPACE = 28  # what a process of its own exits with then


def check_encoding(info: VideoInfo, encoding: Encoding, target: Path) -> None:
    """Write a few frames as they will be written; once for each kind.

    Args:
        info: Size, time base, colours of the frames.
        encoding: Codec and quality.
        target: Its suffix names the container; nothing is written there.

    Raises:
        UserError: They cannot be encoded, or not be stored.
    """
    # what differs from video to video does not matter here
    kind = replace(info, num_frames=None, end=None, clock=Fraction(0))
    problem = _problem(kind, encoding, target.suffix)
    if problem is not None:
        raise UserError(f'{target}: {problem}')


@cache
def _problem(info: VideoInfo, encoding: Encoding, suffix: str) -> str | None:
    # of most of those that users name nobody has tried much
    if encoding.named is not None or encoding.codec_for(info) in _MAY_HANG:
        return _problem_apart(info, encoding, suffix)
    return _tried(info, encoding, suffix)


def _problem_apart(info: VideoInfo, encoding: Encoding, suffix: str
                   ) -> str | None:
    """Try it in a process that does not outlive its time."""
    seconds = _SECONDS + round(
        _SECONDS_A_MEGAPIXEL * info.width * info.height / 1e6)
    done = subprocess.run(
        **python_module(__name__),
        input=pickle.dumps((info, encoding, suffix, seconds)),
        capture_output=True, check=False)
    if not done.returncode:
        return done.stdout.decode() or None
    if done.returncode == _NO_SPACE:
        raise NoSpaceError(done.stdout.decode())
    if done.returncode == -signal.SIGALRM:
        how = f'was not done with {_FRAMES} of them after {seconds} s'
    elif done.returncode < 0:
        how = f'was ended by {signal.Signals(-done.returncode).name}'
    else:
        said = done.stderr.decode(errors='replace').strip().splitlines()
        how = f'failed ({"".join(said[-1:])})'
    return (f'the encoder was tried with {encoding.describe(info)} and {how}. '
            f'{encoding.other(info)}')


def _tried(info: VideoInfo, encoding: Encoding, suffix: str) -> str | None:
    """Write a video of a few frames in this process; what goes wrong."""
    if encoding.named_options:
        check_understood(info, encoding)
    height, width = info.upright_size
    image = np.empty((height, width, 3), np.uint8)
    image[:] = (np.arange(width) % 256)[:, None]
    with TemporaryDirectory(prefix='mmderain-') as folder:
        sink = VideoSink(Path(folder), Path(folder, f'trial{suffix}'), info,
                         encoding)
        try:
            sink.begin(0)
            for number in range(_FRAMES):
                sink.write(TimedFrame(image, number, 1, number), '')
            sink.end(0)
        # what no segment can hold has no class of its own
        except (UserError, ValueError) as error:
            with suppress(UserError):  # the first error is the one to tell
                sink.abandon()
            if isinstance(error, NoSpaceError):  # for temporary files
                raise
            return (f'the encoder fails with {encoding.describe(info)} '
                    f'({_reason(error)}). {encoding.other(info)}')
        try:
            sink.join([Fraction(0)], [_FRAMES])
        except NoSpaceError:
            raise
        # the muxer's own refusal has no class of its own
        except (UserError, ValueError) as error:
            return (f'a {suffix} file cannot hold {encoding.describe(info)} '
                    f'({_reason(error)}). {_other(suffix)}')
    return None


def _other(suffix: str) -> str:
    if suffix.lower() == '.webm':
        return ('Such a file holds VP9 and AV1: --encoder libvpx-vp9, or '
                '--codec av1.')
    return ('Write another kind of file, such as .mkv, or choose another '
            '--codec.')


def _reason(error: UserError | ValueError) -> str:
    """What FFmpeg says, without the name of the file that was tried."""
    cause = error.__cause__
    # written without a complaint; it is not the disk
    if isinstance(error, UserError) and (
            cause is None or isinstance(cause, DataError)):
        return 'what is written cannot be read again'
    if not isinstance(cause, av.error.FFmpegError | OSError | ValueError):
        return str(error)
    return getattr(cause, 'strerror', None) or str(cause)


def _main() -> None:
    info, encoding, suffix, seconds = pickle.load(sys.stdin.buffer)
    # the system ends the process then, whatever it is waiting for
    signal.alarm(seconds)
    try:
        sys.stdout.write(_tried(info, encoding, suffix) or '')
    except OptionError as error:
        sys.stdout.write(str(error))
    except NoSpaceError as error:
        sys.stdout.write(str(error))
        sys.exit(_NO_SPACE)


if __name__ == '__main__':
    _main()
