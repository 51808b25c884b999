"""Files that are there as a whole or not at all."""

import os
import tempfile
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmderain.errors import CheckpointError


@register_backend('atomic', force=True)
class AtomicBackend(LocalBackend):
    """The local disk, written so that a crash leaves no half file.

    The content goes to a temporary file of the same folder, is forced to the
    disk and renamed. For ``CheckpointHook``::

        checkpoint=dict(..., backend_args=dict(backend='atomic'))
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write ``obj`` to ``filepath``; an old file stays until it is done.

        Raises:
            CheckpointError: The disk is full or the folder cannot be written.
                The temporary file is removed, the old file is untouched.
        """
        target = Path(filepath)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._remove_leftovers(target)
            self._write(obj, target)
        except OSError as error:
            raise CheckpointError(
                f'{target} cannot be written: {error}. Earlier files are '
                'untouched; mend it and go on with --resume.') from error

    @staticmethod
    def _write(obj: bytes, target: Path) -> None:
        handle, name = tempfile.mkstemp(
            prefix=f'.{target.name}.', suffix='.part', dir=target.parent)
        try:
            with os.fdopen(handle, 'wb') as file:
                file.write(obj)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise

    @staticmethod
    def _remove_leftovers(target: Path) -> None:
        """A killed process cannot clean up; its successor does."""
        for part in target.parent.glob('.*.pth.*.part'):
            part.unlink(missing_ok=True)
