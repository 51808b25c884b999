"""Raindrop: pairs of photos with and without raindrops (Qian et al.)."""

from pathlib import Path

from mmagic.registry import DATASETS

from mmderain.datasets.clip_dataset import ClipDataset
from mmderain.media.images import is_image, listed, natural_order

# Names of the folders, the authors' first, then those of later papers.
_FOLDERS = dict(img=('data', 'input'), gt=('gt', ), drop_mask=('mask', ))
# What stands behind the number of a pair.
_ENDINGS = dict(img='_rain', gt='_clean', drop_mask='_mask')


def split_folder(data_root: str | Path, split: str) -> Path:
    """The folder of a split, once or, as the zips unpack, twice nested."""
    folder = Path(data_root) / split
    return folder / split if (folder / split).is_dir() else folder


def find_folder(folder: Path, key: str) -> Path:
    """The folder of a key in a split; the authors' name where none is."""
    places = [folder / name for name in _FOLDERS[key]]
    return next((place for place in places if place.is_dir()), places[0])


def pair_files(folder: Path, key: str) -> dict[str, list[Path]]:
    """Images by the name of their pair, in natural order.

    Args:
        folder: With ``N_rain.png``, ``N_clean.png`` or ``N_mask.png``.
        key: 'img', 'gt' or 'drop_mask', which says what the ending is; an
            image without it is taken by its whole name.

    Returns:
        dict[str, list[Path]]: More than one file where a name is there in
        several formats.
    """
    pairs: dict[str, list[Path]] = {}
    for path in filter(is_image, listed(folder)):
        pairs.setdefault(path.stem.removesuffix(_ENDINGS[key]), []).append(
            path)
    return dict(sorted(pairs.items(), key=lambda item: natural_order(item[0])))


@DATASETS.register_module()
class RaindropDataset(ClipDataset):
    """The Raindrop set of Attentive GAN (CVPR 2018), or any in its layout.

    ::

        data_root/train/data/0_rain.png   gt/0_clean.png   861 pairs
        data_root/test_a/data/...         gt/...           58 pairs, png
        data_root/test_b/data/...         gt/...           249 pairs, jpg

    (The authors' README counts 239 pairs in test_b; the release has 249.) The
    doubled folders that the zips unpack to (``train/train/data``) are found,
    and so is the flattened layout of later papers (``train/input`` and
    ``train/gt``). The two images of a pair share the name before ``_rain``
    and ``_clean``, or their whole name; their formats may differ.

    A sample is a clip of one frame: ``img_path`` and ``gt_path`` are lists of
    one file, and ``key`` is the pair's name. ``folder``, where the restored
    images of a test are written, is the split.

    Args:
        data_root: Folder of the set.
        split: 'train', 'test_a', 'test_b', or another folder of pairs.
        with_mask: Also read masks, as ``write_masks`` leaves them in
            ``mask/N_mask.png``, under the key ``drop_mask``. Without, the
            transform ``RaindropMask`` computes them from the pairs.
        max_images: Use the first ones only; all when None.
        check_images: Also read the header of every image.
        **kwargs: As for MMEngine's ``BaseDataset``.

    Raises:
        DataError: Lists every problem of the folders with its path.
    """

    METAINFO = dict(dataset_type='Raindrop', task_name='deraining')

    def __init__(self,
                 data_root: str = '',
                 split: str = 'train',
                 with_mask: bool = False,
                 max_images: int | None = None,
                 check_images: bool = True,
                 **kwargs) -> None:
        self.split = split
        self.keys = ['img', 'gt'] + ['drop_mask'] * with_mask
        self.max_images = max_images
        super().__init__(data_prefix={}, data_root=data_root,
                         check_images=check_images, **kwargs)

    def _find_clips(self) -> tuple[list[dict], list[str]]:
        folder = split_folder(self.data_root, self.split)
        folders = {key: find_folder(folder, key) for key in self.keys}
        problems = [
            f'{path}: no such folder ({key}; looked for '
            f'{" or ".join(_FOLDERS[key])} in {self.split} and in '
            f'{self.split}/{self.split})'
            for key, path in folders.items() if not path.is_dir()]
        if problems:
            return [], problems
        found = {key: pair_files(path, key) for key, path in folders.items()}
        if not found['img']:
            return [], [f'{folders["img"]}: no images in it']
        for key, pairs in found.items():
            problems += _problems(key, pairs, folders, found)
        clips = [dict(key=name, folder=self.split,
                      **{f'{key}_path': [str(found[key][name][0])]
                         for key in self.keys if name in found[key]})
                 for name in found['img']]
        return clips[:self.max_images], problems


def _problems(key: str, pairs: dict[str, list[Path]],
              folders: dict[str, Path],
              found: dict[str, dict[str, list[Path]]]) -> list[str]:
    """What is wrong with the files of one key."""
    problems = [
        f'{paths[1]}: the same pair as {paths[0].name} ({key})'
        for paths in pairs.values() if len(paths) > 1]
    # every key against the rainy images, and those against the clean ones
    other = 'gt' if key == 'img' else 'img'
    problems += [
        f'{paths[0]}: no {name}{_ENDINGS[other]} in {folders[other]}'
        for name, paths in pairs.items() if name not in found[other]]
    if key == 'drop_mask':
        problems += [
            f'{folders["img"] / found["img"][name][0].name}: no '
            f'{name}{_ENDINGS[key]} in {folders[key]}'
            for name in found['img'] if name not in pairs]
    return problems
