"""What encoders take, wherever it is asked for."""

import pytest

from mmderain.errors import UserError
from mmderain.media.video_encoder import Encoding


@pytest.mark.parametrize(('asked', 'says'), [
    (dict(crf=99), 'crf 99.*from 0 to 51 for h264 and hevc'),
    (dict(codec='av1', crf=64), 'from 0 to 63 for av1'),
    (dict(crf=-1), 'from 0 to 51'),
    (dict(codec='h264', preset='12'), 'ultrafast.*for h264'),
    (dict(codec='ffv1', preset='fast'), 'lossless'),
    (dict(codec='h263'), 'expected one of auto, h264')])
def test_what_an_encoder_would_refuse(asked, says):
    with pytest.raises(UserError, match=says):
        Encoding(**asked)


def test_what_it_takes():
    for asked in (dict(codec='ffv1'), dict(codec='av1', crf=63, preset='13'),
                  dict(crf=0)):
        Encoding(**asked)
