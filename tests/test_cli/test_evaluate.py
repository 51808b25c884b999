"""``mmderain evaluate`` scores what any program wrote."""

import csv
import json
import re
from pathlib import PurePath

import av
import cv2
import numpy as np
import pytest

from mmderain.cli.evaluate import main
from mmderain.errors import DataError
from mmderain.evaluation import get_protocol
from mmderain.evaluation.plots import draw_curve
from mmderain.evaluation.scorers import FlowScorer, ProtocolScorer
from mmderain.evaluation.sequences import pair_sequences
from mmderain.evaluation.set_scores import score_set
from tests.helpers.independent_scores import score
from tests.tiny import write_image

SIZE = (48, 64)


def frames(seed, count, noise=0):
    """A picture in motion, BGR."""
    rng = np.random.default_rng(seed)
    picture = cv2.resize(rng.integers(0, 256, (6, 8, 3), np.uint8),
                         SIZE[::-1], interpolation=cv2.INTER_CUBIC)
    rolled = [np.roll(picture, index, axis=1) for index in range(count)]
    rng = np.random.default_rng(100 + seed)
    return [np.clip(frame + rng.normal(0, noise, frame.shape), 0, 255).astype(
        np.uint8) for frame in rolled]


def write_frames(folder, images, name='{}.png', start=0):
    for index, image in enumerate(images, start):
        write_image(folder / name.format(index), image)
    return folder


def write_video(path, images, size=SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), 'w') as container:
        # lossless, so that the figures are those of the images
        stream = container.add_stream('libx264rgb', rate=10)
        stream.height, stream.width = size
        stream.pix_fmt, stream.options = 'rgb24', {'crf': '0'}
        for image in images:
            container.mux(stream.encode(
                av.VideoFrame.from_ndarray(image, format='bgr24')))
        container.mux(stream.encode())
    return path


@pytest.fixture
def folders(tmp_path):
    """Two sequences of 4 and 3 frames, named otherwise on either side."""
    for seed, (name, count) in enumerate((('a', 4), ('b', 3))):
        write_frames(tmp_path / 'clean' / f'{name}_GT', frames(seed, count),
                     name='{:05d}.png')
        write_frames(tmp_path / 'ours' / f'{name}_Rain',
                     frames(seed, count, noise=9), name='rain-{}.png')
    return tmp_path / 'ours', tmp_path / 'clean'


def expected(protocol, seed, count):
    return [score(protocol, a[..., ::-1], b[..., ::-1]) for a, b in zip(
        frames(seed, count, noise=9), frames(seed, count), strict=True)]


def test_figures_files_and_plots(folders, tmp_path, capsys):
    ours, clean = folders
    out = tmp_path / 'out'
    assert main([str(ours), str(clean), '--protocol', 'vrds',
                 '--json', str(out / 'scores.json'),
                 '--csv', str(out / 'scores.csv'),
                 '--plot', str(out / 'plots')]) == 0
    values = [expected('vrds', 0, 4), expected('vrds', 1, 3)]
    psnr, ssim = np.mean([np.mean(rows, 0) for rows in values], 0)
    report = json.loads((out / 'scores.json').read_text())
    assert report['protocol'] == 'vrds'
    assert report['figures']['PSNR'] == pytest.approx(psnr, abs=1e-4)
    assert report['figures']['SSIM'] == pytest.approx(ssim, abs=1e-4)
    assert report['sequences']['b']['PSNR'] == pytest.approx(
        np.mean(values[1], 0)[0], abs=1e-4)
    assert report['not_finite'] == []
    with (out / 'scores.csv').open() as file:
        rows = list(csv.DictReader(file))
    assert [(row['sequence'], row['frame']) for row in rows][3:5] == [
        ('a', 'rain-3'), ('b', 'rain-0')]
    for row, (one, _) in zip(rows, sum(values, []), strict=True):
        assert float(row['PSNR']) == pytest.approx(one, abs=1e-4)
    # the first frame of a sequence has no flow from the one before
    assert [bool(row['tOF']) for row in rows] == [
        False, True, True, True, False, True, True]
    said = capsys.readouterr().out
    assert re.search(rf'mean +7 +{psnr:.4f} +{ssim:.4f} ', said)
    assert 'protocol vrds: RGB' in said
    assert sorted(path.name for path in (out / 'plots').iterdir()) == [
        'curve_a.png', 'curve_b.png', 'worst.png']
    worst = cv2.imread(str(out / 'plots' / 'worst.png'))
    assert worst.shape[1] == 3 * SIZE[1]
    # at the top is the frame of lowest PSNR
    row = min(rows, key=lambda row: float(row['PSNR']))
    lowest = cv2.imread(str(ours / f'{row["sequence"]}_Rain'
                            / f'{row["frame"]}.png'))
    assert np.array_equal(worst[22:22 + SIZE[0], :SIZE[1]], lowest)


