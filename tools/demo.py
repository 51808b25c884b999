"""Train, test and use a small ViMP-Net on rain rendered over free pictures.

What ``make demo`` runs after the install. Everything it makes is in ``demo/``:
the rainy set, the checkpoint, the restored frames, ``picture.png`` and
``video.mp4``; and ``dashcam.mp4``, a drive into a picture in rain and behind
drops on the lens, which the shipped weights made ``clean.mp4`` of, with both
side by side in ``derained.png`` and ``derained.mp4``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import av
import cv2
import numpy as np

from mmderain.media.pictures import caption
from mmderain.media.psnr import psnr

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / 'configs' / 'derainers' / 'ViMPNet' / 'ViMPNet_small.py'
SIZE = 320
# (frames, seed) of the rendered clips
TRAIN_CLIP, TEST_CLIP = (24, 0), (12, 7)
# Pictures that come with scikit-image (public domain or CC0, see its README
# of data) and scikit-learn (CC BY 2.0, danielbuechele and vultilion).
TRAIN_PICTURES = ('astronaut', 'coffee', 'hubble_deep_field', 'brick',
                  'grass', 'flower')
TEST_PICTURES = ('china', 'rocket')
# what the shipped weights derain: a drive into a picture
DRIVE, DRIVE_FRAMES, DRIVE_SIZE = 'china', 72, (240, 320)


def main() -> None:
    """Run every step; stop at the first that fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--folder', type=Path, default=ROOT / 'demo')
    parser.add_argument('--cfg-options', nargs='+', default=[],
                        help='for the config, as in mmderain train')
    args = parser.parse_args()
    folder, began = args.folder.resolve(), time.time()
    clear(folder)
    data, work = folder / 'data', folder / 'work'
    restored, scores = folder / 'restored', folder / 'metrics.json'
    os.environ['VRDS_ROOT'] = str(data)
    os.environ.setdefault('PYTHON', sys.executable)
    options = ['--cfg-options', 'randomness.seed=0', *args.cfg_options]

    step(1, 'a video through the weights that come with the package')
    derain_video(folder)
    step(2, 'rain over pictures with a moving camera')
    for split, names, (length, seed) in (
            ('train', TRAIN_PICTURES, TRAIN_CLIP),
            ('test', TEST_PICTURES, TEST_CLIP)):
        write_pictures(folder / 'pictures' / split, names)
        run('python.sh', '-m', 'mmderain', 'synthesize',
            folder / 'pictures' / split, data, '--split', split,
            '--from-still', '--preset', 'heavy', '--size', f'{SIZE}x{SIZE}',
            '--num-frames', length, '--seed', seed)
    step(3, 'training on two processes')
    run('dist_train.sh', CONFIG, 2, '--work-dir', work, *options)
    step(4, 'testing on clips of other pictures')
    checkpoint = max(work.glob('iter_*.pth'),
                     key=lambda path: path.stat().st_mtime)
    run('dist_test.sh', CONFIG, checkpoint, 2, '--save-path', restored,
        '--out', scores, *options)
    step(5, 'a picture and a video')
    write_picture(folder / 'picture.png', data, checkpoint)
    write_video(folder / 'video.mp4', data, restored)

    before = np.mean([
        psnr(rainy.astype(float) - clean) for name in TEST_PICTURES
        for rainy, clean in zip(frames(data / 'testlq' / name),
                                frames(data / 'testgt' / name), strict=True)])
    after = json.loads(scores.read_text())['VRDS/PSNR']
    print(f'\nheld-out clips, PSNR: rainy {before:.2f} dB, restored '
          f'{after:.2f} dB ({after - before:+.2f})\nlook at '
          f'{folder / "picture.png"}, {folder / "video.mp4"}, '
          f'{folder / "derained.png"} and {folder / "derained.mp4"}\n'
          f'{time.time() - began:.0f} s')


def clear(folder: Path) -> None:
    """Remove what an earlier demo made; nothing else."""
    marker = folder / '.mmderain-demo'
    # that of the checkout is the demo's own
    if (folder.exists() and any(folder.iterdir()) and not marker.exists()
            and folder != ROOT / 'demo'):
        sys.exit(f'{folder} holds what the demo did not make, and is left '
                 'alone. Give --folder a new folder.')
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()


def step(number: int, text: str) -> None:
    """Say what comes."""
    print(f'\n== {number}/5: {text}', flush=True)


def run(script: str, *arguments) -> None:
    """Run a script of tools/; leave if it fails."""
    done = subprocess.run(
        [str(ROOT / 'tools' / script), *map(str, arguments)], check=False)
    if done.returncode:
        sys.exit(f'error: {script} failed with status {done.returncode}; '
                 'what it said is above')


def write_pictures(folder: Path, names: tuple[str, ...]) -> None:
    """Write pictures that installed packages carry."""
    from skimage import data
    from sklearn.datasets import load_sample_image
    folder.mkdir(parents=True)
    for name in names:
        if name in ('china', 'flower'):
            image = load_sample_image(f'{name}.jpg')
        else:
            image = getattr(data, name)()
        if image.ndim == 2:
            image = np.dstack([image] * 3)
        cv2.imwrite(str(folder / f'{name}.png'), image[..., ::-1])


