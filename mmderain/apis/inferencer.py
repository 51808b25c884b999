"""Derains what Python holds, folders and videos, without any config."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property, partial
from inspect import signature
from itertools import chain
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from mmderain.apis.frame import Back, Frame
from mmderain.apis.inputs import derained, frames_of
from mmderain.apis.python_words import in_python_words
from mmderain.apis.turns import Turns, shared
from mmderain.config_file import read_config_file
from mmderain.errors import ConfigError, DataError, UserError
from mmderain.file_kinds import no_file
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.devices import check_device
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.media.containers import CONTAINERS
from mmderain.media.frame_source import open_source
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.media.video_info import TimedFrame
from mmderain.methods import Method
from mmderain.packages import require_packages
from mmderain.paths import find_config
from mmderain.restorer import Restorer, choose_restorer
from mmderain.restorer.lookahead import lookahead
from mmderain.weights import ShippedWeights


class DerainInferencer:
    """Rainy frames in, clean frames out; memory does not grow with length.

    :meth:`infer` is called as that of MMagic's ``MMagicInferencer``. Threads
    may share an inferencer: one computes at a time. They may share what it
    gives frame by frame, too: each result goes to one of them.

    Args:
        model_ckpt: As for :class:`~mmderain.restorer.Restorer`: the file of a
            checkpoint, or None for the weights that come with mmderain.
        model_name: As for the restorer.
        model_config: The same, or a config's path, or the name of one of
            mmderain.
        remove: ``'streaks'``, ``'drops'`` (on the lens), or both, as of
            ``mmderain derain --remove``; both when None.
        **options: As for the restorer: ``device``, ``dtype``, ``tile``,
            ``tile_overlap``, ``batch``, ``test_cfg``.

    Raises:
        UserError: As for the restorer, or there is no such device.

    Example:
        >>> derain = DerainInferencer()  # or a file: 'eevrsr.pth'
        >>> clean = derain(frames)                    # (t, h, w, 3) uint8
        >>> for frame in derain.frames('rainy.mp4'):  # one by one
        ...     show(frame)
        >>> for frame in derain.stream(camera):       # derain.delay later
        ...     show(frame)
        >>> report = derain('rainy.mp4', 'clean.mp4')
    """

    @in_python_words()
    def __init__(self, model_ckpt: str | None = None,
                 model_name: str | None = None,
                 model_config: Mapping | str | Path | None = None,
                 remove: Collection[str] | None = None,
                 **options: Any) -> None:
        if isinstance(model_config, str | Path):
            require_packages(['mmengine'])
            model_config = named_config(model_config)
        known = dict.fromkeys((*signature(Restorer).parameters, 'remove'))
        for name in options.keys() - known:
            raise TypeError(f'DerainInferencer has no argument {name!r}; it '
                            f'takes {", ".join(known)}.')
        if options.get('device') is not None:
            check_device(str(options['device']))
        self.restorer = choose_restorer(
            model_ckpt, model_name, remove, model_config=model_config,
            **options)
        self._turns = Turns()

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            'A DerainInferencer can be neither pickled nor copied: what '
            'computes belongs to one process. Make one in each process; '
            'threads may share one.')

    @property
    def weights(self) -> ShippedWeights | None:
        """The shipped weights that are used, if any."""
        return self.restorer.weights

    @property
    def method(self) -> Method:
        """The method of the network."""
        return self.restorer.method

    @cached_property
    def delay(self) -> int:
        """The most frames that one waits for in :meth:`stream`; measured."""
        with self._turns.alone():
            return lookahead(self.restorer, self.restorer.spec(None, 1, 1))

    @in_python_words()
    def frames(self, inputs: Any) -> Iterator[Any]:
        """Derain and hand out frame by frame.

        Args:
            inputs: A path, a frame or a clip, as for calling.

        Returns:
            Iterator: Frames (h, w, 3), uint8 RGB, of a path; otherwise each of
            the kind of the frame that was given.

        Raises:
            DataError: The input cannot be read, or cannot be such frames;
                while they are handed out for what is read meanwhile.
        """
        if isinstance(inputs, str | Path):
            source = open_source(_path(inputs))
            for damage in source.damage():
                raise DataError(f'{inputs}: {damage}. Replace the file.')
            return self._images(source.read())
        return self._alike(frames_of(inputs))

    def stream(self, frames: Iterable[Any]) -> Iterator[Any]:
        """Derain live frames, each as soon as those that it waits for came.

        How many these are is known before: :attr:`delay`. Finding out also
        warms up what computes. ``remove='streaks'`` waits for fewer.

        Args:
            frames: Of one size; such as a loop over a camera, which is asked
                for one at a time.

        Returns:
            Iterator: A result for each frame, in order and of its kind; the
            last ones when ``frames`` has ended.

        Raises:
            DataError: As of :meth:`frames`.
            UserError: It is an address or a path.
        """
        if isinstance(frames, str | Path):
            raise UserError(
                'stream() takes an iterator of frames, such as a loop over a '
                f'camera, got {type(frames).__name__}. For live addresses use '
                f'mmderain derain {frames}, for files derain.frames(...).')
        found = frames_of(frames)
        _ = self.delay
        return self._alike(found)

    @shared
    def _alike(self, frames: Iterable[Frame]) -> Iterator[Any]:
        """Results of the kinds of the frames."""
        backs: deque[Back] = deque()  # of frames that are not restored yet

        def read() -> Iterator[TimedFrame]:
            for index, frame in enumerate(frames):
                image, back = frame.read()
                backs.append(back)
                yield TimedFrame(image, index, 1, index)

        for image in self._images(read()):
            yield backs.popleft()(image)

    @shared
    def _images(self, frames: Iterator[TimedFrame]) -> Iterator[np.ndarray]:
        with in_python_words():
            for first in frames:
                size = first.image.shape[:2]
                with self._turns.alone():
                    spec = self.restorer.spec(
                        self.restorer.fit_tile(*size), *size)
                for result in self._turns.stream(
                        partial(self.restorer.stream, spec=spec),
                        chain([first], frames)):
                    yield result.image

    @in_python_words()
    def __call__(self, inputs: Any, output: str | Path | None = None,
                 options: DerainOptions | None = None) -> Any:
        """Derain.

        Args:
            inputs: An image (h, w, 3) or a clip (t, h, w, 3), uint8 RGB; a PIL
                image; a tensor (3, h, w), (t, 3, h, w) or (n, t, 3, h, w),
                uint8 or floating point from 0 to 1; a list, tuple or generator
                of frames of a clip; or the path of an image, a folder of
                frames or a video.
            output: Write it there: a video, a folder or an image.
            options: How to write it.

        Returns:
            The same as was given, of its kind, type and device; without
            ``output`` a generator of frames for a path or a generator;
            otherwise a report of what was written. Results have 8 bits and no
            gradients.

        Raises:
            UserError: Something cannot be read or written.
        """
        if output is not None:
            if not isinstance(inputs, str | Path):
                raise UserError(
                    'With an output expected the path of a video, an image or '
                    f'a folder, got {type(inputs).__name__}. Leave the output '
                    'out to get arrays for arrays.')
            if not isinstance(options, DerainOptions | None):
                raise UserError(
                    'options: expected DerainOptions(...), of '
                    'mmderain.jobs.options, or None, got '
                    f'{type(options).__name__}.')
            # a job may change what computes
            with self._turns.alone():
                return DerainJob(self.restorer, _path(inputs), _path(output),
                                 options or DerainOptions()).run()
        if isinstance(inputs, str | Path):
            return self.frames(inputs)
        return derained(inputs, self._alike)

    def infer(self, img: str | None = None, video: str | None = None,
              result_out_dir: str = '') -> DerainReport | list[np.ndarray]:
        """Derain as ``MMagicInferencer.infer`` is called.

        Args:
            img: Path of an image.
            video: Path of a video or of a folder of frames.
            result_out_dir: The result: a video, a folder or an image. A
                folder for an image gets the image under its name. Nothing is
                overwritten.

        Returns:
            A report of what was written; the frames without
            ``result_out_dir``.

        Raises:
            UserError: Neither or both were given, or as for calling.
        """
        if (img is None) == (video is None):
            raise UserError('infer() takes img=... or video=..., one of them.')
        source = _path(video if img is None else img)
        if not result_out_dir:
            return list(self.frames(source))
        target = _path(result_out_dir)
        if img and target.suffix.lower() not in (*IMAGE_SUFFIXES,
                                                 *CONTAINERS):
            target = target / source.name
        return self(source, target)


def named_config(name: str | Path) -> Any:
    """Read a config by its path, or by the name of one of ours.

    Raises:
        ConfigError: There is none, or it cannot be read.
    """
    found, problem = find_config(str(name)), no_file(Path(name))
    if problem and found is None:
        raise ConfigError(
            f'model_config: there is no config {name}: {problem}. Fix the '
            'path; mmderain train --help lists those of mmderain.')
    return read_config_file(str(found if problem else name))


def _path(place: str | Path) -> Path:
    if not isinstance(place, str | Path):
        raise DataError(f'Expected a path as str or Path, got '
                        f'{type(place).__name__}. What is in memory is given '
                        'to the inferencer itself: derain(frames).')
    if not str(place) or '\0' in str(place):
        raise DataError(f'Expected a path, got {str(place)!r}. The current '
                        "folder is '.'.")
    return Path(place)