def test_a_curve_names_its_frames_as_the_csv_does(folders):
    protocol = get_protocol('vrds')
    scores = score_set(pair_sequences(*folders), protocol,
                       [ProtocolScorer(protocol), FlowScorer()])
    sequence = scores.sequences[0]
    figure = draw_curve(scores, sequence)
    figure.canvas.draw()
    shown = [label.get_text() for label in
             figure.axes[-1].get_xticklabels() if label.get_text()]
    assert shown == sequence.frames[:len(shown)] and len(shown) > 1
    for axis, name in zip(figure.axes, ('PSNR', 'SSIM', 'tOF'), strict=True):
        assert axis.get_ylabel() == name
        drawn = axis.lines[0].get_ydata()
        assert drawn[-1] == sequence.rows[-1][name]
    # a frame without a flow leaves a gap
    assert np.isnan(drawn[0])


def test_frames_and_videos_give_the_same(tmp_path):
    ours, clean = frames(0, 8, noise=9), frames(0, 8)
    write_frames(tmp_path / 'ours', ours)
    write_frames(tmp_path / 'clean', clean)
    write_video(tmp_path / 'ours.mkv', ours)
    write_video(tmp_path / 'many' / 'x.mkv', ours)
    for protocol in ('ntu', 'rainsyn_vdmamba'):
        found = []
        for name in ('ours', 'ours.mkv', 'many'):
            file = tmp_path / 'scores.json'
            assert main([str(tmp_path / name), str(tmp_path / 'clean'),
                         '--protocol', protocol, '--json', str(file),
                         '--overwrite']) == 0
            report = json.loads(file.read_text())
            found.append(report['figures'])
            sequence, = report['sequences'].values()
            assert sequence['frames'] == (8 if protocol == 'ntu' else 2)
        assert found[0] == found[1] == found[2]


@pytest.mark.parametrize('name', ['ours.mkv', 'many'])
def test_videos_may_be_smaller_than_rain_can_be(tmp_path, name):
    """Rain is rendered from 32 pixels on; scores need no more than SSIM."""
    ours, clean = ([frame[:20, :24] for frame in frames(0, 3, noise)]
                   for noise in (9, 0))
    write_video(tmp_path / 'ours.mkv', ours, (20, 24))
    write_video(tmp_path / 'many' / 'x.mkv', ours, (20, 24))
    write_frames(tmp_path / 'clean', clean)
    file = tmp_path / 'scores.json'
    assert main([str(tmp_path / name), str(tmp_path / 'clean'),
                 '--protocol', 'vrds', '--json', str(file)]) == 0
    expected = np.mean([score('vrds', a[..., ::-1], b[..., ::-1])
                        for a, b in zip(ours, clean, strict=True)], 0)
    figures = json.loads(file.read_text())['figures']
    assert figures['PSNR'] == pytest.approx(expected[0], abs=1e-4)
    assert figures['SSIM'] == pytest.approx(expected[1], abs=1e-4)


def test_photographs_of_several_sizes_are_scored_one_by_one(tmp_path):
    sizes = [(48, 64), (40, 64), (40, 50)]
    pairs = [[frames(index, 1, noise)[0][:height, :width]
              for noise in (9, 0)]
             for index, (height, width) in enumerate(sizes)]
    for name, images in zip(('ours', 'clean'), zip(*pairs, strict=True),
                            strict=True):
        write_frames(tmp_path / name, images)
    file = tmp_path / 'scores.json'
    assert main([str(tmp_path / 'ours'), str(tmp_path / 'clean'),
                 '--protocol', 'vrds', '--json', str(file)]) == 0
    expected = np.mean([score('vrds', a[..., ::-1], b[..., ::-1])
                        for a, b in pairs], 0)
    figures = json.loads(file.read_text())['figures']
    assert figures['PSNR'] == pytest.approx(expected[0], abs=1e-4)
    assert figures['tOF'] == figures['temporal_error'] == 'nan'


