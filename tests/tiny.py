"""A tiny network and data for tests that are not about ViMP-Net."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from mmagic.registry import MODELS
from torch import Tensor, nn

from mmderain import config_path
from mmderain.models.lens_drops.statistics import PLANES

ROOT = Path(__file__).resolve().parents[1]


class TinyOutput(NamedTuple):
    restored: Tensor
    streak_free: Tensor
    drop_mask: Tensor
    streak_map: Tensor


@MODELS.register_module()
class TinyClipNet(nn.Module):
    """Has what training depends on: dropout and a part called spynet."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.spynet = nn.Conv2d(3, width, 3, padding=1)
        self.dropout = nn.Dropout(0.3)
        self.head = nn.Conv2d(width, 8, 3, padding=1)

    def forward(self, clip: Tensor) -> TinyOutput:
        features = self.dropout(self.spynet(clip.flatten(0, 1)).relu())
        maps = self.head(features).unflatten(0, clip.shape[:2])
        return TinyOutput(clip + 0.1 * maps[:, :, :3],
                          clip + 0.1 * maps[:, :, 3:6],
                          maps[:, :, 6:7].sigmoid(), maps[:, :, 7:])


def write_image(path: Path, image: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), image)


def write_vrds(root: Path, sequences: int = 3, frames: int = 6,
               test_sequences: int = 3, test_frames: int = 4,
               size: tuple[int, int] = (36, 44)) -> Path:
    """A set in VRDS's layout; its maps fit its frames."""
    rng = np.random.default_rng(0)
    for split, count, length in (('train', sequences, frames),
                                 ('test', test_sequences, test_frames)):
        for sequence in range(count):
            base = cv2.resize(
                rng.integers(0, 256, (6, 6, 3), np.uint8), size[::-1],
                interpolation=cv2.INTER_CUBIC)
            for index in range(length):
                gt = np.roll(base, index, axis=1)
                mask = np.zeros((*size, 1), np.uint8)
                mask[8:16, 8:16] = 255
                drop = np.where(mask > 0, gt // 2, gt).astype(np.uint8)
                streak = np.zeros((*size, 1), np.uint8)
                streak[:, (5 * index + np.arange(3) * 13) % size[1]] = 60
                rainy = cv2.add(drop, np.repeat(streak, 3, axis=2))
                folders = dict(lq=rainy, gt=gt, drop=drop, mstreak=streak)
                folders['01drop'] = mask
                if split == 'test':
                    folders = dict(testlq=rainy, testgt=gt)
                for folder, image in folders.items():
                    write_image(root / folder / f'{sequence:03d}'
                                / f'{index:08d}.png', image)
    return root


def write_pairs(folder: Path, rainy: str = 'data', count: int = 12,
                ending: str = 'png', size: tuple[int, int] = (24, 32)) -> Path:
    """A split in Raindrop's layout: grey of 10 times the number of the pair,
    and a drop at [4:12, 4:12] that is 60 levels brighter."""
    for index in range(count):
        clean = np.full((*size, 3), 10 * index, np.uint8)
        drops = clean.copy()
        drops[4:12, 4:12] += 60
        write_image(folder / rainy / f'{index}_rain.{ending}', drops)
        write_image(folder / 'gt' / f'{index}_clean.{ending}', clean)
    return folder


def write_rainsyn(root: Path, frames: int = 10,
                  size: tuple[int, int] = (36, 44)) -> Path:
    """A set in RainSyn's layout ``input/gt``, streaks and what they hide."""
    rng = np.random.default_rng(0)
    for split, sequences in (('train', '12'), ('test', '3')):
        for sequence in sequences:
            base = cv2.resize(
                rng.integers(0, 200, (6, 6, 3), np.uint8), size[::-1],
                interpolation=cv2.INTER_CUBIC)
            for index in range(1, frames + 1):
                clean = np.roll(base, index, axis=1)
                streak = np.zeros((*size, 1), np.uint8)
                streak[:, (7 * index + np.arange(3) * 13) % size[1]] = 60
                occlusion = np.zeros((*size, 1), np.uint8)
                occlusion[3 * index:3 * index + 6, 8:10] = 255
                rainy = cv2.add(clean, np.repeat(streak, 3, axis=2))
                rainy[occlusion[..., 0] > 0] = 240
                for folder, image in (('input', rainy), ('gt', clean),
                                      ('streak', streak),
                                      ('occlusion', occlusion)):
                    write_image(root / split / folder / sequence
                                / f'{index}.png', image)
    return root


def write_clips(folder: Path, count: int = 5, side: int = 48,
                frames: int = 5) -> Path:
    """Rendered clips as arrays: a picture that pans, and streaks over it."""
    rng = np.random.default_rng(0)
    clips = np.empty((count, frames, side, side, 3), np.uint8)
    truth = np.empty((count, side, side, 3), np.uint8)
    for index in range(count):
        picture = cv2.resize(
            rng.integers(0, 200, (12, 14, 3), np.uint8),
            (side + 2 * frames - 2, side), interpolation=cv2.INTER_CUBIC)
        for frame in range(frames):
            clean = picture[:, 2 * frame:2 * frame + side]
            streaks = np.zeros((side, side, 1), np.uint8)
            streaks[8:-8, rng.integers(0, side, 3)] = 50
            clips[index, frame] = cv2.add(
                clean, np.repeat(streaks, 3, axis=2))
            if frame == frames // 2:
                truth[index] = clean
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / 'clips.npy', clips)
    np.save(folder / 'truth.npy', truth)
    return folder


