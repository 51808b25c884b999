"""RainSynLight25 and RainSynComplex25, in every layout that circulates."""

from dataclasses import dataclass
from pathlib import Path

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.errors import DataError


@dataclass(frozen=True)
class _Layout:
    """Where rainy and clean frames are: folders, or prefixes of files."""

    img: str
    gt: str
    in_one_folder: bool = False


LAYOUTS = {
    'input/gt': _Layout('input', 'gt'),
    'input/processed': _Layout('input', 'processed'),
    'Rain/GT': _Layout('Rain', 'GT'),
    'rfc/gtc': _Layout('rfc-', 'gtc-', in_one_folder=True),
    'rf/gt': _Layout('rf-', 'gt-', in_one_folder=True),
}


@DATASETS.register_module()
class RainSynDataset(ClipDataset):
    """RainSynLight25, RainSynComplex25, or any other set in their layouts.

    =============== ===========================================================
    layout          below the folder of a split
    =============== ===========================================================
    input/gt        ``input/<sequence>/<n>.png``, ``gt/<sequence>/<n>.png``
    input/processed the same; ``processed`` holds the clean frames
    Rain/GT         the same
    rfc/gtc         ``<sequence>/rfc-<n>.jpg``, ``<sequence>/gtc-<n>.jpg``
    rf/gt           ``<sequence>/rf-<n>.jpg``, ``<sequence>/gt-<n>.jpg``, grey
    =============== ===========================================================

    The folder of a split is ``data_root`` itself, ``train`` or ``test`` below
    it, or below one more folder as the archives have it
    (``video_rain_light/train``, ``frames_heavy_test_JPEG``). Numbers start
    anywhere and may have leading zeros under one key and none under the
    other. A sequence that is empty in the release is reported and left out.

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
        prefixes = {}
        if data_prefix is None:
            split = 'test' if test_mode else 'train'
            data_prefix, prefixes = _find(Path(data_root), split, layout)
        super().__init__(data_prefix=dict(data_prefix), data_root=data_root,
                         test_mode=test_mode, file_prefixes=prefixes,
                         skip_empty=True, **kwargs)


def _find(root: Path, split: str,
          layout: str | None) -> tuple[dict[str, str], dict[str, str]]:
    """Folders of the keys, relative to the root, and prefixes of files."""
    if layout is not None and layout not in LAYOUTS:
        raise DataError(f'RainSynDataset: {layout!r} is no layout; there are '
                        f'{", ".join(LAYOUTS)}.')
    wanted = LAYOUTS if layout is None else {layout: LAYOUTS[layout]}
    folders = _split_folders(root, split)
    for folder in folders:
        for option in wanted.values():
            if _fits(folder, option):
                below = folder.relative_to(root)
                if option.in_one_folder:
                    return (dict(img=str(below), gt=str(below)),
                            dict(img=option.img, gt=option.gt))
                return (dict(img=str(below / option.img),
                             gt=str(below / option.gt)), {})
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
    if not layout.in_one_folder:
        return all((folder / name).is_dir()
                   for name in (layout.img, layout.gt))
    return all(any(folder.glob(f'*/{prefix}*'))
               for prefix in (layout.img, layout.gt))
