"""Windows without devices, bytes and tiles."""

from mmderain.windows.windows import merge, windows


def restore_stream(frames, restore, spec):
    """Frames through ``restore``, from clip (t, c, h, w) to its frames."""
    return merge((start, restore(window))
                 for start, window in windows(frames, spec))