def write_lens_clips(folder: Path, count: int = 5, side: int = 48) -> Path:
    """What is seen of clips with a drop, as arrays: a square to be found."""
    rng = np.random.default_rng(0)
    planes = rng.integers(0, 255, (count, PLANES, side, side), np.uint8)
    target = np.zeros((count, 2, side, side), np.uint8)
    target[:, 1] = 255
    for index in range(count):
        top, left = rng.integers(0, side - 12, 2)
        target[index, 0, top:top + 12, left:left + 12] = 255
    planes[:, :6] //= 4
    planes[:, :6] += target[:, :1] // 2
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / 'planes.npy', planes)
    np.save(folder / 'target.npy', target)
    return folder


def write_config(path: Path, data_root: Path, **options) -> Path:
    """A config file: the official one with a tiny network and few steps."""
    lines = [
        f"_base_ = ['{config_path('ViMPNet/ViMPNet.py')}']",
        "custom_imports = dict(imports=['mmderain', 'tests.tiny'],",
        '                      allow_failed_imports=False)',
        "model = dict(generator=dict(_delete_=True, type='TinyClipNet'),",
        '             test_cfg=dict(window=3, tile=(32, 32), '
        'tile_overlap=8))',
        'train_cfg = dict(max_iters=6, val_interval=6)',
        "custom_hooks = [dict(type='FreezeHook', module='generator.spynet',",
        '                     steps=2), dict(type="ValidationPictureHook")]',
        'default_hooks = dict(logger=dict(interval=1), '
        'checkpoint=dict(interval=2))',
        f"data_root = '{data_root}'",
        'clip_length = 3',
        'crop_size = 32',
        'train_dataloader = dict(num_workers=0, persistent_workers=False,',
        '                        dataset=dict(data_root=data_root))',
        'test_dataloader = dict(num_workers=0,',
        '                       dataset=dict(data_root=data_root))',
        'val_dataloader = dict(num_workers=0, dataset=dict(',
        '    data_root=data_root, max_frames=3))',
        'randomness = dict(seed=1)',
    ]
    lines += [f'{key} = {value!r}' for key, value in options.items()]
    path.write_text('\n'.join(lines) + '\n')
    return path
