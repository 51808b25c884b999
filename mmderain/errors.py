"""The errors that the package raises for what a user can fix."""

import errno

NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# as PyTorch, OpenCV and the linker say it, in errors of kinds of their own
_NO_MEMORY_NUMBERS = (errno.ENOMEM, errno.EAGAIN)  # no memory, or no thread
_NO_MEMORY = ("can't allocate memory", 'out of memory', 'OutOfMemoryError',
              'failed to map segment')
# what to do about what the system says
_REMEDIES = {
    errno.ENOENT: 'Fix the path.',
    errno.EACCES: 'Change the permissions or choose another place.',
    errno.EPERM: 'Change the permissions or choose another place.',
    errno.EROFS: 'Choose a place on another disk.',
    errno.EISDIR: 'Name a file instead of a folder.',
    errno.ENOTDIR: 'A part of the path is a file: fix the path.',
    errno.EEXIST: 'Choose another name.',
    errno.ENOTEMPTY: 'Choose another name.',
    errno.ENAMETOOLONG: 'Choose a shorter name.',
    errno.ELOOP: 'Its links lead in a circle: fix them.',
    errno.EMFILE: 'Allow more open files (ulimit -n).',
    errno.EIO: 'The disk may be failing.',
    errno.ENOSPC: 'Free some space.',
    errno.EDQUOT: 'Remove files of yours, or have your quota raised.',
    errno.EFBIG: 'Raise the limit of files (ulimit -f unlimited), or choose '
                 'a disk that takes larger ones.',
}


class UserError(Exception):
    """Something outside the code is wrong: a file, an option, an install.

    The message says what was expected, what came, which file or key, and what
    to do. The commands print it without a traceback.
    """


class UnwrittenError(UserError):
    """A file cannot be written, or not completely."""


class NoSpaceError(UnwrittenError):
    """A file was not written completely, and the disk or a limit is why."""


class NoMemoryError(UserError):
    """There is too little memory for what is asked."""


class ConfigError(UserError):
    """A config asks for something that cannot work."""


class DataError(UserError):
    """A data set or a file in it cannot be used."""


class CheckpointError(UserError):
    """A checkpoint cannot be read or does not fit the model."""


class PackagesError(UserError, ImportError):
    """Packages are missing, or do not work together."""


class DivergedError(UserError):
    """A loss or a restored frame is not finite: the weights are useless."""

    @classmethod
    def in_frame(cls, place: str) -> 'DivergedError':
        """The error for a frame restored to values that are not finite.

        Args:
            place: Which frame, counted from 0.
        """
        return cls(f'The network restores {place} (counted from 0) to values '
                   'that are not finite. Its weights have diverged, or half '
                   'precision is too coarse for them: use an earlier '
                   'checkpoint, or float32.')


def remedy(error: OSError) -> str:
    """What to do about an error of the system; empty where nobody knows."""
    return _REMEDIES.get(error.errno, '')


def as_user_error(error: BaseException) -> UserError | None:
    """Make an error that nothing nearer has caught one for a user.

    Returns:
        UserError | None: None where it is a fault of mmderain.
    """
    if isinstance(error, UserError):
        return error
    if isinstance(error, MemoryError) or getattr(
            error, 'errno', None) in _NO_MEMORY_NUMBERS or any(
            words in str(error) for words in _NO_MEMORY):
        return NoMemoryError(
            'There is too little memory. Work on less at once: smaller '
            'frames, tiles or batches, or fewer workers.')
    if _has_lost_a_process(error):
        return UserError(
            'Another process of this training has ended, so that this one '
            'cannot go on. See above, or its own log, for why.')
    if isinstance(error, UnicodeEncodeError):
        return UserError(
            f'{error.object!r}: expected a name in UTF-8, got bytes that '
            'are not. Rename the file.')
    if isinstance(error, OSError):
        where = error.filename2 or error.filename
        place = f'{where}: ' if where is not None else ''
        kind = NoSpaceError if error.errno in NO_SPACE else UserError
        # what libraries raise has a text of its own
        return kind(f'{place}{error.strerror or error}. {remedy(error)}'
                    .rstrip())
    return None


def _has_lost_a_process(error: BaseException) -> bool:
    """Whether it is gloo's or NCCL's of a process that is there no more."""
    return isinstance(error, RuntimeError) and (
        'gloo/transport' in str(error)
        or type(error).__name__ == 'DistBackendError')


def explain(error: BaseException) -> str | None:
    """Say what a user can do about an error that nothing nearer has caught.

    Returns:
        str | None: None where it is a fault of mmderain.
    """
    known = as_user_error(error)
    return None if known is None else str(known)


def fault(error: BaseException) -> str:
    """Say that an error is a fault of mmderain."""
    return (f'This is a fault of mmderain, not of your files or options: '
            f'{type(error).__name__}: {error}. Please report it with the '
            'command, all that it says, and what "mmderain env" prints.')
