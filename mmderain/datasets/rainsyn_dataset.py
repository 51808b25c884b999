"""RainSynLight25, RainSynComplex25 and NTURain's test set, in all layouts."""

from dataclasses import dataclass
from pathlib import Path

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.errors import DataError


@dataclass(frozen=True)
class _Layout:
    """What tells rainy from clean frames.

    Args:
        img: Of the rainy frames.
        gt: Of the clean ones.
        kind: What both are: a 'folder' of sequences, the 'suffix' of the
            folder of a sequence, or the 'prefix' of a file.
    """

    img: str
    gt: str
    kind: str = 'folder'


LAYOUTS = {
    'input/gt': _Layout('input', 'gt'),
    'input/processed': _Layout('input', 'processed'),
    'Rain/GT': _Layout('Rain', 'GT'),
    '_Rain/_GT': _Layout('_Rain', '_GT', 'suffix'),
    'rfc/gtc': _Layout('rfc-', 'gtc-', 'prefix'),
    'rf/gt': _Layout('rf-', 'gt-', 'prefix'),
}


@DATASETS.register_module()
class RainSynDataset(ClipDataset):
    """RainSynLight25, RainSynComplex25, NTURain's test set, or one like them.

    =============== ===========================================================
    layout          below the folder of a split
    =============== ===========================================================
    input/gt        ``input/<sequence>/<n>.png``, ``gt/<sequence>/<n>.png``
    input/processed the same; ``processed`` holds the clean frames
    Rain/GT         the same
    _Rain/_GT       ``<sequence>_Rain/<n>.jpg``, ``<sequence>_GT/<n>.jpg``
    rfc/gtc         ``<sequence>/rfc-<n>.jpg``, ``<sequence>/gtc-<n>.jpg``
    rf/gt           ``<sequence>/rf-<n>.jpg``, ``<sequence>/gt-<n>.jpg``, grey
    =============== ===========================================================

    The folder of a split is ``data_root`` itself, ``train`` or ``test`` below
    it, or below one more folder as the archives have it
    (``video_rain_light/train``, ``frames_heavy_test_JPEG``,
    ``Dataset_Testing_Synthetic``). Numbers start
    anywhere and may have leading zeros under one key and none under the
    other. A sequence that is empty in the release is reported and left out.

    NTURain (Chen et al., CVPR 2018) is there for testing alone: its training
    set has several rainy versions of one clean sequence (``t1_Rain_01``,
    ``t1_GT``), and its real sequences have no clean ones (those are
    ``RainPracticalDataset``'s). Its names are those that the loaders of S2VD
    and ESTINet read; we have not seen the archive itself.

    Args:
        data_root: Folder of the set.
        test_mode: Read the test split.
        layout: One of those above; found by itself when None. Where one
            folder holds both colour and grey frames, colour is taken.
        data_prefix: Folders of ``img`` and ``gt`` relative to ``data_root``,
            for a set in none of the layouts.
        **kwargs: As for :class:`ClipDataset`.

    Raises:
        DataError: No layout is found, or the one that was asked for is not
            there; lists what was looked for.
    """

    METAINFO = dict(dataset_type='RainSyn', task_name='deraining')

    def __init__(self,
                 data_root: str = '',
                 test_mode: bool = False,
                 layout: str | None = None,
                 data_prefix: dict | None = None,
                 **kwargs) -> None:
        if data_prefix is None:
            split = 'test' if test_mode else 'train'
            kwargs.update(_find(Path(data_root), split, layout))
        else:
            kwargs['data_prefix'] = dict(data_prefix)
        super().__init__(data_root=data_root, test_mode=test_mode,
                         skip_empty=True, **kwargs)


def _find(root: Path, split: str,
          layout: str | None) -> dict[str, dict[str, str]]:
    """Where the frames are, as arguments of a ``ClipDataset``."""
    if layout is not None and layout not in LAYOUTS:
        raise DataError(f'RainSynDataset: {layout!r} is not a layout; there '
                        f'are {", ".join(LAYOUTS)}.')
    wanted = LAYOUTS if layout is None else {layout: LAYOUTS[layout]}
    folders = _split_folders(root, split)
    for folder in folders:
        for option in wanted.values():
            if _fits(folder, option):
                below = folder.relative_to(root)
                names = dict(img=option.img, gt=option.gt)
                if option.kind == 'folder':
                    return dict(data_prefix={
                        key: str(below / name) for key, name in names.items()})
                argument = dict(prefix='file_prefixes',
                                suffix='folder_suffixes')[option.kind]
                return {'data_prefix': dict.fromkeys(names, str(below)),
                        argument: names}
    looked = '\n  '.join(map(str, folders)) or f'{root}: no such folder'
    raise DataError(
        f'{root}: expected the {split} split of a RainSyn set in the layout '
        f'{" or ".join(wanted)}, found none. Looked into\n  {looked}\n'
        'See the documentation of RainSynDataset, or name the folders by '
        'data_prefix=dict(img=..., gt=...).')


def _split_folders(root: Path, split: str) -> list[Path]:
    """Where the split may be, the most special place first."""
    if not root.is_dir():
        return []
    inner = sorted(path for path in root.iterdir() if path.is_dir())
    named = [path for path in inner if f'_{split}' in path.name.lower()]
    candidates = [root / split, *(path / split for path in inner), *named]
    found = [path for path in candidates if path.is_dir()]
    # a set of one split has no folder for it
    return found or [root]


def _fits(folder: Path, layout: _Layout) -> bool:
    names = (layout.img, layout.gt)
    if layout.kind == 'prefix':
        return all(any(folder.glob(f'*/{name}*')) for name in names)
    start = '*' if layout.kind == 'suffix' else ''
    return all(any(path.is_dir() for path in folder.glob(start + name))
               for name in names)
