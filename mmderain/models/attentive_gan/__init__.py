"""Attentive GAN: raindrops removed from one image."""
