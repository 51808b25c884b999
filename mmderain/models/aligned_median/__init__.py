"""AlignedMedian, a method of our own: streaks removed from video."""
