"""Packets whose time of decoding a container does not say."""

from types import SimpleNamespace

from mmderain.media.decoding_times import with_decoding_times


def packet(pts, dts=None, stream=0, size=1, duration=1):
    return SimpleNamespace(pts=pts, dts=dts, size=size, duration=duration,
                           stream=SimpleNamespace(index=stream))


def test_the_first_ones_are_counted_back():
    """Stored as 0, 3, 1, 2: none is decoded after it is shown."""
    first = [packet(0), packet(3)]
    known = [packet(1, 0), packet(2, 1)]
    came = list(with_decoding_times([*first, *known]))
    assert came == [*first, *known]
    assert [item.dts for item in came] == [-2, -1, 0, 1]


def test_a_stream_that_never_says_it_is_not_held():
    """Memory would grow with the clip, and all of it come at its end."""
    taken = []

    def read():
        for index in range(1000):
            taken.append(index)
            yield packet(index)

    came = with_decoding_times(read())
    assert [next(came).dts for _ in range(200)] == list(range(200))
    assert len(taken) < 300


def test_other_streams_go_on_meanwhile():
    other = packet(0, 0, stream=1)
    came = list(with_decoding_times([packet(0), other, packet(1, 1)]))
    assert [item.stream.index for item in came] == [1, 0, 0]
