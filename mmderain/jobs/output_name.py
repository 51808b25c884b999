"""Whether a path can be the name of an output."""

from pathlib import Path

from mmderain.errors import UserError
from mmderain.media.containers import CONTAINERS
from mmderain.media.images import IMAGE_SUFFIXES

_SUFFIXES = frozenset((*CONTAINERS, *IMAGE_SUFFIXES))


def check_name(target: Path) -> None:
    """Refuse what is no name of a file or of a new folder.

    Raises:
        UserError: It is that of a folder which is always there, or an ending
            without a name, as a variable that is not set leaves it.
    """
    if target.name in ('', '..'):
        slash = ('' if target.anchor else f', or {target}/ to write into it '
                 'under the name of the input')
        raise UserError(
            f'{target}: expected the name of a file or of a new folder. Name '
            f'a file in it, such as {target / "clean.mp4"}{slash}.')
    suffix = Path(f'_{target.name.rstrip(".")}').suffix
    if not target.suffix and suffix.lower() in _SUFFIXES:
        raise UserError(
            f'{target}: expected the name of a file, such as '
            f'{target.with_name(f"clean{suffix}")}, or of a new folder, got '
            f'{suffix} with nothing before it, or with a dot behind it. '
            'Change the name.')
