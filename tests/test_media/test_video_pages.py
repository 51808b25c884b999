"""Pages that show videos, and files that happen to be called so."""

import pytest

from mmderain.media.video_pages import is_page


@pytest.mark.parametrize('text', [
    'https://www.youtube.com/watch?v=a', 'https://youtu.be/a?t=3',
    'http://m.youtube.com/shorts/a', 'https://vimeo.com/1',
    'https://www.bilibili.com/video/BV1/', 'https://www.twitch.tv/rain'])
def test_pages(text):
    assert is_page(text)


@pytest.mark.parametrize('text', [
    'youtube.com.mp4', 'https://notyoutube.com/a', 'http://cam/youtube.com/a',
    'rtmp://a.rtmp.youtube.com/live2/key', 'https://youtube.com.evil.org/a',
    'http://youtu.be.lan:8080/a.ts', 's3://youtube.com/a.mp4'])
def test_no_pages(text):
    assert not is_page(text)
