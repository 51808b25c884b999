"""What options of other programs are called here, or what does the same.

Of FFmpeg, Real-ESRGAN, video2x, yolo and MMagic's tools: what people type
first, and are told by :class:`~mmderain.cli.command_parser.CommandParser`.
"""

_OVERWRITE = ('--yes', '--force', '--exist-ok')
_CHECKPOINT = ('-w', '--weights', '--ckpt', '--ckpt-path', '--model-path')
_GPU = ('-g', '--gpu', '--gpus', '--gpu-id', '--gpu-ids')
_HALF = ('--half', '--fp16')
_INTO = ('--outdir', '--out-dir', '--save-dir', '--save-path', '--results-dir')
_LOGS = ('-v', '--verbose', '-loglevel', '--loglevel', '-progress')
_CHATTER = ('-hide-banner', '-nostdin', '-stats', '-nostats')
_ENCODERS = ('-c:v', '-codec:v', '-vcodec', '--vcodec')
_COPIES = ('-c:a', '-codec:a', '-acodec', '-c:s', '-scodec', '-b:a', '-ar',
           '-ac')
_FILTERS = ('-vf', '-filter:v', '-filter-complex', '-s', '--scale',
            '--resize', '--outscale')
_FRAMES = ('-frames:v', '-vframes', '-frames', '--frames')
_BITRATE = ('-b:v', '--bitrate', '--video-bitrate')
_THREADS = ('-threads', '--threads', '--num-threads', '-j', '--jobs')

_ITERATIONS = ('--max-iters', '--iters', '--epochs', '--max-epochs', '--steps')
_RATES = ('--lr', '--learning-rate')
_BATCHES = ('--batch-size', '--samples-per-gpu')
_WEIGHTS = ('--load-from', '--pretrained', *_CHECKPOINT)
_OPTIONS = '--cfg-options '

_DEVICES = dict.fromkeys(('--device', '--gpu', '--gpu-id'),
                         'CUDA_VISIBLE_DEVICES=1 before the command')

# command -> option, without underscores -> what to type here
ELSEWHERE = {
    'derain': {
        **dict.fromkeys(_OVERWRITE, '--overwrite'),
        **dict.fromkeys(_CHECKPOINT, '--checkpoint FILE, or --model NAME for '
                        'weights that come with mmderain'),
        **dict.fromkeys(('-m', '--model-name'), '--model NAME'),
        # of FFmpeg, and of Real-ESRGAN
        '-n': 'nothing, or --model NAME: nothing is replaced without '
              '--overwrite',
        **dict.fromkeys(_GPU, '--device cuda:0, or --devices 0,1'),
        **dict.fromkeys(_HALF, '--dtype float16'),
        '--fp32': '--dtype float32',
        **dict.fromkeys(_INTO, '-o FOLDER/, or --output-dir FOLDER'),
        '--source': '--input',
        **dict.fromkeys(_THREADS, 'OMP_NUM_THREADS=4 before the command'),
        '--from': '--start TIME', '--to': '--end TIME',
        **dict.fromkeys(_FRAMES, '--duration 250f'),
        **dict.fromkeys(('--quality', '-q:v', '--cq'), '--crf'),
        **dict.fromkeys(_ENCODERS, '--codec, or --encoder NAME'),
        **dict.fromkeys(('-c', '-codec'), '--codec for the pictures; sound '
                        'and subtitles are copied as they are'),
        **dict.fromkeys(_COPIES, 'nothing: sound and subtitles are copied as '
                        'they are'),
        **dict.fromkeys(_FILTERS, 'nothing: filter with ffmpeg before or '
                        'afterwards; the size of frames is kept'),
        '-map': 'nothing: all streams are kept, but for sound with '
                '--no-sound',
        **dict.fromkeys(('--no-copy-streams', '--mute', '--no-audio'),
                        '--no-sound'),
        '-sn': 'nothing: subtitles are kept; ffmpeg takes them out '
               'afterwards',
        '-dn': 'nothing: data such as GPS tracks are kept; ffmpeg takes them '
               'out afterwards',
        **dict.fromkeys(_CHATTER, 'nothing: leave it out'),
        **dict.fromkeys(_BITRATE, '--encoder NAME with '
                        '--encoder-option b=8M'),
        '-f': 'the name of the output to say it (.mkv), --format for pipes; '
              'or --overwrite',
        **dict.fromkeys(('-r', '--rate', '--framerate'), '--fps'),
        '--suffix': '-o OUTPUT', '-d': '--device',
        **dict.fromkeys(('-p', '--processor'), '--model NAME'),
        '--tile-size': '--tile', '--tile-pad': '--tile-overlap',
        '--batch-size': '--batch',
        **dict.fromkeys(('--compare', '--side-by-side'), '--preview side'),
        **dict.fromkeys(('--continue', '--auto-resume'), '--resume'),
        **dict.fromkeys(_LOGS, '--json-progress for programs; '
                        '--quiet for errors alone'),
    },
    'train': {
        **dict.fromkeys(_ITERATIONS, f'{_OPTIONS}train_cfg.max_iters=1000'),
        **dict.fromkeys(_RATES, f'{_OPTIONS}optim_wrapper.optimizer.lr=1e-4'),
        **dict.fromkeys(_BATCHES, f'{_OPTIONS}train_dataloader.batch_size=2'),
        **dict.fromkeys(_WEIGHTS, f'{_OPTIONS}load_from=FILE'),
        '--seed': f'{_OPTIONS}randomness.seed=0',
        '--deterministic': f'{_OPTIONS}randomness.seed=0 '
                           'randomness.deterministic=True',
        **dict.fromkeys(('--gpus', '--gpu-ids', '--devices'),
                        './tools/dist_train.sh CONFIG GPUS'),
        **_DEVICES,
        **dict.fromkeys(('--resume-from', '--auto-resume'), '--resume'),
        **dict.fromkeys(('--options', '--opts'), '--cfg-options'),
    },
    'export': {
        **dict.fromkeys(('-f', '--format', '--engine'), 'nothing: OUTPUT.onnx '
                        'is the one format, of which TensorRT (trtexec) and '
                        'OpenVINO (ovc) make theirs'),
        **dict.fromkeys(('-o', '--output'), 'OUTPUT.onnx without an option'),
        **dict.fromkeys(_WEIGHTS, 'CHECKPOINT without an option'),
        **dict.fromkeys(('--imgsz', '--input-size', '--shape'),
                        '--size HxW'),
        **dict.fromkeys(('-y', *_OVERWRITE), '--overwrite'),
    },
    'serve': {
        '-p': '--port', **dict.fromkeys(('--listen', '--ip'), '--host'),
        **dict.fromkeys(_GPU, '--device cuda:0'),
        **dict.fromkeys(_CHECKPOINT, '--checkpoint FILE'),
        '--share': '--host 0.0.0.0, behind a proxy that asks for passwords',
    },
    'test': {
        **dict.fromkeys(('--show-dir', '--save-dir', '--output-dir', '-o'),
                        '--save-path FOLDER, or --out FILE.json'),
        **_DEVICES,
        **dict.fromkeys(('--options', '--opts'), '--cfg-options'),
    },
}