def test_pairing_takes_no_more_than_a_look_at_each_frame(
        tmp_path, monkeypatch):
    count, looks = 300, []
    for folder in ('ours', 'clean'):
        (tmp_path / folder).mkdir()
        for index in range(count):
            (tmp_path / folder / f'{index}.png').touch()
    real = PurePath.__eq__

    def counted(self, other):
        looks.append(self)
        return real(self, other)

    monkeypatch.setattr(PurePath, '__eq__', counted)
    pair, = pair_sequences(tmp_path / 'ours', tmp_path / 'clean')
    assert pair.num_frames == count and len(looks) < 10 * count


def test_results_of_another_program(tmp_path):
    """A filter of FFmpeg on noisy frames, numbered in its own way."""
    noisy, clean = frames(0, 6, noise=12), frames(0, 6)
    write_frames(tmp_path / 'clean', clean)
    write_frames(tmp_path / 'noisy', noisy)
    graph = av.filter.Graph()
    source = graph.add_buffer(width=SIZE[1], height=SIZE[0], format='rgb24',
                              time_base='1/10')
    steps = [source, graph.add('format', 'gbrp'),
             graph.add('gblur', 'sigma=1'), graph.add('format', 'rgb24'),
             graph.add('buffersink')]
    graph.link_nodes(*steps).configure()
    for index, image in enumerate(noisy):
        frame = av.VideoFrame.from_ndarray(image[..., ::-1], format='rgb24')
        frame.pts = index
        graph.push(frame)
        write_image(tmp_path / 'filtered' / f'out{index + 1:03d}.png',
                    graph.pull().to_ndarray(format='bgr24'))
    figures = {}
    for name in ('noisy', 'filtered'):
        file = tmp_path / f'{name}.json'
        options = ['--by-order'] if name == 'filtered' else []
        assert main([str(tmp_path / name), str(tmp_path / 'clean'),
                     '--protocol', 'rainsyn', '--json', str(file),
                     *options]) == 0
        figures[name] = json.loads(file.read_text())['figures']
    assert figures['filtered']['PSNR'] > figures['noisy']['PSNR'] + 1
    written = [cv2.imread(str(tmp_path / 'filtered' / f'out{k + 1:03d}.png'))
               for k in range(6)]
    assert figures['filtered']['PSNR'] == pytest.approx(np.mean([
        score('rainsyn', a[..., ::-1], b[..., ::-1])[0]
        for a, b in zip(written, clean, strict=True)]), abs=1e-4)


def test_results_without_the_dropped_ends(tmp_path):
    """As the original network of the protocol writes them."""
    write_frames(tmp_path / 'clean', frames(0, 9), start=1)
    write_frames(tmp_path / 'whole', frames(0, 9, noise=9), start=1)
    write_frames(tmp_path / 'cut', frames(0, 9, noise=9)[3:-3], start=4)
    write_frames(tmp_path / 'renamed', frames(0, 9, noise=9)[3:-3])
    found = []
    for name, options in (('whole', []), ('cut', []),
                          ('renamed', ['--by-order'])):
        file = tmp_path / 'scores.json'
        assert main([str(tmp_path / name), str(tmp_path / 'clean'),
                     '--protocol', 'rainsyn_vdmamba', '--json', str(file),
                     '--overwrite', *options]) == 0
        found.append(json.loads(file.read_text())['figures'])
    assert found[0] == found[1] == found[2]


def test_a_single_image_has_no_flow(tmp_path, capsys):
    ours = write_frames(tmp_path, frames(0, 1, noise=9), '{}_rain.png')
    clean = write_frames(tmp_path, frames(0, 1), '{}_clean.png')
    assert main([str(ours / '0_rain.png'), str(clean / '0_clean.png'),
                 '--protocol', 'raindrop']) == 0
    assert 'tOF' not in capsys.readouterr().out


def test_equal_frames_are_reported_and_json_stays_valid(tmp_path, capsys):
    ours = frames(0, 3, noise=9)
    ours[1] = frames(0, 3)[1]
    write_frames(tmp_path / 'ours', ours)
    write_frames(tmp_path / 'clean', frames(0, 3))
    file = tmp_path / 'scores.json'
    assert main([str(tmp_path / 'ours'), str(tmp_path / 'clean'),
                 '--protocol', 'vrds', '--json', str(file)]) == 0
    report = json.loads(file.read_text(), parse_constant=pytest.fail)
    assert report['figures']['PSNR'] == 'inf'
    assert report['not_finite'] == [
        'clean: PSNR is infinite for 1 of 3 frames (equal to the clean ones)']
    assert 'WARNING: clean: PSNR is infinite' in capsys.readouterr().err


