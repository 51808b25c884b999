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
    PARTLY = 1, ('not all is done, and it is named: videos of an archive '
                 'failed, nobody reads what is printed, or there is a fault '
                 'of mmderain')
    REFUSED = 2, ('it cannot be done: options, inputs, data, configs, '
                  'checkpoints, packages, the disk or the memory')
    STOPPED = 130, ('stopped by Ctrl-C, or asked to end by a signal; what '
                    'was finished is kept')


# what programs are told beside the status; the first that fits
_KINDS = ((NoSpaceError, 'space'), (NoMemoryError, 'memory'),
          (DataError, 'input'))


def kind_of(error: BaseException) -> str:
    """What an error is about, in one word: 'other' or 'fault' if unknown."""
    known = as_user_error(error)
    if known is None:
        return 'fault'
    return next((word for kind, word in _KINDS if isinstance(known, kind)),
                'other')


def exit_table() -> str:
    """What each status means, a line each."""
    return '\n'.join(f'  {status.value:>3}  {status.meaning}'
                     for status in Exit)
