"""A file as it comes: written while it is counted."""

import asyncio
from contextlib import suppress
from pathlib import Path

from starlette.requests import ClientDisconnect, Request

from mmderain.errors import NO_SPACE, DataError, NoSpaceError
from mmderain.serve.limits import NO_ROOM, Limits

SECONDS_OF_SILENCE = 30.0
SECONDS_TO_HEAR = 3.0


async def receive(request: Request, path: Path, limits: Limits) -> None:
    """Write the body of a request into a new file.

    Nothing beyond the limit is read, whatever the request says of its length.

    Raises:
        DataError: It is too large, empty, or was not sent completely.
        NoSpaceError: The disk is full.
    """
    length = request.headers.get('content-length', '')
    if length.isdecimal():
        limits.check_size(int(length))
    size = 0
    try:
        with path.open('xb') as file:
            chunks = aiter(request.stream())
            while True:
                async with asyncio.timeout(SECONDS_OF_SILENCE):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    break
                size += len(chunk)
                if size:
                    limits.check_size(size)
                file.write(chunk)
    except (ClientDisconnect, TimeoutError) as error:
        raise DataError('The upload was broken off. Try again.') from error
    except OSError as error:
        if error.errno not in NO_SPACE:
            raise
        raise NoSpaceError(NO_ROOM) from error
    limits.check_size(size)


async def hear_out(request: Request) -> None:
    """Read on for a moment what was refused, and keep nothing of it.

    A browser that still sends when the connection is closed does not read why.
    """
    # RuntimeError: all of it has come
    with suppress(TimeoutError, ClientDisconnect, RuntimeError):
        async with asyncio.timeout(SECONDS_TO_HEAR):
            async for _ in request.stream():
                pass
