"""Files that come from a store and go into one, each as a whole."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from mmderain.errors import NO_SPACE, DataError, PackagesError, UserError
from mmderain.files import END_BYTES, digest_of_ends, parse_json
from mmderain.packages import require_packages
from mmderain.stores.store_url import StoreUrl

# what stores say that changes with a file; the best first
_MARKS = ('ETag', 'etag', 'md5Hash', 'Content-MD5', 'mtime', 'LastModified',
          'Last-Modified', 'last_modified', 'created')
# of those in which a file appears when all of it is there
_WHOLE = {'s3', 's3a', 'gs', 'gcs', 'abfs', 'az'}


class StoreError(UserError):
    """A store does not answer, or not as it should; it may later."""


def is_there(url: StoreUrl) -> bool:
    """Whether there is such a file.

    Raises:
        UserError: The store does not say.
    """
    with _told(url):
        store, place = _found(url)
        try:
            # what exists() says is also of a store that does not answer
            return bool(store.info(place))
        except FileNotFoundError:
            return False


def known_by(url: StoreUrl) -> dict[str, Any]:
    """By what a file is known again, without reading it.

    Returns:
        dict: ``size``, and what the store says of its content.

    Raises:
        DataError: There is none.
        StoreError: The store does not say.
    """
    with _told(url):
        store, place = _found(url)
        info = store.info(place)
        if info.get('size') is None or info.get('type') == 'directory':
            raise DataError(f'{url}: expected a file whose size the store '
                            'knows, but there is none. Fix the address.')
        marks = ((name, str(info[name])) for name in _MARKS
                 if info.get(name))
        return dict([('size', info['size']), *islice(marks, 1)])


def fingerprint_of(url: StoreUrl) -> dict:
    """As :func:`mmderain.files.fingerprint`; reads both ends.

    Raises:
        UserError: As of :func:`known_by`.
    """
    size = known_by(url)['size']
    with _told(url):
        store, place = _found(url)
        first = store.cat_file(place, 0, min(size, END_BYTES))
        last = max(END_BYTES, size - END_BYTES)
        return dict(size=size, ends=digest_of_ends(
            first, store.cat_file(place, last, size) if last < size else b''))


def fetch(url: StoreUrl, path: Path) -> dict[str, Any]:
    """Copy a file from a store.

    Args:
        url: Where it is.
        path: Where it shall be.

    Returns:
        dict: What it is known by.

    Raises:
        DataError: There is none, or it changes meanwhile.
        StoreError: The store does not give it.
        OSError: It cannot be written.
    """
    before = known_by(url)
    with _told(url):
        store, place = _found(url)
        store.get_file(place, str(path))
    if known_by(url) != before:
        raise DataError(f'{url} has changed while it was copied. Run again '
                        'when it is complete.')
    _check_size(url, path.stat().st_size, before['size'])
    return before


def send(path: Path, url: StoreUrl) -> dict[str, Any]:
    """Copy a file into a store, where it appears as a whole.

    Args:
        path: Where it is.
        url: Where it shall be.

    Returns:
        dict: What it is known by.

    Raises:
        StoreError: The store does not take it.
    """
    with _told(url):
        store, place = _found(url)
        protocols = ({store.protocol} if isinstance(store.protocol, str)
                     else {*store.protocol})
        if protocols & _WHOLE:
            store.put_file(str(path), place)
        else:
            _send_aside(url, store, path, place)
    known = known_by(url)
    _check_size(url, known['size'], path.stat().st_size)
    return known


def _send_aside(url: StoreUrl, store: Any, path: Path, place: str) -> None:
    """Copy a file under another name, and then give it its own."""
    folder, _, name = place.rpartition('/')
    store.makedirs(folder, exist_ok=True)
    unfinished = f'{folder}/.{name[:50]}.{uuid4().hex[:8]}.unfinished'
    try:
        store.put_file(str(path), unfinished)
        _check_size(url, store.info(unfinished)['size'], path.stat().st_size)
        store.mv(unfinished, place)
    finally:
        if store.exists(unfinished):
            store.rm_file(unfinished)


def read_json(url: StoreUrl) -> Any:
    """What a JSON file holds; None where it is something else, or missing.

    Raises:
        StoreError: The store does not give it.
    """
    with _told(url):
        store, place = _found(url)
        try:
            return parse_json(store.cat_file(place))
        except (FileNotFoundError, ValueError):
            return None


def write_json(url: StoreUrl, content: Any, scratch: Path) -> None:
    """Write a JSON file as a whole.

    Args:
        url: Where it shall be.
        content: What JSON can hold.
        scratch: A file that may be written before.

    Raises:
        StoreError: The store does not take it.
    """
    scratch.write_text(json.dumps(content, indent=2) + '\n')
    send(scratch, url)


def remove(url: StoreUrl) -> None:
    """Remove a file, if it is there.

    Raises:
        StoreError: The store does not.
    """
    with _told(url), suppress(FileNotFoundError):
        store, place = _found(url)
        store.rm_file(place)


def rename(url: StoreUrl, other: StoreUrl) -> None:
    """Give a file another name in the same store.

    Raises:
        StoreError: The store does not.
    """
    with _told(url):
        store, place = _found(url)
        store.mv(place, _found(other)[1])


def _found(url: StoreUrl) -> tuple[Any, str]:
    """What fsspec has for an address, and the address as it takes it."""
    require_packages(['fsspec'])
    import fsspec

    try:
        store, place = fsspec.core.url_to_fs(url.text)
    except ImportError as error:
        raise PackagesError(
            f'{url}: {url.scheme}:// needs a package of its own: {error}. '
            "(pip install s3fs for s3://, gcsfs for gs://, adlfs for "
            "abfs://, 'mmderain[ray]' for http://)") from error
    except ValueError as error:
        raise UserError(f'{url}: expected an address such as s3://, gs:// or '
                        f'http://, got {url.scheme}://. Fix it.') from error
    store.invalidate_cache()
    return store, place


def _check_size(url: StoreUrl, size: int, expected: int) -> None:
    if size != expected:
        raise StoreError(f'{url}: expected {expected} bytes after it was '
                         f'copied, got {size}. Run again.')


@contextmanager
def _told(url: StoreUrl) -> Iterator[None]:
    """Errors of a store, which are of many kinds, in words."""
    try:
        yield
    except UserError:
        raise
    except FileNotFoundError as error:
        raise DataError(f'{url}: expected a file, but the store has none of '
                        'this name. Fix the address.') from error
    except Exception as error:
        if getattr(error, 'errno', None) in NO_SPACE:
            raise  # of this machine
        raise StoreError(
            f'{url}: expected the store to give or take this file, got '
            f'"{type(error).__name__}: {error}". Check the address, the '
            'rights to read and write there, and the network; then run '
            'again.') from error
