"""Files in stores such as s3://, by what fsspec reads and writes."""

from mmderain.stores.store_url import StoreUrl
from mmderain.stores.transfer import (
    StoreError,
    fetch,
    fingerprint_of,
    is_there,
    known_by,
    read_json,
    remove,
    send,
    write_json,
)

__all__ = ['StoreError', 'StoreUrl', 'fetch', 'fingerprint_of', 'is_there',
           'known_by', 'read_json', 'remove', 'send', 'write_json']
