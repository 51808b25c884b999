"""Files that are there as a whole or not at all."""

from contextlib import suppress
from pathlib import Path

from mmengine.fileio import LocalBackend, register_backend

from mmderain.errors import CheckpointError, UserError
from mmderain.files import resumable, write_whole


@register_backend('atomic', force=True)
class AtomicBackend(LocalBackend):
    """The local disk, written so that a crash leaves no half file.

    It writes by :func:`mmderain.files.write_whole`. For ``CheckpointHook``::

        checkpoint=dict(..., backend_args=dict(backend='atomic'))
    """

    def put(self, obj: bytes, filepath: str | Path) -> None:
        """Write ``obj`` to ``filepath``; an old file stays until it is done.

        Raises:
            CheckpointError: The disk is full or the folder cannot be written.
                The temporary file is removed, the old file is untouched.
        """
        target = Path(filepath)
        # a killed process cannot clean up; its successor does
        with suppress(OSError):
            for left in target.parent.glob('.*.pth.*.unfinished'):
                left.unlink()
        try:
            with resumable():
                write_whole(target, obj, parents=True)
        except UserError as error:
            raise CheckpointError(str(error)) from error
