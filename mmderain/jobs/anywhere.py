"""Inputs, outputs and records of an archive, on a disk or in a store."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mmderain import stores
from mmderain.file_kinds import no_file
from mmderain.files import parse_json
from mmderain.files import write_json as write_json_file
from mmderain.jobs.settings import known_by
from mmderain.media.frame_folder import output_fingerprint
from mmderain.stores import StoreUrl

Anywhere = Path | StoreUrl


def is_there(place: Anywhere) -> bool:
    """Whether something has this name, be it a link that leads nowhere."""
    return (stores.is_there(place) if isinstance(place, StoreUrl)
            else os.path.lexists(place))


def input_known_by(place: Anywhere) -> dict:
    """By what an input is known again; see ``known_by`` of settings."""
    return (stores.known_by(place) if isinstance(place, StoreUrl)
            else known_by(place))


def output_known_by(place: Anywhere) -> dict | None:
    """By what an output is known again; see ``output_fingerprint``."""
    return (stores.known_by(place) if isinstance(place, StoreUrl)
            else output_fingerprint(place))


def content_known_by(place: Anywhere) -> dict | None:
    """The same, alike on disks and in stores."""
    return (stores.fingerprint_of(place) if isinstance(place, StoreUrl)
            else output_fingerprint(place))


def size_of(place: Anywhere) -> int:
    """Bytes of a file, or of all in a folder; 0 where nobody knows."""
    try:
        if isinstance(place, StoreUrl):
            return stores.known_by(place)['size']
        if place.is_dir():
            return sum(item.stat().st_size for item in place.iterdir())
        return place.stat().st_size
    except Exception:
        return 0  # what is wrong with it is said by the work


def read_json(place: Anywhere) -> Any:
    """What a JSON file holds; None where it is something else, or missing."""
    if isinstance(place, StoreUrl):
        return stores.read_json(place)
    if no_file(place):  # a pipe would be waited for
        return None
    try:
        return parse_json(place.read_text(encoding='utf-8'))
    except (OSError, ValueError):
        return None


def write_json(place: Anywhere, content: Any) -> None:
    """Write a JSON file as a whole.

    Raises:
        UserError: It cannot be written.
    """
    if isinstance(place, StoreUrl):
        with TemporaryDirectory() as scratch:
            stores.write_json(place, content, Path(scratch) / 'content')
    else:
        write_json_file(place, content, parents=True)


def remove(place: Anywhere) -> None:
    """Remove a file, if it is there.

    Raises:
        UserError: The store does not.
        OSError: The disk does not.
    """
    if isinstance(place, StoreUrl):
        stores.remove(place)
    else:
        place.unlink(missing_ok=True)


def rename(place: Anywhere, other: Anywhere) -> None:
    """Give a file another name beside it.

    Raises:
        UserError: The store does not.
        OSError: The disk does not.
    """
    if isinstance(place, StoreUrl):
        stores.rename(place, other)
    else:
        place.rename(other)
