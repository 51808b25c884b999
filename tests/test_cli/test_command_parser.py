"""Options as they are spelt elsewhere, told what they are called here."""

import pytest

from mmderain.cli.derain import build_parser


@pytest.mark.parametrize(('words', 'says'), [
    (('-crf', '18'), '-crf: expected --crf'),
    (('-hwaccel', 'cuda'), '-hwaccel: expected --hwaccel'),
    (('-segment_time', '9'), '-segment_time: expected --segment-time'),
    (('--segment_time', '9'), '--segment_time: expected --segment-time'),
    (('--segment_time=9', ), '--segment_time: expected --segment-time'),
    (('-output', 'b.mp4'), '-output: expected --output')])
def test_other_spellings_are_named(words, says, capsys):
    with pytest.raises(SystemExit) as ended:
        build_parser().parse_args(['a.mp4', *words])
    assert ended.value.code == 2
    assert says in capsys.readouterr().err


def test_what_is_a_path_stays_one():
    parser = build_parser()
    assert parser.parse_args(['-', '-']).paths == ['-', '-']
    assert parser.parse_args(['--', '-crf', 'b']).paths == ['-crf', 'b']
    assert parser.parse_args(['-iin.mp4', '-oout.mp4']).output == 'out.mp4'
