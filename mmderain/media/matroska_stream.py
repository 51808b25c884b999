"""What is wrong with a Matroska or WebM video that comes once."""

from io import BytesIO

from mmderain.media.ebml import (
    CLUSTER,
    EBML,
    IN_CLUSTER,
    IN_SEGMENT,
    LONGEST_HEAD,
    SEGMENT,
    BrokenElement,
    read_element,
)

_KNOWN = {EBML, SEGMENT, *IN_SEGMENT, *IN_CLUSTER}
_HOLDS_OTHERS = (SEGMENT, CLUSTER)


class MatroskaStream:
    """Follows the elements of what comes; what is no Matroska is left alone.
    """

    def __init__(self) -> None:
        self._head = b''  # what begins an element
        self._ahead = 0  # bytes of an element that have not come
        self._begun = self._place = 0  # of this element and the next one
        self._is_followed, self._reason = True, ''

    def feed(self, content: bytes) -> None:
        """What comes next."""
        if not self._is_followed:
            return
        skipped = min(self._ahead, len(content))
        self._ahead -= skipped
        self._head += content[skipped:]
        while self._is_followed and len(self._head) >= LONGEST_HEAD:
            try:
                self._step()
            except BrokenElement:
                self._is_followed = False
                if self._place:
                    self._reason = (
                        f'its structure is damaged at byte {self._place}')

    def _step(self) -> None:
        """Over one element; into those that hold others."""
        item = read_element(BytesIO(self._head), 0)
        if item.kind not in (_KNOWN if self._place else (EBML, )):
            raise BrokenElement
        length = item.content if item.kind in _HOLDS_OTHERS else item.end
        if length is None:
            raise BrokenElement
        self._ahead = max(0, length - len(self._head))
        self._head = self._head[length:]
        self._begun, self._place = self._place, self._place + length

    def damage(self) -> str | None:
        """What is wrong with all that came; None if nothing is."""
        if self._reason or not self._is_followed:
            return self._reason or None
        begun = self._begun if self._ahead else self._place
        try:
            while self._head:
                self._step()
        except BrokenElement:
            begun = self._place
        if self._ahead or self._head:
            return f'it ends within what begins at byte {begun}'
        return None
