"""What decides an output, to compare with when it is asked for again."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from mmderain import weights
from mmderain.backends import BACKENDS, find_backend, is_installed
from mmderain.errors import DataError, PackagesError
from mmderain.files import fingerprint
from mmderain.jobs.options import DerainOptions
from mmderain.media.frame_source import FrameSource
from mmderain.media.images import is_image
from mmderain.restorer import Restorer
from mmderain.restorer.computing import said_of_each
from mmderain.version import __version__
from mmderain.weights import ShippedWeights, find_weights

# what describes networks and how they compute; lists of both stages
_OF_NETWORKS = ('checkpoint', 'method', 'test_cfg', 'guide')
_OF_WAY = ('backend', 'dtype')
# how the input is known again, and the parts of each
_OF_INPUT = dict(input_known_by=('size', 'ends', 'time'),
                 input_size=('size', ), input_time=('time', ))
_OF_MASK = dict(mask_known_by=_OF_INPUT['input_known_by'])
_DIGEST = re.compile(r'\b([0-9a-f]{12})[0-9a-f]{52}\b')
# of the options, those that do not
_WITHOUT_EFFECT = ('overwrite', 'resume', 'show_progress', 'devices',
                   'hardware')
# what allows a loss: without it, there was none in what is finished
PERMISSIONS = ('skip_bad_frames', 'leave_out_streams')
# what older records do not know, and is not said where it is not asked for
_LATER, _LATER_OF_ENCODING = ('leave_out_sound', ), ('named', 'named_options')


def job_settings(restorer: Restorer, source: FrameSource,
                 options: DerainOptions, way: Mapping[str, str]) -> dict:
    """All that makes the segments of an output what they are.

    Segments of two runs are joined only where all of it is the same.

    Returns:
        dict: As it comes back from a JSON file.
    """
    stat = source.path.stat()
    return _plain(dict(
        _settings(restorer, options), version=__version__,
        input=str(source.path.resolve()), input_size=stat.st_size,
        input_time=stat.st_mtime_ns, input_known_by=known_by(source.path),
        images=len(source.images or ()), **way))


def output_settings(restorer: Restorer,
                    options: DerainOptions) -> dict:
    """What was asked for, whatever the input and the machine.

    Returns:
        dict: As it comes back from a JSON file.
    """
    settings = _settings(restorer, options)
    del settings['segment_frames']  # only where a run can be resumed
    return _plain(dict(settings, dtype=restorer.asked_dtype))


def known_by(path: Path) -> dict:
    """By what an input is known again, without reading all of it.

    Returns:
        dict: Size, time, and a digest: of the ends of a file, or of names,
        sizes and times of the images in a folder.

    Raises:
        DataError: It cannot be read.
    """
    try:
        stat = path.stat()
        if not path.is_dir():
            return dict(fingerprint(path), time=stat.st_mtime_ns)
        found, size = hashlib.sha256(), 0
        for item in sorted(filter(is_image, path.iterdir())):
            stat = item.stat()
            size += stat.st_size
            found.update(os.fsencode(item.name) + (
                f'\0{stat.st_size}\0{stat.st_mtime_ns}\n').encode())
    except OSError as error:
        # which may be one of the images
        raise DataError(f'{error.filename or path}: expected an input that '
                        f'can be read, got "{error.strerror}". Fix its '
                        'permissions or the path.') from error
    return dict(size=size, ends=found.hexdigest())


def differing(was: Mapping, now: Mapping, names: Iterable[str]) -> list[str]:
    """Which settings of some names are other ones.

    Not those that allow now what was not needed before, nor another path of
    a mask whose content is known.
    """
    has_content = 'mask_known_by' in was and 'mask_known_by' in now
    return sorted(
        name for name in names if was.get(name) != now.get(name) and not (
            name in PERMISSIONS and was.get(name) is False
            or name == 'mask' and has_content))


def describe_change(was: Mapping, now: Mapping, names: Iterable[str]) -> str:
    """What settings of some names were and are, for messages."""
    stages = _changed_stages(was, now) or _changed_weights(was, now, names)
    texts = [stages] if stages else []
    texts += _changed_file(was, now, names, _OF_INPUT, 'input')
    texts += _changed_file(was, now, names, _OF_MASK, 'mask')
    # a digest is told apart by its beginning
    texts += [_DIGEST.sub(
        r'\1', f'{name} was {_said(name, was)} and is {_said(name, now)}')
        for name in names if name not in {**_OF_INPUT, **_OF_MASK}
        if not (stages and (name in _OF_NETWORKS or name in _OF_WAY))]
    return ', '.join(texts) + _missing(was, names)


def _changed_file(was: Mapping, now: Mapping, names: Iterable[str],
                  parts: Mapping[str, tuple[str, ...]], what: str
                  ) -> list[str]:
    """What is another of a file, in one text; none where nothing is."""
    keys = {(name, key) for name in names for key in parts.get(name, ())
            if _part(was, name, key) != _part(now, name, key)}
    changed = {key for _, key in keys}
    if not changed:
        return []
    text = f'the {what} has changed since ({", ".join(sorted(changed))})'
    if changed == {'time'}:
        time = next(_part(was, *item) for item in keys)
        seconds, rest = divmod(time or 0, 10 ** 9)
        text += (', though it has the same size, beginning and end: where it '
                 f"is the same, give it its time: touch -d '@{seconds}."
                 f"{rest:09d}' {what.upper()}")
    return [text]


def _part(settings: Mapping, name: str, key: str) -> object:
    """Of what the input is known by."""
    known = settings.get(name)
    return known.get(key) if isinstance(known, dict) else known


def _missing(was: Mapping, names: Iterable[str]) -> str:
    """What has to be installed to compute as before."""
    for name in said_of_each(str(was.get('backend'))):
        if 'backend' in names and name in BACKENDS and not is_installed(name):
            try:
                find_backend(name)
            except PackagesError as error:
                return f' ({error})'
    return ''


def _changed_stages(was: Mapping, now: Mapping) -> str | None:
    """What to do where one stage has become two, or two one."""
    before, after = (known.get('checkpoint') for known in (was, now))
    if isinstance(after, list) and before == after[0]:
        return ('there was no search for drops on the lens: add --remove '
                'streaks to keep it so')
    if isinstance(before, list) and after in before:
        return ('streaks and drops were removed: add --remove streaks,drops '
                'to keep it so')
    return None


def _changed_weights(was: Mapping, now: Mapping, names: Iterable[str]
                     ) -> str | None:
    """How to go on with weights that others have replaced since."""
    former = replaced_weights(was)
    if (former is None or not {*names} & {*_OF_NETWORKS}
            or _of_first(now.get('checkpoint'))
            != find_weights(former.replaced_by).sha256):
        return None
    stages = (' --remove streaks,drops'
              if isinstance(was.get('checkpoint'), list) else '')
    return (f'it was begun with the weights {former.name}: add --model '
            f'{former.name}{stages} to keep it so')


def replaced_weights(settings: Mapping) -> ShippedWeights | None:
    """Those that come with the package and that others have replaced.

    Args:
        settings: That have ``Restorer.known_by`` in them.
    """
    first = _of_first(settings.get('checkpoint'))
    has_guide = _of_first(settings.get('guide')) is not None

    def is_meant(entry: ShippedWeights) -> bool:
        if entry.replaced_by is None or entry.sha256 != first:
            return False
        present = find_weights(entry.replaced_by)
        # the same file may be used in another way since
        return (first, has_guide) != (present.sha256,
                                      present.guide is not None)

    # of names for one file that one which had a guide where there was one
    return max(filter(is_meant, weights.SHIPPED), default=None,
               key=lambda entry: (entry.guide is not None) == has_guide)


def _of_first(value: object) -> object:
    """Of the first model, where there are two."""
    return value[0] if isinstance(value, list) and value else value


def _said(name: str, settings: Mapping) -> str:
    value = settings.get(name)
    if name != 'guide':
        return repr(value)
    guide = _of_first(value)
    if isinstance(guide, dict):
        return f'{guide.get("method")} {guide.get("checkpoint")}'
    return 'none' if guide is None else repr(guide)


def _settings(restorer: Restorer,
              options: DerainOptions) -> dict:
    chosen = asdict(options)
    for name in _WITHOUT_EFFECT:
        del chosen[name]
    for known, names in ((chosen, _LATER),
                         (chosen['encoding'], _LATER_OF_ENCODING)):
        for name in names:
            if not known[name]:
                del known[name]
    if options.mask is not None:
        chosen['mask_known_by'] = known_by(options.mask)
    return {**chosen, **restorer.known_by}


def _plain(settings: dict) -> dict:
    return json.loads(json.dumps(settings, default=str))
