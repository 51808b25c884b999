"""RainPractical10 and any other real clips: rain without ground truth."""

from pathlib import Path

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.media.images import IMAGE_SUFFIXES, natural_order
from mmderain.media.left_out import is_video


@DATASETS.register_module()
class RainPracticalDataset(ClipDataset):
    """Real rainy clips, folders of frames or video files; for testing.

    RainPractical10 (Liu et al., CVPR 2018) has ten real clips from YouTube,
    GIPHY and films; its authors' code comes with frames of one of them. Any
    image format and any numbering will do. There is no ground truth, so a
    test writes frames and reports metrics that need none.

    A sample of a video file holds ``img_video`` and an empty ``img_path``;
    the transform ``LoadClip`` reads it.

    Args:
        data_root: Folder of the clips, each a folder of frames or a video;
            or the folder of the frames of one clip; or one video.
        **kwargs: As for :class:`ClipDataset`.
    """

    METAINFO = dict(dataset_type='RainPractical', task_name='deraining')

    def __init__(self, data_root: str = '', **kwargs) -> None:
        root = Path(data_root).resolve()
        # names of the sequences under the root; all of its folders when None
        self._sequences = None
        self._videos = []
        if is_video(root):
            self._sequences, self._videos = [], [root]
        elif root.is_dir():
            inside = list(root.iterdir())
            self._videos = sorted(filter(is_video, inside),
                                  key=lambda path: natural_order(path.name))
            if any(path.suffix.lower() in IMAGE_SUFFIXES for path in inside):
                self._sequences, root = [root.name], root.parent
            elif self._videos and not any(map(Path.is_dir, inside)):
                self._sequences = []
        super().__init__(data_prefix=dict(img=''), data_root=str(root),
                         test_mode=True, **kwargs)

    def _find_clips(self) -> tuple[list[dict], list[str]]:
        clips, problems = [], []
        if self._sequences != []:
            clips, problems = super()._find_clips()
        return clips + [
            dict(key=path.stem, img_path=[], img_video=str(path))
            for path in self._videos], problems

    def _sequence_names(self, folder: Path) -> tuple[list[str], list[str]]:
        if self._sequences is not None:
            return self._sequences, []
        return super()._sequence_names(folder)
