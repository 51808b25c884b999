"""EEVRSR on real clips without ground truth, for testing alone.

REAL_RAIN_ROOT names a folder of frames, or a folder of such folders.
"""

_base_ = 'EEVRSR.py'
