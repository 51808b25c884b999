"""Windows and tiles with little to say."""

from mmderain.windows import stream
from mmderain.windows.windows import merge, windows


def restore_stream(frames, restore, spec):
    """Frames through ``restore``, from clip (t, c, h, w) to its frames."""
    return merge((start, restore(window))
                 for start, window in windows(frames, spec))


def restore_frames(frames, restore_window, window, tile=None, *, encode=None,
                   prepare_window=None, **batches):
    """``stream.restore_frames`` by the parts of its ``StreamSpec``."""
    return stream.restore_frames(
        frames, restore_window, stream.StreamSpec(window, tile, **batches),
        encode=encode, prepare_window=prepare_window)


def restart_frame(window, frame, window_batch=1):
    """Where a stream of a window begins to give a frame as if unbroken."""
    return stream.StreamSpec(
        window, window_batch=window_batch).restart_frame(frame)
