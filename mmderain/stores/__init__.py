"""Files in stores such as s3://, by what fsspec reads and writes."""

from mmderain.stores.store_url import READ_ONLY, StoreUrl, parse_place
from mmderain.stores.transfer import (
    StoreError,
    fetch,
    fingerprint_of,
    is_there,
    known_by,
    read_json,
    remove,
    rename,
    send,
    write_json,
)

__all__ = ['READ_ONLY', 'StoreError', 'StoreUrl', 'fetch', 'fingerprint_of',
           'is_there', 'known_by', 'parse_place', 'read_json', 'remove',
           'rename', 'send', 'write_json']
