"""The weights that come with the package: one table.

Most have two files. One is a checkpoint, for PyTorch; the other the same
network as an ONNX file, for those who have no PyTorch. What has 8 bits is an
ONNX file alone. To add some: train, run ``mmderain ship-weights CHECKPOINT
NAME``, which writes both into this folder and prints their lines of the table,
and write a card beside them. The first line is the default.
"""

import difflib
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from mmderain.errors import CheckpointError, UserError

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True)
class ExportedFile:
    """A network of shipped weights as an ONNX file.

    Args:
        file: In this folder.
        sha256: Of the file.
        size: Of the file, in bytes.
    """

    file: str
    sha256: str
    size: int


@dataclass(frozen=True)
class ShippedWeights:
    """A file of weights that comes with the package.

    Args:
        name: As ``--model`` and ``mmderain models`` call it.
        file: In this folder.
        sha256: Of the file.
        size: Of the file, in bytes.
        method: Name of its method.
        good_for: One sentence.
        card: The model card, in this folder: data, recipe, limits, figures.
        exported: The same network as an ONNX file, if there is one.
        settings: Of its ``test_cfg``, where they are not the method's.
        guide: Name of weights in whose frames motion is found first.
        sees_guide: The network is made to see these frames, too, as its
            checkpoint says.
        replaced_by: Name of the weights that took its name; what was begun
            with these goes on with them.
    """

    name: str
    file: str
    sha256: str
    size: int
    method: str
    good_for: str
    card: str
    exported: ExportedFile | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    guide: str | None = None
    sees_guide: bool = False
    replaced_by: str | None = None

    @property
    def is_checkpoint(self) -> bool:
        """Whether PyTorch takes it; else it is exported already."""
        return self.file.endswith(('.pth', '.safetensors'))

    @property
    def path(self) -> Path:
        """Where the file should be; see :func:`checked_path`."""
        return FOLDER / self.file

    @property
    def files(self) -> 'tuple[ShippedWeights | ExportedFile, ...]':
        """All that there is of them."""
        return (self, ) if self.exported is None else (self, self.exported)


# in whose frames motion is found where a network needs such and none is named
USUAL_GUIDE = 'light_median'

SHIPPED: tuple[ShippedWeights, ...] = (
    ShippedWeights(
        name='aligned_median',
        file='guided_median.pth',
        sha256='94f04462740934700766cc6332cc1e6a'
        'd180d74709918fce036bee33b1962f48',
        size=864637,
        method='aligned_median',
        good_for='Rain streaks in video, from light rain to downpour.',
        card='aligned_median.md',
        exported=ExportedFile(
            'guided_median.onnx',
            'f1e97bd797f8622f5ff9999218f3e546'
            '6c8b6bb3282bdad4d4dab992951bae9b', 882032),
        settings=dict(alignment='composed'),
        guide=USUAL_GUIDE,
        sees_guide=True),
    ShippedWeights(
        name='aligned_median_int8',
        file='aligned_median_int8.onnx',
        sha256='9b3863f776de3d8c72a9fe68744eadcb'
        '8bf1d54efb89820a95ae7b4c3b0d0c4f',
        size=318997,
        method='aligned_median',
        good_for='Rain streaks in video, on a CPU in two thirds of the time: '
        'aligned_median with 8 bits.',
        card='aligned_median_int8.md',
        settings=dict(alignment='composed'),
        guide='realtime',
        sees_guide=True),
    ShippedWeights(
        name='fast',
        file='fast.onnx',
        sha256='9578bd6f4e8ae492d0fbf41aebdabd09'
        'a1b35cb312275789ab18fb53217f8589',
        size=295710,
        method='aligned_median',
        good_for='Rain streaks in video, in less time, on a CPU: '
        'aligned_median_3 with 8 bits.',
        card='fast.md',
        settings=dict(alignment='composed')),
    ShippedWeights(
        name='light_median',
        file='light_median.pth',
        sha256='b4a432a12929527ac66f7f2f73d4d687'
        '8e66e7de9f768719b228a96c9ca76f61',
        size=704679,
        method='light_median',
        good_for='Rain streaks in video in little time; heavy rain less well.',
        card='light_median.md',
        exported=ExportedFile(
            'light_median.onnx',
            '23ad565ce5d4fff375a9ad433728e731'
            '001088575d1d9aad74e6966defce290a', 705572)),
    ShippedWeights(
        name='realtime',
        file='realtime.onnx',
        sha256='e7d79c940c02da911ed08b0e95af7cf3'
        '0e2f301e4a3194ce58ab2cf92de2059c',
        size=229284,
        method='light_median',
        good_for='Rain streaks in video while it comes, on a CPU: '
        'light_median with 8 bits.',
        card='realtime.md'),
    ShippedWeights(
        name='lens_drops',
        file='lens_drops.pth',
        sha256='58b09ccadbab30fc33100e82f44207da'
        '7034c36d11e9c552adb26d9f898496ff',
        size=962115,
        method='lens_drops',
        good_for='Drops on the lens of a moving camera; where it stands they '
        'stay.',
        card='lens_drops.md',
        exported=ExportedFile(
            'lens_drops.onnx',
            '3f6df7a59c37841b44f28078177a4f64'
            'aa4d0cfae28071f64400b7d773e2f29a', 968107)),
    ShippedWeights(
        name='aligned_median_3',
        file='aligned_median.pth',
        sha256='860116fbef177da5c26206d65d5f7edb'
        '30129c386e42690086790b48c73851af',
        size=832317,
        method='aligned_median',
        good_for='Rain streaks in pictures that come live, and what was begun '
        'with aligned_median before it saw its guide.',
        card='aligned_median_3.md',
        exported=ExportedFile(
            'aligned_median.onnx',
            'e2345bdea2bfec952b5f7244886d0671'
            'ca61f0749a43e5418f836cc51ea7cd9d', 848379),
        settings=dict(alignment='composed'),
        guide=USUAL_GUIDE,
        replaced_by='aligned_median'),
    ShippedWeights(
        name='aligned_median_2',
        file='aligned_median.pth',
        sha256='860116fbef177da5c26206d65d5f7edb'
        '30129c386e42690086790b48c73851af',
        size=832317,
        method='aligned_median',
        good_for='What was begun with aligned_median before it had a guide.',
        card='aligned_median_2.md',
        exported=ExportedFile(
            'aligned_median.onnx',
            'e2345bdea2bfec952b5f7244886d0671'
            'ca61f0749a43e5418f836cc51ea7cd9d', 848379),
        replaced_by='aligned_median'),
    ShippedWeights(
        name='aligned_median_1',
        file='aligned_median_1.pth',
        sha256='c56f17051662c0dc30baae112cb300b3'
        'a233248e642af4fe0a3e86ba6562e00a',
        size=832317,
        method='aligned_median',
        good_for='What was begun with aligned_median as it was at first.',
        card='aligned_median_1.md',
        exported=ExportedFile(
            'aligned_median_1.onnx',
            '8d01fe4783e2b4ab011e0ce0b36ea825'
            '7be00c52e6c64ca7151d6b171d6c2dd4', 848301),
        replaced_by='aligned_median'),
    ShippedWeights(
        name='fast_1',
        file='fast_1.onnx',
        sha256='eed463f09f4ef592575003dd3870f5b5'
        'bb59ef7bfd218badc12fc24af22607fc',
        size=295633,
        method='aligned_median',
        good_for='What was begun with fast as it was at first.',
        card='fast_1.md',
        settings=dict(alignment='composed'),
        replaced_by='fast'),
)
# by which live pictures are restored, without the guide: they wait less
FOR_LIVE = 'aligned_median_3'
# name of those that take drops off what the first ones give
OF_DROPS = 'lens_drops'
# what takes streaks away by itself, and so may guide another network
GUIDES = tuple(entry.name for entry in SHIPPED
               if entry.name != OF_DROPS and not entry.sees_guide)
