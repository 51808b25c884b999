"""What is written: the output itself, and what was asked for beside it."""

from dataclasses import dataclass
from pathlib import Path

from mmderain.apis.derain_options import DerainOptions
from mmderain.errors import UserError
from mmderain.inference.frame_sink import ImageSink, VideoSink, upright_info
from mmderain.inference.frame_source import FrameSource
from mmderain.inference.image_io import IMAGE_SUFFIXES

OUTPUT_SUFFIXES = ('.mp4', '.mov', '.mkv')
MAIN = 'output'
PREVIEW = 'preview'


@dataclass(frozen=True)
class OutputTracks:
    """Names of tracks and where they go; the output itself is the first.

    Args:
        source: The input.
        target: The output.
        options: What else is asked for.
        map_names: The maps that there are.
    """

    source: FrameSource
    target: Path
    options: DerainOptions
    map_names: tuple[str, ...]

    def check_target(self) -> None:
        """Refuse an output that cannot be.

        Raises:
            UserError: It is the input or within it, or of an unknown kind.
        """
        path, target = self.source.path, self.target
        inside = target.resolve()
        if inside == path.resolve() or (
                path.is_dir() and path.resolve() in inside.parents):
            raise UserError(f'{target}: expected an output outside the input '
                            f'{path}. Choose another one.')
        suffix = target.suffix.lower()
        single = not self.source.is_video and not path.is_dir()
        known = ('', *OUTPUT_SUFFIXES, *(IMAGE_SUFFIXES if single else ()))
        if suffix not in known:
            raise UserError(
                f'{target}: expected a folder or a file with one of the '
                f'suffixes {", ".join(known[1:])}, got {suffix!r}.')

    @property
    def targets(self) -> dict[str, Path]:
        """Name of a track -> where it goes."""
        tracks = [PREVIEW] if self.options.preview else []
        if self.options.save_maps:
            tracks += self.map_names
        stem, suffix = self.target.stem, self.target.suffix
        return {MAIN: self.target, **{
            track: self.target.with_name(f'{stem}.{track}{suffix}')
            if suffix else self.target.with_name(f'{stem}_{track}')
            for track in tracks}}

    def sinks(self, folder: Path) -> dict[str, VideoSink | ImageSink]:
        """Name of a track -> what writes it.

        Args:
            folder: Where tracks are while they are not complete.
        """
        sinks = {}
        upright = upright_info(self.source.info)
        wide = upright_info(self.source.info,
                            2 if self.options.preview == 'side' else 1)
        infos = {MAIN: self.source.info, PREVIEW: wide}
        for track, target in self.targets.items():
            if target.suffix.lower() in OUTPUT_SUFFIXES:
                sinks[track] = VideoSink(
                    folder / track, target, infos.get(track, upright),
                    self.options.encoding)
            else:
                sinks[track] = ImageSink(folder / track, target)
        return sinks
