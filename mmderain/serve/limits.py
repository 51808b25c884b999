"""How much a visitor may ask for, and the words that refuse more."""

from dataclasses import dataclass

from mmderain.errors import DataError, NoSpaceError
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.media.video_info import VIDEO_SUFFIXES

SUFFIXES = (*sorted(VIDEO_SUFFIXES), *IMAGE_SUFFIXES)
_MEGABYTE = 1_000_000
NO_ROOM = ('There is no space left on the server for this file and what is '
           'made of it. Try again later, or a smaller one.')


@dataclass(frozen=True)
class Limits:
    """The most that is taken.

    Args:
        megabytes: Of a file.
        seconds: That a video lasts.
        size: Width and height; other frames may have as many pixels.
        minutes: That a job may take.
        jobs: That wait, run or are being uploaded, of all visitors.
        keep_minutes: After which a result is cleared.
    """

    megabytes: int = 500
    seconds: int = 120
    size: tuple[int, int] = (3840, 2160)
    minutes: int = 60
    jobs: int = 8
    keep_minutes: int = 60

    @property
    def bytes(self) -> int:
        """Of a file."""
        return self.megabytes * _MEGABYTE

    @property
    def pixels(self) -> int:
        """Of a frame."""
        return self.size[0] * self.size[1]

    def check_size(self, size: int) -> None:
        """Refuse a file that is too large, or empty.

        Raises:
            DataError: It is.
        """
        if size > self.bytes:
            raise DataError(
                f'The file is too large: expected {self.megabytes} MB at '
                f'most, got {size / _MEGABYTE:.1f}. Cut it, or encode it '
                'smaller.')
        if size == 0:
            raise DataError('The file is empty. Choose another one.')

    def check_frame(self, width: int, height: int) -> None:
        """Refuse frames that are too large.

        Raises:
            DataError: They are.
        """
        if width * height > self.pixels:
            raise DataError(f'{self._frame_words}, got {width}x{height}. '
                            'Scale it down.')

    def too_large_to_look(self) -> DataError:
        """The error of a picture whose size is not even looked at."""
        return DataError(f'{self._frame_words}, got more. Scale it down.')

    @property
    def _frame_words(self) -> str:
        return ('The picture is too large: expected as many pixels as '
                f'{self.size[0]}x{self.size[1]} has at most')

    def check_seconds(self, seconds: float) -> None:
        """Refuse a video that is too long.

        Raises:
            DataError: It is.
        """
        if seconds > self.seconds:
            raise DataError(
                f'The video is too long: expected {self.seconds} s at most, '
                f'got {seconds:.1f}. Cut it.')

    def check_jobs(self, jobs: int) -> None:
        """Refuse one more job where there are enough.

        Raises:
            NoSpaceError: There are.
        """
        if jobs >= self.jobs:
            raise NoSpaceError(
                f'{jobs} jobs are waiting or running, and this server takes '
                'no more at once. Try again in some minutes.')

    def out_of_time(self) -> DataError:
        """The error of a job that takes too long."""
        return DataError(
            f'It took longer than {self.minutes} minutes, the most that this '
            'server gives a job. Cut the video, or scale it down.')


def known_suffix(name: str) -> str:
    """The suffix by which a file is kept: one of ours, not the visitor's.

    Args:
        name: As the visitor calls the file; it is used for nothing else.

    Raises:
        DataError: It is none that we read.
    """
    for suffix in SUFFIXES:
        if name.lower().endswith(suffix):
            return suffix
    raise DataError('Expected a video or a picture, whose name ends in '
                    f'{", ".join(SUFFIXES)}. Choose another file.')
