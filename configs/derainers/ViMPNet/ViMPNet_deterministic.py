"""A fixed seed and deterministic algorithms."""

_base_ = 'ViMPNet.py'

# On a CPU two such runs are equal to the bit. On a GPU some backward passes
# (deformable convolution, bilinear warping) have no deterministic version, so
# equality is not promised there.
randomness = dict(seed=0, deterministic=True)
