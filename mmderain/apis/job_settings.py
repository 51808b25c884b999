"""What decides the pixels of an output, to compare with when resuming."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from mmderain.apis.derain_options import DerainOptions
from mmderain.inference.frame_source import FrameSource
from mmderain.version import __version__

if TYPE_CHECKING:
    from mmderain.apis.inferencer import DerainInferencer

# of the options, those that do not
_WITHOUT_EFFECT = ('overwrite', 'resume', 'show_progress', 'devices')
# of the derainer's settings, those that change how a frame is computed but not
# what it is, up to rounding; the tile is kept beside the segments
_OF_SPEED = ('tile', 'prepare_threads', 'window_batch', 'tile_batch')


def job_settings(inferencer: 'DerainInferencer', source: FrameSource,
                 options: DerainOptions) -> dict:
    """The settings, as they come back from a JSON file."""
    chosen = asdict(options)
    for name in _WITHOUT_EFFECT:
        del chosen[name]
    stat = source.path.stat()
    test_cfg = dict(inferencer.derainer.test_cfg)
    for name in _OF_SPEED:
        test_cfg.pop(name, None)
    settings = dict(
        version=__version__, input=str(source.path.resolve()),
        input_size=stat.st_size, input_time=stat.st_mtime_ns,
        images=len(source.images or ()),
        checkpoint=_digest(inferencer.checkpoint),
        method=inferencer.method.name,
        dtype=str(inferencer.dtype), test_cfg=test_cfg, **chosen)
    return json.loads(json.dumps(settings, default=str))


def _digest(path: Path) -> str:
    with path.open('rb') as file:
        return hashlib.file_digest(file, 'sha256').hexdigest()