def frames(folder: Path) -> np.ndarray:
    """All frames of a sequence, (t, h, w, 3), BGR."""
    return np.stack([cv2.imread(str(path))
                     for path in sorted(folder.glob('*.png'))])


def write_picture(path: Path, data: Path, checkpoint: Path) -> None:
    """Rows of rainy, restored, clean; mask and streaks, found and true."""
    import torch

    import mmderain  # noqa: F401
    from mmderain.checkpoints.description import load_network

    network = load_network(str(checkpoint))
    rows = []
    for name in TEST_PICTURES:
        truth = {key: frames(data / f'test{key}' / name)[5:8]
                 for key in ('lq', 'gt', '01drop', 'mstreak')}
        clip = torch.from_numpy(truth['lq'][..., ::-1].copy())
        with torch.no_grad():
            output = network(clip.permute(0, 3, 1, 2)[None].float() / 255)
        found = {key: to_image(getattr(output, key)[0, 1]) for key in (
            'restored', 'drop_mask', 'streak_map')}
        rows.append([
            ('rainy', truth['lq'][1]), ('restored', found['restored']),
            ('clean', truth['gt'][1]), ('mask, found', found['drop_mask']),
            ('mask, true', truth['01drop'][1]),
            ('streaks, found', found['streak_map']),
            ('streaks, true', truth['mstreak'][1])])
    cv2.imwrite(str(path), np.vstack(
        [np.hstack([caption(image, text) for text, image in row])
         for row in rows]))


def to_image(frame) -> np.ndarray:
    """(c, h, w), RGB or grey in [0, 1], to (h, w, 3), BGR, uint8."""
    image = (frame.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
    return np.ascontiguousarray(
        np.broadcast_to(image, (*image.shape[:2], 3))[..., ::-1])


def write_video(path: Path, data: Path, restored: Path) -> None:
    """Rainy, restored and clean side by side, each clip three times."""
    images = []
    for name in TEST_PICTURES:
        clips = [frames(folder / name) for folder in (
            data / 'testlq', restored, data / 'testgt')]
        images += list(np.concatenate(clips, axis=2)) * 3
    encode(path, images)


def encode(path: Path, images: list[np.ndarray], rate: int = 10) -> None:
    """Write a video of BGR images."""
    with av.open(str(path), 'w') as container:
        stream = container.add_stream('libx264', rate=rate)
        stream.height, stream.width = images[0].shape[:2]
        stream.pix_fmt, stream.options = 'yuv420p', {'crf': '18'}
        for image in images:
            container.mux(stream.encode(
                av.VideoFrame.from_ndarray(image, format='bgr24')))
        container.mux(stream.encode())


def write_drive(folder: Path, picture: Path) -> None:
    """What a camera sees that drives into a picture, past what is in it."""
    image = cv2.imread(str(picture))
    height, width = DRIVE_SIZE
    folder.mkdir(parents=True)
    for index, way in enumerate(np.linspace(0, 1, DRIVE_FRAMES)):
        scale = 1 - 0.25 * way
        left = (image.shape[1] - width) * way + width * (1 - scale) / 2
        top = (image.shape[0] - height * scale) / 2 + 10 * np.sin(index / 9)
        frame = cv2.warpAffine(
            image, np.float32([[scale, 0, left], [0, scale, top]]),
            (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
        cv2.imwrite(str(folder / f'{index:08d}.png'), frame)


def derain_video(folder: Path) -> None:
    """Rain on a drive, the command, and pictures of what it did."""
    write_pictures(folder / 'pictures' / 'drive', (DRIVE, ))
    write_drive(folder / 'drive' / DRIVE,
                folder / 'pictures' / 'drive' / f'{DRIVE}.png')
    run('python.sh', '-m', 'mmderain', 'synthesize', folder / 'drive',
        folder / 'rain', '--split', 'test', '--preset', 'medium', '--seed', 7)
    rainy, clean = (frames(folder / 'rain' / kind / DRIVE)
                    for kind in ('testlq', 'testgt'))
    encode(folder / 'dashcam.mp4', list(rainy), 25)
    run('python.sh', '-m', 'mmderain', 'derain', folder / 'dashcam.mp4',
        folder / 'clean.mp4')
    with av.open(str(folder / 'clean.mp4')) as container:
        derained = np.stack([frame.to_ndarray(format='bgr24')
                             for frame in container.decode(video=0)])
    encode(folder / 'derained.mp4',
           list(np.concatenate([rainy, derained, clean], axis=2)), 25)
    middle = len(rainy) // 2
    cv2.imwrite(str(folder / 'derained.png'), np.hstack([
        caption(images[middle], text) for text, images in (
            ('rainy', rainy), ('mmderain derain', derained),
            ('clean', clean))]))
    before, after = (psnr(images.astype(float) - clean)
                     for images in (rainy, derained))
    print(f'{before:.2f} dB before, {after:.2f} dB after')


if __name__ == '__main__':
    main()