# beside a training: those that PyTorch computes, as does what is trained
GUIDES_OF_TRAINING = tuple(entry.name for entry in SHIPPED if entry.name
                           in GUIDES and entry.is_checkpoint)


def find_weights(model: str | None = None) -> ShippedWeights:
    """Look weights up.

    Args:
        model: Their name, or a method's; the default when None.

    Raises:
        UserError: There are none of that name; the message lists all.
    """
    if model is None and SHIPPED:
        return SHIPPED[0]
    for entry in SHIPPED:
        if entry.name == model:
            return entry
    for entry in SHIPPED:
        if entry.method == model:
            return entry
    names = [entry.name for entry in SHIPPED]
    wanted = '' if model is None else f' for {model!r}'
    near = difflib.get_close_matches(str(model), names, 1)
    raise UserError(
        f'mmderain comes with no weights{wanted} (it has '
        f'{", ".join(names) or "none"}). '
        + ''.join(f'Did you mean {name}? ' for name in near)
        + 'Name a checkpoint with --checkpoint; mmderain convert makes one '
        'of official weights.')


def require_no_name(checkpoint: str | PathLike) -> None:
    """Notice the name of shipped weights in the place of a file.

    Raises:
        UserError: It is one, and no file is called so.
    """
    name = str(checkpoint)
    if (name in [entry.name for entry in SHIPPED]
            and not Path(checkpoint).exists()):
        raise UserError(f'{name} is no file but the name of weights that come '
                        f'with mmderain: expected --model {name}, or '
                        f'model_name={name!r} in Python.')


def checked_path(entry: ShippedWeights | ExportedFile) -> Path:
    """The path of a file that comes with the package, whole and unchanged.

    Raises:
        CheckpointError: It is missing, or its bytes have changed.
    """
    fix = ('The installation is damaged: pip install --force-reinstall '
           '--no-deps mmderain.')
    path = FOLDER / entry.file
    if not path.is_file():
        raise CheckpointError(f'{path}: expected weights of mmderain there, '
                              f'found no file. {fix}')
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.sha256:
        raise CheckpointError(
            f'{path}: expected {entry.size} bytes with the SHA-256 '
            f'{entry.sha256}, got {len(content)} with {digest}. {fix}')
    return path
