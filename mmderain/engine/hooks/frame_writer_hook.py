"""Write the restored frames of a test."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from mmagic.registry import HOOKS
from mmagic.structures import DataSample
from mmengine.hooks import Hook
from mmengine.runner import Runner

from mmderain.errors import UserError
from mmderain.media.frame_folder import mark_folder, marked_frames
from mmderain.media.images import write_rgb


@HOOKS.register_module()
class FrameWriterHook(Hook):
    """Writes ``{save_path}/{sequence}/{frame}.png`` for every test sequence.

    Frames keep the names of the input files. Each process writes the
    sequences that it restored. A sample whose meta information has a
    ``folder`` (single images do) is written there instead.

    Args:
        save_path: Folder; made when missing. Images that are in it already
            are replaced only if a test made the folder; which of them stay
            is said.
    """

    priority = 'LOW'

    def __init__(self, save_path: str) -> None:
        self.save_path = Path(save_path)
        self._foreign: frozenset[Path] = frozenset()
        self._before: dict[Path, int] = {}

    def before_test(self, runner: Runner) -> None:
        """Make the folder before hours of restoring.

        Raises:
            UserError: It cannot be made, or what is not ours would be
                replaced.
        """
        try:
            self.save_path.mkdir(parents=True, exist_ok=True)
            if not any(self.save_path.iterdir()):
                mark_folder(self.save_path)
        except OSError as error:
            raise UserError(
                f'--save-path {self.save_path} is not a folder that can be '
                f'written to: {error}') from error
        self._before = self._written_at()
        if marked_frames(self.save_path) is None:
            self._foreign = frozenset(self._before)
            for target in filter(self._foreign.__contains__,
                                 self._targets(runner)):
                raise self._would_replace(target)

    def _targets(self, runner: Runner) -> Iterator[Path]:
        """What will be written, as far as the data say it by now.

        How many frames a video has is seen when it is read.
        """
        loop = runner.test_loop
        for loader in getattr(loop, 'dataloaders', None) or [loop.dataloader]:
            about = getattr(loader.dataset, 'get_data_info', None)
            for index in range(len(loader.dataset) if about else 0):
                sample = about(index)
                for source in sample.get('img_path', ()):
                    yield self._target(sample, source)

    def _target(self, sample: Mapping, source: str) -> Path:
        folder = sample.get('folder', sample['key'])
        return self.save_path / folder / f'{Path(source).stem}.png'

    def _would_replace(self, target: Path) -> UserError:
        return UserError(
            f'--save-path {self.save_path}: {target} is there already, in a '
            'folder that no test has made, and would be replaced. Choose '
            'another folder.')

    def _written_at(self) -> dict[Path, int]:
        """When each image that is there was written."""
        return {path: path.stat().st_mtime_ns
                for path in self.save_path.rglob('*.png')}

    def after_test_iter(self, runner: Runner, batch_idx: int,
                        data_batch: dict | None = None,
                        outputs: list[DataSample] | None = None) -> None:
        """Write the sequences of one batch.

        Raises:
            UserError: What is not ours would be replaced, or the disk is
                full.
        """
        for sample in outputs:
            frames = sample.output.pred_img.permute(0, 2, 3, 1).numpy()
            for source, frame in zip(sample.metainfo['img_path'], frames,
                                     strict=True):
                target = self._target(sample.metainfo, source)
                if target in self._foreign:
                    raise self._would_replace(target)
                write_rgb(target, np.ascontiguousarray(frame))

    def after_test(self, runner: Runner) -> None:
        """Say which images are not of this test: who scores them mixes two.

        Of several processes this is after all have written, since they have
        gathered the scores.
        """
        now = self._written_at()
        left = sorted(path for path, when in self._before.items()
                      if now.get(path) == when)
        if left:
            runner.logger.warning(
                f'--save-path {self.save_path}: {len(left)} images in it, '
                f'such as {left[0]}, were there before and are not of this '
                'test. Move them away before you score the folder.')
