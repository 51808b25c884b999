"""Write the metrics of a test as JSON."""

from pathlib import Path

from mmagic.registry import HOOKS
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.errors import UserError
from mmderain.files import write_json


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
            UserError: It cannot.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.touch()
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
