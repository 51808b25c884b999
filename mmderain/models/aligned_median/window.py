"""The window of AlignedMedian, for all that handles its clips."""

FRAMES = 5
CENTRE = 2  # the frame that is restored
# how flow to farther neighbours is found, the default first; see
# composed_flows.py
ALIGNMENTS = ('direct', 'composed', 'quick')
# of networks that see what a guide restored
GUIDED_ALIGNMENT = 'composed'
# beside these: where frames are restored, and not for clips to train on; see
# device_flow.py
ON_DEVICE = 'device'
