"""A file that is sent to an HTTP server while it is written.

FFmpeg's own way has no limit of time, and does not look at what is answered.
"""

import io
from base64 import b64encode
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, quote, unquote, urlsplit

_BAD = 300  # statuses from here on; nothing is sent a second time elsewhere
_ASCII = "%/:?#[]@!$&'()*+,;="  # what addresses are made of beside words


class HttpPush(io.RawIOBase):
    """The body of a POST.

    Args:
        address: ``http://`` or ``https://``, perhaps with name and password.
        timeout: Seconds after which a server is given up that takes nothing.

    Raises:
        OSError: There is no server, or none that takes it.
    """

    def __init__(self, address: str, timeout: float) -> None:
        super().__init__()
        try:
            self._connect(urlsplit(address), timeout)
        except (ValueError, HTTPException) as error:
            raise OSError(None, str(error)) from error

    def _connect(self, parts: SplitResult, timeout: float) -> None:
        if not parts.hostname:
            raise ValueError('no host is named')
        kind = HTTPSConnection if parts.scheme == 'https' else HTTPConnection
        self._connection = kind(parts.hostname, parts.port, timeout=timeout)
        path = parts.path or '/'
        self._connection.putrequest('POST', quote(
            f'{path}?{parts.query}' if parts.query else path, _ASCII))
        self._connection.putheader('Transfer-Encoding', 'chunked')
        if parts.username is not None:
            said = f'{unquote(parts.username)}:{unquote(parts.password or "")}'
            self._connection.putheader(
                'Authorization', f'Basic {b64encode(said.encode()).decode()}')
        self._connection.endheaders()

    def writable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """What is sent cannot be changed."""
        return False

    def write(self, content: bytes) -> int:
        """Send a part."""
        content = bytes(content)
        self._connection.send(b'%x\r\n%s\r\n' % (len(content), content))
        return len(content)

    def finish(self) -> None:
        """Send the end, and see what is answered.

        Raises:
            OSError: It has not been taken.
        """
        self._connection.send(b'0\r\n\r\n')
        try:
            answer = self._connection.getresponse()
        except HTTPException as error:
            raise OSError(None, f'no answer of HTTP: {error!r}') from error
        if answer.status >= _BAD:
            raise OSError(None, f'the server answers {answer.status} '
                          f'{answer.reason}')

    def close(self) -> None:
        """Hang up."""
        super().close()
        self._connection.close()
