"""Clips that may be video files."""

from pathlib import Path

from mmagic.registry import TRANSFORMS

from mmderain.datasets.transforms.clips import LoadFrames
from mmderain.media.frame_source import open_source


@TRANSFORMS.register_module()
class LoadClip(LoadFrames):
    """``LoadFrames``, for samples that may name a video file instead.

    A sample with ``{key}_video`` gets every frame of that file, and names for
    them under ``{key}_path``: the number of each, counted from 0.
    """

    def transform(self, results: dict) -> dict:
        """Load.

        Raises:
            DataError: A file cannot be read or decoded.
        """
        video = results.get(f'{self.key}_video')
        if video is None:
            return super().transform(results)
        frames = list(open_source(Path(video)).pictures())
        results[self.key] = frames
        results[f'{self.key}_path'] = [
            f'{video}/{index:08d}' for index in range(len(frames))]
        return results
