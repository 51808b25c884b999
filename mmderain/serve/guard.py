"""Who may ask: this server's own page, at an address that is this server's."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_READING = ('GET', 'HEAD')
_OWN = ('same-origin', 'none')  # of Sec-Fetch-Site; none: typed by the user
_HEADERS = {
    'Content-Security-Policy':
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
        "'self'; media-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store'}


class Guard:
    """Refuses what other sites make a browser ask.

    A site whose name is made to lead to this machine (DNS rebinding) is known
    by its name: only addresses in digits, ``localhost`` and names that were
    given are this server's. What changes something must come from its page.

    Args:
        app: Is asked what is allowed.
        names: Of this server, beside ``localhost``.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] = ()) -> None:
        self._app = app
        self._names = {'localhost', *(name.lower() for name in names)}

    async def __call__(self, scope: Scope, receive: Receive,
                       send: Send) -> None:
        """Refuse, or pass on."""
        if scope['type'] != 'http':
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message['type'] == 'http.response.start':
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        why = self._refusal(scope['method'], Headers(scope=scope))
        app = self._app if why is None else JSONResponse(
            dict(error=why), status_code=403)
        await app(scope, receive, send_guarded)

    def _refusal(self, method: str, headers: Headers) -> str | None:
        host = headers.get('host', '')
        if not self._is_ours(_hostname(host)):
            return (f'This server is not called {host!r}. Open it by its '
                    'address, or give it this name: mmderain serve --name.')
        origin = headers.get('origin')
        if method not in _READING and (
                headers.get('sec-fetch-site', 'none') not in _OWN
                or origin is not None
                and _netloc(origin) != host.lower()):
            return 'Only the page of this server may ask for that.'
        return None

    def _is_ours(self, name: str | None) -> bool:
        if name in self._names:
            return True
        try:
            ipaddress.ip_address(name or '')
        except ValueError:
            return False
        return True


def _hostname(host: str) -> str | None:
    try:
        return urlsplit(f'//{host}').hostname
    except ValueError:
        return None


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None
