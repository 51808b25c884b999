"""What an exported network says of itself, in the metadata of its file.

Among it is a digest of the file, without the digest itself: ONNX has no
checksums, and a bit that turns over in a weight would change frames silently.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmderain.errors import CheckpointError
from mmderain.files import parse_json
from mmderain.version import __version__
from mmderain.windows.network_spec import NetworkSpec

KEY = 'mmderain'
_DIGEST = re.compile(rb'"digest": "[0-9a-f]{64}"')
_NO_DIGEST = '0' * 64
INPUT, OUTPUT = 'clip', 'planes'


@dataclass(frozen=True)
class ExportedNetwork:
    """A network that was exported.

    Args:
        method: Name of its method.
        network: What windows it takes.
        settings: The method's ``test_cfg`` that it was exported with.
        map_names: Planes behind the three of the restored frame.
        size: Height and width that it takes alone; None for any.
        weights: SHA-256 of the checkpoint.
        layout: Of its input.
        planes: Sides of it between the samples and the height; nothing where
            an earlier version wrote the file.
    """

    method: str
    network: NetworkSpec
    settings: Mapping[str, Any]
    map_names: tuple[str, ...]
    size: tuple[int, int] | None
    weights: str
    layout: str
    planes: tuple[int, ...] = ()

    def to_json(self) -> str:
        """As it stands in a file that is not sealed yet."""
        return json.dumps(dict(asdict(self), version=__version__,
                               digest=_NO_DIGEST))

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path
                      ) -> 'ExportedNetwork':
        """Read what a file says.

        Raises:
            CheckpointError: It is none that mmderain exported.
        """
        try:
            said = parse_json(metadata[KEY])
            network = said['network']
            valid, size = network['valid'], said['size']
            found = cls(
                str(said['method']),
                NetworkSpec(int(network['window']), _whole(valid),
                            int(network['divisor']), int(network['margin'])),
                dict(said['settings']), tuple(map(str, said['map_names'])),
                _whole(size), str(said['weights']), str(said['layout']),
                tuple(map(int, said.get('planes', ()))))
            # what cannot be is told now, not with the first frame
            found.network.stream_spec(found.settings,
                                      found.size or found.settings.get('tile'))
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f'{path}: expected a network that mmderain export has '
                'written, which says so in its metadata, got another file. '
                'Export it anew.') from error
        return found


def sealed(content: bytes) -> bytes:
    """A file with its digest; one of earlier versions has no place for it."""
    open_file = _with_digest(content, _NO_DIGEST)
    return _with_digest(content, hashlib.sha256(open_file).hexdigest())


def check_seal(content: bytes, path: Path) -> None:
    """Refuse a file that is not as it was exported.

    Raises:
        CheckpointError: Its digest is that of another content.
    """
    if sealed(content) != content:
        raise CheckpointError(
            f'{path} is damaged, or something has changed it since mmderain '
            'export wrote it, as its digest tells. Copy it again, or export '
            'it anew.')


def _with_digest(content: bytes, digest: str) -> bytes:
    return _DIGEST.sub(f'"digest": "{digest}"'.encode(), content, count=1)


def _whole(pair: Sequence[int] | None) -> tuple[int, int] | None:
    """Two whole numbers, or nothing."""
    if pair is None:
        return None
    first, second = map(int, pair)
    return first, second
