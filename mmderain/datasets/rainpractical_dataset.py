"""RainPractical10 and any other real clips: rain without ground truth."""

from pathlib import Path

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import IMAGE_SUFFIXES, ClipDataset


@DATASETS.register_module()
class RainPracticalDataset(ClipDataset):
    """Real rainy clips, a folder of frames for each; for testing.

    RainPractical10 (Liu et al., CVPR 2018) has ten real clips from YouTube,
    GIPHY and films; its authors' code comes with frames of one of them. Any
    image format and any numbering will do. There is no ground truth, so a
    test writes frames and reports metrics that need none.

    Args:
        data_root: Folder of the clips' folders, or the folder of the frames
            of one clip.
        **kwargs: As for :class:`ClipDataset`.
    """

    METAINFO = dict(dataset_type='RainPractical', task_name='deraining')

    def __init__(self, data_root: str = '', **kwargs) -> None:
        root = Path(data_root).resolve()
        self._single = None
        if root.is_dir() and any(path.suffix.lower() in IMAGE_SUFFIXES
                                 for path in root.iterdir()):
            self._single, data_root = root.name, str(root.parent)
        super().__init__(data_prefix=dict(img=''), data_root=data_root,
                         test_mode=True, **kwargs)

    def _sequence_names(self, folder: Path) -> tuple[list[str], list[str]]:
        if self._single is not None:
            return [self._single], []
        return super()._sequence_names(folder)
