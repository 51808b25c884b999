"""Addresses of pages that show a video, which are not the video itself."""

import re

_PAGE = re.compile(
    r'https?://(?:[\w-]+\.)*(?:youtube(?:-nocookie)?\.com|youtu\.be|vimeo\.com'
    r'|dailymotion\.com|bilibili\.com|twitch\.tv)(?:[/?#]\S*)?')


def is_page(text: str) -> bool:
    """Whether an address is one of a site whose pages show videos."""
    return _PAGE.fullmatch(text) is not None


def instead_of_page(address: str) -> str:
    """What to do with a page."""
    return (f"download it first: yt-dlp -o 'rainy.%(ext)s' '{address}', then "
            'derain the file.')
