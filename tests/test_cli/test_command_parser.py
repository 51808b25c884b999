"""Options as they are spelt elsewhere, told what they are called here."""

import importlib
import re

import pytest

from mmderain.cli.derain import build_parser
from mmderain.cli.elsewhere import ELSEWHERE
from mmderain.cli.main import COMMANDS


def parser_of(name):
    return importlib.import_module(
        f'mmderain.cli.{COMMANDS[name][0]}').build_parser()


def complaint(parser, words, capsys):
    with pytest.raises(SystemExit) as ended:
        parser.parse_args(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(('words', 'says'), [
    (('-crf', '18'), '-crf: expected --crf'),
    (('-hwaccel', 'cuda'), '-hwaccel: expected --hwaccel'),
    (('-segment_time', '9'), '-segment_time: expected --segment-time'),
    (('--segment_time', '9'), '--segment_time: expected --segment-time'),
    (('--segment_time=9', ), '--segment_time: expected --segment-time'),
    (('-output', 'b.mp4'), '-output: expected --output')])
def test_other_spellings_are_named(words, says, capsys):
    assert says in complaint(build_parser(), ['a.mp4', *words], capsys)


@pytest.mark.parametrize(('command', 'words', 'says'), [
    ('derain', '--force', '--force: expected --overwrite'),
    ('derain', '--gpu 0', '--gpu: expected --device cuda:0'),
    ('derain', '--fp16', '--fp16: expected --dtype float16'),
    ('derain', '--from 5', '--from: expected --start'),
    ('derain', '-n', '-n: expected nothing, or --model NAME: nothing is '
     'replaced without --overwrite'),
    ('derain', '-c copy', '-c: expected --codec for the pictures; sound and '
     'subtitles are copied as they are'),
    ('derain', '-c:a aac', '-c:a: expected nothing: sound and subtitles are '
     'copied as they are'),
    ('derain', '-vf scale=640:-1', '-vf: expected nothing: filter with '
     'ffmpeg before or afterwards'),
    ('derain', '-s 640x360', '-s: expected nothing: filter with ffmpeg'),
    ('derain', '--no-copy-streams', '--no-copy-streams: expected --no-sound'),
    ('derain', '-map 0', '-map: expected nothing: all streams are kept'),
    ('derain', '-hide_banner', '-hide_banner: expected nothing'),
    ('derain', '-frames:v 250', '-frames:v: expected --duration 250f'),
    ('derain', '-f mp4', '-f: expected the name of the output to say it'),
    ('derain', '--tile_size 256', '--tile_size: expected --tile'),
    ('derain', '-threads 4', '-threads: expected OMP_NUM_THREADS=4'),
    ('derain', '--weights=x.pth', '--weights: expected --checkpoint'),
    ('train', '--max-iters 9',
     '--max-iters: expected --cfg-options train_cfg.max_iters='),
    ('train', '--gpus 4', '--gpus: expected ./tools/dist_train.sh CONFIG'),
    ('train', '--device cuda:1', 'expected CUDA_VISIBLE_DEVICES=1'),
    ('serve', '-p 80', '-p: expected --port'),
    ('serve', '--gpu 0', '--gpu: expected --device cuda:0'),
    ('serve', '--share', '--share: expected --host 0.0.0.0'),
    ('train', '--load-from x.pth', 'expected --cfg-options load_from='),
    ('test', '--show-dir x', '--show-dir: expected --save-path')])
def test_other_programs_options_are_told_what_does_it_here(
        command, words, says, capsys):
    assert says in complaint(parser_of(command),
                             ['a', 'b', *words.split()], capsys)


@pytest.mark.parametrize('command', ELSEWHERE)
def test_what_is_named_instead_is_there(command, capsys):
    """Each is not of ours itself; what it leads to is."""
    parser = parser_of(command)
    for name, here in ELSEWHERE[command].items():
        assert name not in parser._option_string_actions
        for option in re.findall(r'(?<!\S)--?[a-z][a-z-]*', here):
            assert option in parser._option_string_actions, here


@pytest.mark.parametrize(('words', 'says'), [
    ('--strenght 1', '--strenght: there is no such option. Did you mean '
     '--strength? mmderain derain --help lists all.'),
    ('--strenght=1', '--strenght: there is no such option. Did you mean '),
    ('--zzz', '--zzz: there is no such option. mmderain derain --help lists')])
def test_an_option_that_is_not_there(words, says, capsys):
    said = complaint(build_parser(), ['a.mp4', 'b.mp4', *words.split()],
                     capsys)
    assert says in said
    assert len(said.splitlines()) <= 4, 'nobody reads on'


@pytest.mark.parametrize('command', ['evaluate', 'compare'])
def test_who_names_no_protocol_sees_which_there_are(command, capsys):
    said = complaint(parser_of(command), ['a', 'b'], capsys)
    assert 'required: --protocol' in said
    assert '{vrds,rainsyn,' in said


def test_a_word_too_many_is_named(capsys):
    assert 'unrecognized arguments: all' in complaint(
        parser_of('models'), ['all'], capsys)


@pytest.mark.parametrize('words', ['-hideous', '-tune film', '-yes', '-a'])
def test_one_dash_and_letters_are_no_beginning_of_an_option(words, capsys):
    """``-hideous`` is not ``-h``, nor ``-tune`` ``-t`` with ``une``."""
    name = words.split()[0]
    assert f'{name}: there is no such option.' in complaint(
        build_parser(), ['a.mp4', 'b.mp4', *words.split()], capsys)


def test_what_ffmpeg_is_told_too():
    """Where it means the same, its spelling is taken."""
    args = build_parser().parse_args(
        ['-y', '-ss', '1', '-t', '2', '-i', 'a.mp4', '-an', 'b.mp4'])
    assert (args.overwrite, args.start, args.duration, args.no_sound) == (
        True, '1', '2', True)
    assert build_parser().parse_args(
        ['a.mp4', '-to', '3', 'b.mp4']).end == '3'


def test_options_may_stand_between_paths():
    args = build_parser().parse_args(
        ['a.mp4', '--strength', '.5', 'b.mp4', '--crf', '9', 'c/'])
    assert args.paths == ['a.mp4', 'b.mp4', 'c/']
    args = build_parser().parse_args(['-', '--delay', '3', '-'])
    assert args.paths == ['-', '-'] and args.delay == 3
    args = parser_of('synthesize').parse_args(
        ['a/', 'b/', '--preset', 'heavy', 'c/'])
    assert [*map(str, args.inputs)] == ['a', 'b'] and str(args.output) == 'c'


def test_all_that_is_missing_is_named(capsys):
    assert 'required: RESULTS, GT, --protocol' in complaint(
        parser_of('evaluate'), [], capsys)


@pytest.mark.parametrize(('words', 'says'), [
    ('--codec h265', "expected auto, h264, hevc (H.265), av1, ffv1, got "
     "'h265'"),
    ('--codec libx265', 'encoders of FFmpeg are named by --encoder, such as '
     '--encoder libx265')])
def test_a_codec_by_another_name(words, says, capsys):
    assert says in complaint(build_parser(), ['a', 'b', *words.split()],
                             capsys)


def test_what_is_a_path_stays_one():
    parser = build_parser()
    assert parser.parse_args(['-', '-']).paths == ['-', '-']
    assert parser.parse_args(['--', '-crf', 'b']).paths == ['-crf', 'b']
    assert parser.parse_args(['-iin.mp4', '-oout.mp4']).output == 'out.mp4'
