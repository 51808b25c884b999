"""Which process makes which segments."""


class SegmentQueue:
    """Deals out segments so that processes seldom have to enter the clip anew.

    Each gets a range of its own; one that has done its range takes the later
    half of what is left of the longest one. So nobody waits while there is
    work, and a clip that is twice as slow at its end makes no difference.

    Args:
        finished: Number of each finished segment -> its number of frames.
        length: Frames of a full segment. One with fewer is the last.
        total: How many segments there are, or a guess.
        is_exact: Whether that is certain. Otherwise numbers from ``total`` on
            are dealt out, too, one by one, until one is beyond the end.
        workers: How many there are.
    """

    def __init__(self, finished: dict[int, int], length: int, total: int,
                 is_exact: bool, workers: int) -> None:
        self._length = length
        self._is_open = not is_exact
        self._next = total
        missing = [number for number in range(total)
                   if number not in finished]
        self._dealt: set[int] = set()  # and not done yet
        size, more = divmod(len(missing), workers)
        self._shares, begin = [], 0
        for worker in range(workers):
            end = begin + size + (worker < more)
            self._shares.append(missing[begin:end])
            begin = end
        for number, frames in finished.items():
            self._note_end(number, frames)

    def next(self, worker: int) -> int | None:
        """The next segment for a worker; None when all are dealt out."""
        share = self._shares[worker]
        if not share:
            longest = max(self._shares, key=len)
            if longest:
                half = len(longest) // 2
                share[:] = longest[half:]
                del longest[half:]
            elif self._is_open and not self._dealt:
                share.append(self._next)
                self._next += 1
            else:
                return None
        number = share.pop(0)
        self._dealt.add(number)
        return number

    def done(self, number: int, frames: int) -> None:
        """Note how many frames a segment has turned out to have."""
        self._dealt.discard(number)
        self._note_end(number, frames)

    def _note_end(self, number: int, frames: int) -> None:
        if frames < self._length:
            self._is_open = False
            end = number + 1 if frames else number
            for share in self._shares:
                share[:] = [other for other in share if other < end]


def segments_of(frames: int, length: int) -> int:
    """How many segments a number of frames makes."""
    return -(-frames // length)
