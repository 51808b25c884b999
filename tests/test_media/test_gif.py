"""A GIF without its end is noticed, wherever it was cut."""

from PIL import Image

from mmderain.media.damage import find_damage
from mmderain.media.gif import is_cut
from tests.helpers.videos import pictures


def test_every_cut_is_noticed(tmp_path):
    path = tmp_path / 'a.gif'
    first, *others = map(Image.fromarray, pictures(4, (24, 32)))
    first.save(path, save_all=True, append_images=others, loop=0,
               comment=b'rain')
    content = path.read_bytes()
    assert not is_cut(path) and find_damage(path) == []
    path.write_bytes(content + b'more')
    assert not is_cut(path)
    for length in range(1, len(content), 7):
        path.write_bytes(content[:length])
        assert is_cut(path), length
    path.write_bytes(content[:-1])
    damage, = find_damage(path)
    assert 'truncated' in str(damage)
