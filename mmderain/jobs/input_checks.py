"""What an input cannot be, and what has to be said of it before the work."""

from collections.abc import Iterator

from mmderain.errors import DataError
from mmderain.media.encoding import Encoding
from mmderain.media.first_frames import count_undecodable
from mmderain.media.frame_source import FrameSource
from mmderain.media.frame_times import clock_restart, count_steps_back
from mmderain.media.left_out import passed_over
from mmderain.media.losses import image_losses, losses, turn_losses
from mmderain.restorer import Restorer


def check_whole_frames(source: FrameSource) -> None:
    """Refuse frames that are woven of two fields.

    Raises:
        DataError: They are.
    """
    if source.info.is_interlaced:
        path = source.path
        raise interlaced(f'{path}', f'-i {path} -vf bwdif -c:v ffv1 -c:a copy '
                         f'{path.stem}.progressive.mkv')


def interlaced(name: str, how: str) -> DataError:
    """What is said of frames that are woven of two fields.

    Args:
        name: Of the source.
        how: What ffmpeg is told to mend it.
    """
    return DataError(
        f'{name}: expected whole frames, but they are woven of two '
        'fields (interlaced), which no derainer here takes apart. '
        f'De-interlace it first: ffmpeg {how}')


def check_clock(source: FrameSource) -> None:
    """Refuse a video whose clock begins anew.

    Raises:
        DataError: It does.
    """
    before = clock_restart(source.path) if source.is_video else None
    if before is not None:
        path = source.path
        raise DataError(
            f'{path}: expected one clock, but it begins anew after {before} '
            'frames, as in recordings that were joined end to end. Give it '
            f'one, with the sound in its place: ffmpeg -i {path} -map 0 '
            f'-c copy {path.stem}.one_clock.mkv')


def notes_on_input(source: FrameSource, restorer: Restorer, has_start: bool,
                   written: tuple[Encoding, str] | None) -> Iterator[str]:
    """What a user has to know of an input.

    Args:
        source: The input.
        restorer: Restores its frames.
        has_start: Whether the output begins later.
        written: How the output is encoded, and FFmpeg's name of its
            container; None where it is images.
    """
    if has_start and restorer.keeps_state:
        yield (f'{restorer.name} with running=True keeps a state from '
               'frame to frame: all frames before --start are restored, too, '
               'so that those that are written are those of the whole clip.')
    if source.num_frames is not None:
        yield from _notes_on_length(source.num_frames, restorer)
    if not source.info.says_rate:
        path = source.path
        yield (f'{path}: a rate is not said in it: it is given '
               f'{float(source.info.rate):g} frames a second. If that is '
               f'wrong, give it one: ffmpeg -framerate RATE -i {path} -c copy '
               f'{path.stem}.with_rate.mp4')
    encoding, muxer = written or (None, None)
    yield from losses(source.info, encoding)
    yield from turn_losses(source.info, muxer)
    if source.is_video:
        if steps := count_steps_back(source.path):
            yield (f'{source.path}: its time stamps go back {steps} time(s): '
                   'no frame is left out, and each is shown right after the '
                   'one that is stored before it')
        if not has_start:
            yield from _notes_on_beginning(source)
    if source.images:
        yield from image_losses(source.images[0])
        yield from passed_over(source.path, source.files)


def _notes_on_beginning(source: FrameSource) -> Iterator[str]:
    lost = count_undecodable(source.path)
    if lost:
        yield (f'left out: the first {lost} frames '
               f'({float(lost / source.info.rate):.2f} s), which cannot be '
               'decoded, as the recording begins after the picture that they '
               'build on')


def _notes_on_length(count: int, restorer: Restorer) -> Iterator[str]:
    """Of the first network that needs more frames than there are."""
    short = next((stage for stage in restorer.stages
                  if count < stage.window_length), None)
    if short is None:
        return
    there = (f'{short.window_length} frames in all, but there '
             f'{"is" if count == 1 else "are"} {count}')
    if short.finds_drops:
        yield (f'{short.name} finds drops on the lens by what moves behind '
               f'them, in {there}: drops stay.')
    else:
        yield (f'{short.name} restores a frame with the help of its '
               f'neighbours, {there}: little or no rain will go. For single '
               'images take weights of a method for images, such as '
               'attentive_gan (--checkpoint).')
