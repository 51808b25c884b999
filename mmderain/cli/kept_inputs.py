"""An output that is an input would destroy what it is made of."""

from pathlib import Path

from mmderain.errors import UserError


def keep_inputs(option: str, output: Path | None, *inputs: Path | str) -> None:
    """Refuse an output that is one of the inputs, by whatever name.

    Args:
        option: Which names the output, for messages.
        output: None for none.
        inputs: Files; those that are not there are no output either.

    Raises:
        UserError: It is one.
    """
    for item in inputs:
        path = Path(item).expanduser()
        if output is not None and output.exists() and path.exists() \
                and output.samefile(path):
            raise UserError(f'{option} {output}: expected another file than '
                            f'{path}, which is read. Choose another name.')
