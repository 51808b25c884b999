"""Write the metrics of a test as JSON."""

from pathlib import Path

from mmagic.registry import HOOKS
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.errors import UserError
from mmderain.files import parse_json, write_json


@HOOKS.register_module()
class MetricsFileHook(Hook):
    """Writes the metrics of a test to a JSON file.

    Args:
        path: The file.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path)

    @master_only
    def before_test(self, runner: Runner) -> None:
        """Make sure that the file can be written when the test is over.

        Raises:
            UserError: It cannot, or holds something else.
        """
        if self.path.is_file() and not _holds_metrics(self.path):
            raise UserError(f'--out {self.path} is there already and holds no '
                            'metrics. Choose another name.')
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()  # empty, it may be used again
        except OSError as error:
            raise UserError(f'--out {self.path} cannot be written: '
                            f'{error}') from error

    @master_only
    def after_test_epoch(self, runner: Runner,
                         metrics: dict[str, float] | None = None) -> None:
        """Write them.

        Raises:
            UserError: The file cannot be written.
        """
        write_json(self.path, metrics)


def _holds_metrics(path: Path) -> bool:
    """Whether a file is empty, or what a test has written."""
    try:
        text = path.read_text(encoding='utf-8')
        known = parse_json(text) if text else None
    except (OSError, ValueError):
        return False
    return known is None or isinstance(known, dict) and bool(known) and all(
        isinstance(value, (int, float)) for value in known.values())
