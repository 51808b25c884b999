"""The address of a file in a store, with as much of a path's face as is used.

It reads and writes nothing, and knows no library.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

_SCHEME = re.compile(r'([a-z][a-z0-9+.-]*)://(?=[^\s/]|/[^/\s])')
READ_ONLY = ('http', 'https')
_ON_DISK = ('file', 'local')
_SAME = {'s3a': 's3', 'gcs': 'gs'}  # stores that have two names


@dataclass(frozen=True)
class StoreUrl:
    """An address such as ``s3://bucket/day/a.mp4``.

    Args:
        text: As it was written, without a slash at its end.
    """

    text: str

    @classmethod
    def parse(cls, text: str) -> 'StoreUrl | None':
        """What a text names; None for a path, also as ``file://``."""
        found = _SCHEME.match(text)
        return (None if found is None or found[1] in _ON_DISK
                else cls(text.rstrip('/')))

    def __str__(self) -> str:
        return self.text

    def __truediv__(self, name: object) -> 'StoreUrl':
        return StoreUrl(f'{self.text}/{name}')

    @property
    def scheme(self) -> str:
        """What is before ``://``."""
        return _SCHEME.match(self.text)[1]

    @property
    def _path(self) -> PurePosixPath:
        # names of objects may hold what is a question in the web
        return PurePosixPath(
            unquote(urlsplit(self.text).path) if self.scheme in READ_ONLY
            else self.text)

    @property
    def name(self) -> str:
        """The last part."""
        return self._path.name

    @property
    def stem(self) -> str:
        """The last part, without its suffix."""
        return self._path.stem

    @property
    def suffix(self) -> str:
        """What the last part ends in, with its dot."""
        return self._path.suffix

    @property
    def parents(self) -> Sequence['StoreUrl']:
        """What it lies in, the nearest first."""
        above = StoreUrl.parse(self.text.rpartition('/')[0])
        return () if above is None else (above, *above.parents)

    def with_name(self, name: str) -> 'StoreUrl':
        """Another one beside it."""
        return StoreUrl(f'{self.text.rpartition("/")[0]}/{name}')

    def resolve(self) -> 'StoreUrl':
        """By the name that all its names have in common; none is a link."""
        rest = self.text.removeprefix(self.scheme)
        return StoreUrl(_SAME.get(self.scheme, self.scheme) + rest)

    def is_dir(self) -> bool:
        """False: what is in a store is taken for a file."""
        return False

    def is_file(self) -> bool:
        """True, likewise."""
        return True


def parse_place(text: str) -> StoreUrl | Path:
    """What a text names, in a store or on a disk."""
    found = _SCHEME.match(text)
    return StoreUrl.parse(text) or Path(
        text.removeprefix(found[0]) if found else text)
