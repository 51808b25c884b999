"""LightMedian: aligned medians on processors without a GPU, in real time."""
