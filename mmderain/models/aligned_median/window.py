"""The window of AlignedMedian, for all that handles its clips."""

FRAMES = 5
CENTRE = 2  # the frame that is restored
