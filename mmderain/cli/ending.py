"""What a command says at its end, and what errors mean there."""

import os
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress

from mmderain.cli.exit_codes import Exit
from mmderain.cli.printing import PatientStream
from mmderain.errors import PackagesError, explain
from mmderain.packages import check_versions, require_packages


def all_printed(status: int, streams: Iterable[PatientStream]
                ) -> tuple[int, str]:
    """The status of a command that is done, or that its words are lost.

    It may be that of another program, which ``dist_train.sh`` has started.
    """
    for stream in streams:
        stream.flush()
        if stream.lost is not None:  # as of a full disk behind `> log`
            return status or Exit.PARTLY, (
                'all is done, but what was to be printed cannot be written: '
                f'{stream.lost.strerror}.')
    return status, ''


def with_working_packages(command: Callable[[], int | None]) -> int | None:
    """Run a command; a package that is missing is named with its remedy."""
    try:
        return command()
    except PackagesError:
        raise
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name:
            require_packages([error.name.partition('.')[0]])
        check_versions()
        raise


def end_beside_others(status: int) -> None:
    """End at once after an error, where several processes train or test.

    The others may be waiting for this one in gloo, whose threads abort it now
    and then where Python ends it in its own way; its status would be lost.
    """
    distributed = sys.modules.get('torch.distributed')
    if (distributed is not None and distributed.is_initialized()
            and distributed.get_world_size() > 1):
        _leave(status)


def end_beside_receivers(status: int) -> None:
    """End at once where a thread still waits for live pictures.

    All is written by then, and a sender may be silent for a long time.
    """
    receiver = sys.modules.get('mmderain.media.receiver')
    if receiver is not None and receiver.Receiver.is_any_waiting():
        _leave(status)


def _leave(status: int) -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # nobody reads it any more
            stream.flush()
    os._exit(status)


def was_stopped(error: BaseException) -> bool:
    """Whether a library made something else of Ctrl-C.

    Some do while they are imported, others after ``except:``.
    """
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or error.__context__
    return any(isinstance(item, KeyboardInterrupt) for item in seen)


def own_message(error: Exception) -> str | None:
    """What to print; of a worker's error, without the traceback around it."""
    text = explain(error)
    marker = f'{type(error).__name__}: '
    if text and text.startswith('Caught ') and marker in text:
        return text.rsplit(marker, 1)[1].strip()
    return text


def print_end(status: int, text: str, kind: str | None = None) -> None:
    """Print how a command ended, where there is something to say."""
    if text:
        mark = '' if kind in ('stopped', 'unread', 'fault') else 'error: '
        print_error(f'{mark}{text}')


def print_error(text: str) -> None:
    """Print to stderr, marked with the process where there are several."""
    rank = os.environ.get('RANK', '0')
    prefix = '' if rank == '0' else f'[process {rank}] '
    print(f'{prefix}{text}', file=sys.stderr, flush=True)
