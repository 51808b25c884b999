#!/usr/bin/env python
"""What an archive costs on many machines; the arithmetic of docs/scaling.md.

Seconds of a core and bytes for a frame are measured, all else is said by
options. Stragglers and failures are drawn from a seed.
"""

import argparse
import heapq
import random
from collections.abc import Iterator
from typing import NamedTuple

_PIXELS = 640 * 360  # of the frames that were measured
_SEGMENT = 120  # frames


class Outcome(NamedTuple):
    """How a run ends.

    Args:
        seconds: Until the last video is done.
        busy: Seconds of all workers, also of starting and of lost work.
        lost: Of them lost with workers.
    """

    seconds: float
    busy: float
    lost: float


def simulate(lengths: list[float], workers: int, start: float,
             failures_per_hour: float = 0, slow: float = 1,
             slow_share: float = 0, segment: float = float('inf'),
             seed: int = 0) -> Outcome:
    """Videos given out longest first; what is lost is done again.

    Args:
        lengths: Seconds of each video on a worker that is not slow.
        workers: How many.
        start: Seconds until a worker is ready, also the one after a lost one.
        failures_per_hour: How often a worker is lost in an hour of its work.
        slow: How many times longer slow workers take.
        slow_share: The share of workers that are slow.
        segment: Seconds of work that are lost at most, where segments are on
            a shared disk; all of a video where they are not.
        seed: Of what is drawn.
    """
    draw = random.Random(seed)
    factors = [slow if draw.random() < slow_share else 1.0
               for _ in range(workers)]
    # when each is free
    free = [(start, worker) for worker in range(workers)]
    busy, lost, end = workers * start, 0.0, 0.0
    if segment < float('inf'):
        lengths = _shared(lengths, workers)
    # the least is the first of a heap
    left = [-length for length in lengths]
    heapq.heapify(left)
    while left:
        now, worker = heapq.heappop(free)
        length = -heapq.heappop(left)
        seconds = length * factors[worker]
        until_lost = (draw.expovariate(failures_per_hour / 3600)
                      if failures_per_hour else float('inf'))
        if until_lost < seconds:
            kept = until_lost - until_lost % segment
            heapq.heappush(left, kept / factors[worker] - length)
            lost += until_lost - kept
            busy += until_lost + start
            heapq.heappush(free, (now + until_lost + start, worker))
            continue
        busy += seconds
        end = max(end, now + seconds)
        heapq.heappush(free, (now + seconds, worker))
    return Outcome(end, busy, lost)


def _shared(lengths: list[float], workers: int) -> Iterator[float]:
    """What is more than one worker's part is shared by all."""
    most = sum(lengths) / workers
    for length in lengths:
        pieces = workers if length > most else 1
        yield from [length / pieces] * pieces


def lengths_of(hours: float, videos: int, seconds_an_hour: float,
               seed: int) -> list[float]:
    """Seconds of work of videos whose lengths vary, some of them much."""
    draw = random.Random(seed)
    parts = [draw.lognormvariate(0, 1) for _ in range(videos)]
    return [part / sum(parts) * hours * seconds_an_hour for part in parts]


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--hours', type=float, default=1000)
    parser.add_argument('--videos', type=int, default=20000)
    parser.add_argument('--workers', type=int, default=1000,
                        help='0 for costs alone')
    parser.add_argument('--size', default='1920x1080')
    parser.add_argument('--fps', type=float, default=30)
    parser.add_argument('--frame-seconds', type=float, default=.231,
                        help='of a core, for 640x360')
    parser.add_argument('--start', type=float, default=20,
                        help='seconds until a worker is ready')
    parser.add_argument('--failures', type=float, default=.01,
                        help='of a worker in an hour')
    parser.add_argument('--slow', type=float, default=2)
    parser.add_argument('--slow-share', type=float, default=.05)
    parser.add_argument('--frame-bytes', type=float, nargs=2,
                        default=(6377, 9351), metavar=('IN', 'OUT'),
                        help='read and written, for 640x360')
    parser.add_argument('--link', type=float, default=10,
                        help='Gbit/s of the store')
    parser.add_argument('--stored', action='store_true', help='videos go '
                        'through a store: none is shared, and what is lost '
                        'with a worker is all of a video')
    parser.add_argument('--seed', type=int, default=0)
    return parser


def main(argv: list[str] | None = None) -> None:
    """Print it."""
    args = build_parser().parse_args(argv)
    width, height = map(int, args.size.split('x'))
    # as many times longer and larger as there are more pixels
    larger = width * height / _PIXELS
    frame = args.frame_seconds * larger
    hour = 3600 * args.fps * frame
    print(f'{args.hours * hour / 3600:,.0f} core-hours: {frame:.2f} s of a '
          f'core for a frame, {args.hours * 3600 * args.fps:,.0f} frames')
    stored = [args.hours * 3600 * args.fps * size * larger / 1e12
              for size in args.frame_bytes]
    print(f'{stored[0]:,.1f} TB read, {stored[1]:,.1f} TB written')
    most = args.link * 1e9 / 8 / sum(args.frame_bytes) * args.frame_seconds
    print(f'a link of {args.link:g} Gbit/s feeds {most:,.0f} cores')
    if not args.workers:
        return
    lengths = lengths_of(args.hours, args.videos, hour, args.seed)
    ideal = sum(lengths) / args.workers
    segment = float('inf') if args.stored else _SEGMENT * frame
    for name, settings in (
            ('as they are', {}),
            ('with failures', dict(failures_per_hour=args.failures)),
            ('with slow ones', dict(slow=args.slow,
                                    slow_share=args.slow_share)),
            ('with both', dict(failures_per_hour=args.failures,
                               slow=args.slow, slow_share=args.slow_share))):
        found = simulate(lengths, args.workers, args.start, segment=segment,
                         seed=args.seed, **settings)
        print(f'{args.workers} workers {name}: {found.seconds / 3600:,.1f} h, '
              f'{100 * found.seconds / ideal - 100:.0f} % more than their '
              f'share, {100 * found.lost / found.busy:.1f} % lost')


if __name__ == '__main__':
    main()
