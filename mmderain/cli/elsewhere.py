"""What options of other programs are called here, or what does the same.

Of FFmpeg, Real-ESRGAN, video2x, yolo and MMagic's tools: what people type
first, and are told by :class:`~mmderain.cli.command_parser.CommandParser`.
"""

_OVERWRITE = ('-y', '--yes', '--force', '--exist-ok')
_CHECKPOINT = ('-w', '--weights', '--ckpt', '--ckpt-path', '--model-path')
_GPU = ('-g', '--gpu', '--gpus', '--gpu-id', '--gpu-ids')
_HALF = ('--half', '--fp16')
_INTO = ('--outdir', '--out-dir', '--save-dir', '--save-path', '--results-dir')
_LOGS = ('-v', '--verbose', '-loglevel', '--loglevel', '-progress')
_ENCODERS = ('-c:v', '-vcodec', '--vcodec')
_BITRATE = ('-b:v', '--bitrate', '--video-bitrate')
_FILTERS = ('-vf', '-filter:v', '-filter-complex', '-lavfi')
_SOUND = ('-c:a', '-acodec', '-b:a', '-c', '-codec')
_SCALES = ('-s', '--scale', '--outscale', '--upscale')
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
        **dict.fromkeys(('-m', '-n', '--model-name'), '--model NAME'),
        **dict.fromkeys(_GPU, '--device cuda:0, or --devices 0,1'),
        **dict.fromkeys(_HALF, '--dtype float16'),
        '--fp32': '--dtype float32',
        **dict.fromkeys(_INTO, '-o FOLDER/, or --output-dir FOLDER'),
        '--source': '--input',
        **dict.fromkeys(_THREADS, 'OMP_NUM_THREADS=4 before the command'),
        **dict.fromkeys(('-ss', '--from'), '--start TIME'),
        **dict.fromkeys(('-to', '--to'), '--end TIME'),
        '-t': '--duration TIME, or --tile',
        **dict.fromkeys(('-an', '--no-audio', '--mute'), '--no-sound'),
        **dict.fromkeys(('--quality', '-q:v', '--cq'), '--crf'),
        **dict.fromkeys(_ENCODERS, '--codec, or --encoder NAME'),
        **dict.fromkeys(_BITRATE, '--encoder NAME with '
                        '--encoder-option b=8M'),
        **dict.fromkeys(_FILTERS, 'a filter in ffmpeg, whose pictures come '
                        'by a pipe (docs/live.md): mmderain derain - OUTPUT'),
        **dict.fromkeys(_SOUND, 'nothing: sound is copied as it is'),
        '-map': 'nothing: all that the output can hold is kept',
        **dict.fromkeys(_SCALES, 'nothing: frames keep their size'),
        '--suffix': '-o OUTPUT', '-d': '--device',
        **dict.fromkeys(('-p', '--processor'), '--model NAME'),
        '-f': '--format of a pipe, or --overwrite',
        **dict.fromkeys(('-r', '--rate', '--framerate'), '--fps'),
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
        '--format': 'the name of an ONNX file, OUTPUT.onnx',
        '--imgsz': '--size', '--weights': 'CHECKPOINT OUTPUT.onnx',
    },
    'serve': {
        '-p': '--port', **dict.fromkeys(('--listen', '--ip'), '--host'),
    },
    'test': {
        **dict.fromkeys(('--show-dir', '--save-dir', '--output-dir', '-o'),
                        '--save-path FOLDER, or --out FILE.json'),
        **_DEVICES,
        **dict.fromkeys(('--options', '--opts'), '--cfg-options'),
    },
}
