"""Where chroma lies between the pixels, the same way in both directions.

Decoders of H.264 and HEVC say that chroma lies at the left pixel of two, and
FFmpeg's conversion to RGB heeds it. Frames that are made of RGB cannot be told
so by PyAV, and have it in the middle: chroma that went to RGB and back would
have moved by a quarter of its pixels. So the way to RGB does not heed it.
"""

import threading

import av

_own = threading.local()  # a graph is for one thread


def forget_chroma_location(frame: av.VideoFrame) -> av.VideoFrame:
    """The same frame, with chroma said to lie nowhere in particular."""
    kind = frame.format
    if not _is_subsampled(kind):
        return frame
    wanted = kind.name, frame.width, frame.height
    if getattr(_own, 'wanted', None) != wanted:
        _own.wanted, _own.graph = wanted, _graph(*wanted)
    _own.graph.push(frame)
    return _own.graph.pull()


def _is_subsampled(kind: av.VideoFormat) -> bool:
    return not kind.is_rgb and len(kind.components) >= 3 and (
        kind.chroma_width(64) < 64 or kind.chroma_height(64) < 64)


def _graph(pixel_format: str, width: int, height: int) -> av.filter.Graph:
    graph = av.filter.Graph()
    # the time base is never looked at
    source = graph.add('buffer', f'video_size={width}x{height}:pix_fmt='
                       f'{pixel_format}:time_base=1/1000')
    forget = graph.add('setparams', 'chroma_location=unspecified')
    sink = graph.add('buffersink')
    source.link_to(forget)
    forget.link_to(sink)
    graph.configure()
    return graph
