"""A log that cannot be written is said once, and costs nothing else."""

import logging
import sys
from contextlib import suppress
from pathlib import Path


def tell_once(logger: logging.Logger) -> None:
    """Say in a line that a log's file cannot be written, once for each file.

    Python prints a traceback for each line that is lost.
    """
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            handler.handleError = _Unwritten(handler)


class _Unwritten:
    """Takes the place of ``Handler.handleError``."""

    def __init__(self, handler: logging.FileHandler) -> None:
        self._handler, self._is_told = handler, False

    def __call__(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            logging.FileHandler.handleError(self._handler, record)
            return
        # else what waits to be written fails again when Python ends
        stream, self._handler.stream = self._handler.stream, None
        with suppress(OSError):
            stream.close()
        if not self._is_told:
            self._is_told = True
            print(f'WARNING: the log {Path(self._handler.baseFilename)} '
                  f'cannot be written ({error.strerror}): lines of it are '
                  'missing. The work goes on.', file=sys.stderr, flush=True)
