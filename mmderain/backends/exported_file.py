"""What an exported network says of itself, in the metadata of its file."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mmderain.errors import CheckpointError
from mmderain.methods import Method, get_method
from mmderain.version import __version__
from mmderain.windows.network_spec import NetworkSpec

KEY = 'mmderain'
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
    """

    method: str
    network: NetworkSpec
    settings: Mapping[str, Any]
    map_names: tuple[str, ...]
    size: tuple[int, int] | None
    weights: str
    layout: str = '(n, t, c, h, w) float32, RGB in [0, 1]'

    def find_method(self) -> Method:
        """Its method."""
        return get_method(self.method)

    def to_json(self) -> str:
        """As it stands in a file."""
        return json.dumps(dict(asdict(self), version=__version__))

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], path: Path
                      ) -> 'ExportedNetwork':
        """Read what a file says.

        Raises:
            CheckpointError: It is none that mmderain exported.
        """
        try:
            said = json.loads(metadata[KEY])
            network = said['network']
            valid, size = network['valid'], said['size']
            found = cls(
                str(said['method']),
                NetworkSpec(int(network['window']),
                            None if valid is None else tuple(valid),
                            int(network['divisor']), int(network['margin'])),
                dict(said['settings']), tuple(map(str, said['map_names'])),
                None if size is None else tuple(map(int, size)),
                str(said['weights']))
        except (KeyError, TypeError, ValueError) as error:
            raise CheckpointError(
                f'{path}: expected a network that mmderain export has '
                'written, which says so in its metadata, got another file. '
                'Export it anew.') from error
        return found