def test_without_lpips_weights_the_rest_is_scored(folders, tmp_path, capsys):
    ours, clean = map(str, folders)
    assert main([ours, clean, '--protocol', 'vrds', '--no-tof',
                 '--lpips-weights', str(tmp_path / 'nothing.pth')]) == 0
    said = capsys.readouterr()
    assert 'LPIPS is left out' in said.err
    assert 'PSNR' in said.out and 'tOF' not in said.out


@pytest.mark.parametrize('change, message', [
    (lambda ours, clean: (ours / 'a_Rain' / 'rain-2.png').unlink(),
     'a_GT: no restored frame for 00002.png.*--by-order'),
    (lambda ours, clean: (clean / 'b_GT' / '00001.png').unlink(),
     'no clean frame for rain-1.png'),
    (lambda ours, clean: (clean / 'b_GT').rename(clean / 'c_GT'),
     "(?s)no restored sequence 'c'.*no clean sequence 'b'"),
    (lambda ours, clean: (ours / 'a_Rain' / 'rain-1.png').write_bytes(b'x'),
     'rain-1.png: expected an image'),
    (lambda ours, clean: write_image(ours / 'b_Rain' / 'rain-2.png',
                                     np.zeros((48, 60, 3), np.uint8)),
     'Sequence b, frame rain-2 .* 48x60 pixels, the clean one 48x64'),
    (lambda ours, clean: write_frames(ours / 'a', frames(0, 1)),
     "a and a_Rain are both sequence 'a'"),
])
def test_what_does_not_pair_up_is_explained(folders, change, message, capsys):
    change(*folders)
    assert main([*map(str, folders), '--protocol', 'vrds']) == 2
    assert re.search(message, capsys.readouterr().err)


@pytest.mark.parametrize('options, message', [
    (['--protocol', 'y'], "no protocol 'y'; there are vrds, rainsyn"),
    (['--protocol', 'rainsyn_vdmamba'], '4 frames, but the protocol drops 3'),
    (['--protocol', 'vrds', '--csv', '/proc/no/file.csv'],
     'file.csv cannot be written'),
])
def test_options_that_cannot_be_are_explained(folders, options, message,
                                              capsys):
    assert main([*map(str, folders), *options]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_frames_are_not_replaced_by_results(folders, capsys):
    frame = next(folders[0].rglob('*.png'))
    before = frame.read_bytes()
    words = [*map(str, folders), '--protocol', 'vrds', '--overwrite']
    for option in ('--json', '--csv'):
        assert main([*words, option, str(frame)]) == 2
        assert 'got that of pictures' in capsys.readouterr().err
    assert main([*words, '--plot', str(folders[1] / 'plots')]) == 2
    assert 'expected a place outside of' in capsys.readouterr().err
    assert frame.read_bytes() == before


def test_places_without_sequences_are_named(tmp_path):
    with pytest.raises(DataError, match='nothing.*but it does not exist'):
        pair_sequences(tmp_path / 'nothing', tmp_path)
    (tmp_path / 'empty').mkdir()
    with pytest.raises(DataError, match='empty.*but it is none of them'):
        pair_sequences(tmp_path / 'empty', tmp_path)


def test_videos_of_other_lengths_are_refused(tmp_path, capsys):
    ours = write_video(tmp_path / 'ours.mkv', frames(0, 4, noise=9))
    clean = write_video(tmp_path / 'clean.mkv', frames(0, 5))
    assert main([str(ours), str(clean), '--protocol', 'vrds']) == 2
    assert 'ours.mkv ends after 4 frames' in capsys.readouterr().err
    assert main([str(ours), str(ours), '--protocol',
                 'rainsyn_vdmamba']) == 2
    assert 'no frame of it counts' in capsys.readouterr().err


def test_what_is_not_scored_is_named(folders, capsys):
    results, truth = folders
    inner = write_frames(truth / 'deep' / 'd', frames(0, 2))
    video = write_video(next(results.iterdir()) / 'x.mp4', frames(0, 2))
    assert main([str(results), str(truth), '--protocol', 'rainsyn']) == 0
    said = capsys.readouterr().err
    assert f'passed over: {video}' in said
    assert f'passed over: {inner}/0.png and 1 more' in said
