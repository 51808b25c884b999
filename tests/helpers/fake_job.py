"""Does what the upload says, as a job of ``mmderain serve``; it is quick."""

import json
import os
import signal
import sys
import time
from pathlib import Path


def tell(state, **more):
    print(json.dumps(dict(state=state, **more)), file=sys.stderr, flush=True)


def main():
    source, target, limits, _, *options = sys.argv[1:]
    words = Path(source).read_bytes().decode(errors='replace').split()
    wanted = words[0] if words else ''
    Path('scratch.parts').mkdir()
    running = dict(input=source, output=target, frame=3, frames=9, fps=1.5,
                   eta=4)
    tell('running', **running)
    if wanted == 'wait':
        Path(words[1]).write_text(str(os.getpid()))
        if words[-1] == 'deaf':
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            time.sleep(.05)
            if words[-1] == 'telling':
                tell('running', **running)
    if wanted == 'crash':
        os.kill(os.getpid(), signal.SIGSEGV)
    if wanted == 'fault':
        print('Traceback \x1b[31m of a fault', file=sys.stderr)
        sys.exit(1)
    if wanted in ('refuse', 'space'):
        tell('end', status=2, kind=wanted.replace('refuse', 'input'),
             error=f'{Path(source).absolute()}: expected a video. Not '
             f'{source}.')
        sys.exit(2)
    Path(target).write_bytes(b'result of ' + Path(source).read_bytes())
    content = Path(source).read_bytes()
    Path('view.mp4').write_bytes(
        content if b'ftyp' in content[:12] else bytes(range(100)))
    Path(f'{Path(target).stem}.drops{Path(target).suffix}').touch()
    tell('finished', input=source, output=target, frames=9, seconds=1.5,
         mean_change=2.5, notes=[f'{source} is odd', *options],
         looked_for_drops=True, frames_with_drops=3)
    tell('running', **{**running, 'output': None})
    tell('end', status=0, error=None, kind=None)


main()
