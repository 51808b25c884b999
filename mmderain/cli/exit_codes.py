"""How commands end: one number for each kind of end."""

from enum import IntEnum

from mmderain.errors import (
    DataError,
    NoMemoryError,
    NoSpaceError,
    as_user_error,
)


class Exit(IntEnum):
    """The exit status of every command, and what it means."""

    meaning: str

    def __new__(cls, number: int, meaning: str) -> 'Exit':
        """A number that knows what it means."""
        member = int.__new__(cls, number)
        member._value_ = number
        member.meaning = meaning
        return member

    DONE = 0, 'all is done'
    PARTLY = 1, ('done, but for what is named: videos of an archive failed, '
                 'or words could not be printed')
    REFUSED = 2, ('it cannot be done as asked: options, paths, configs, '
                  'checkpoints, packages, or an output is in the way')
    BAD_INPUT = 3, ('an input or data cannot be used: missing, damaged, or '
                    'not what is expected')
    NO_SPACE = 4, 'the disk is full, or a limit of files is reached'
    NO_MEMORY = 5, 'there is too little memory'
    FAULT = 70, 'a fault of mmderain, which says so; please report it'
    STOPPED = 130, ('stopped by Ctrl-C, or asked to end by a signal; what '
                    'was finished is kept')
    UNREAD = 141, 'nobody reads what is printed, as behind "head"'


# the first that fits
_OF_ERRORS = ((NoSpaceError, Exit.NO_SPACE), (NoMemoryError, Exit.NO_MEMORY),
              (DataError, Exit.BAD_INPUT))


def exit_of(error: BaseException) -> Exit:
    """The status for an error."""
    known = as_user_error(error)
    if known is None:
        return Exit.FAULT
    return next((status for kind, status in _OF_ERRORS
                 if isinstance(known, kind)), Exit.REFUSED)


def exit_table() -> str:
    """What each status means, a line each."""
    return '\n'.join(f'  {status.value:>3}  {status.meaning}'
                     for status in Exit)
