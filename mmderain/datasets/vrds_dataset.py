"""VRDS: rain streaks and raindrops on video (Wu et al., ACM MM 2023)."""

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import ClipDataset

# Folders as in the official training config. A key that ends in _mask or _map
# is a grey image.
TRAIN_FOLDERS = dict(img='lq', gt='gt', drop_mask='01drop', drop='drop',
                     streak_map='mstreak')
TEST_FOLDERS = dict(img='testlq', gt='testgt')


@DATASETS.register_module()
class VRDSDataset(ClipDataset):
    """The VRDS set, or any other set in its layout.

    ======== =================================================== ===========
    folder   content                                             key
    ======== =================================================== ===========
    lq       rainy frames                                        img
    gt       clean frames                                        gt
    01drop   raindrop mask, grey, 0 or 255                       drop_mask
    drop     drop-only frames (raindrops, no streaks)            drop
    mstreak  streak map, grey                                    streak_map
    testlq   rainy frames for testing                            img
    testgt   clean frames for testing                            gt
    ======== =================================================== ===========

    Each holds one folder per sequence with frames of the same names; any image
    format and any numbering will do. The paper's set has 72 sequences to train
    and 30 to test, 1280x720.

    Args:
        data_root: Folder of the set.
        data_prefix: Key to folder, the names above by default (those for
            testing with ``test_mode``). The folders of ``drop_mask``, ``drop``
            and ``streak_map`` are needed for training only.
        test_mode: Choose the default folders for testing.
        **kwargs: As for :class:`ClipDataset`.
    """

    METAINFO = dict(dataset_type='VRDS', task_name='deraining')

    def __init__(self,
                 data_root: str = '',
                 data_prefix: dict | None = None,
                 test_mode: bool = False,
                 **kwargs) -> None:
        folders = TEST_FOLDERS if test_mode else TRAIN_FOLDERS
        super().__init__(
            data_prefix=dict(folders if data_prefix is None else data_prefix),
            data_root=data_root, test_mode=test_mode, **kwargs)
