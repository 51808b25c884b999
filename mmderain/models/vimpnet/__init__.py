"""ViMP-Net: rain streaks and raindrops removed from video together."""
