"""What a dry run says, for people."""

from collections.abc import Sequence

from mmderain.jobs.dry_run import Plan
from mmderain.restorer import said_of_tile
from mmderain.restorer.computing import said_of_each

_NOTHING = 'a dry run: nothing was written'


def describe_plan(plan: Plan) -> str:
    """Some lines of text."""
    target, *others = plan.outputs
    height, width = plan.size
    frames = 'nobody knows how many' if plan.frames is None else (
        str(plan.frames))
    done = f', {plan.done} of them done before' if plan.done else ''
    tile = said_of_tile(plan.tile)
    rows = [
        f'{plan.input} -> {target}',
        *(f'also      {path}' for path in others),
        f'frames    {frames} of {width}x{height}, {plan.rate:g} a second'
        f'{done}',
        f'models    {" and ".join(plan.models)}, {tile}',
        f'computes  {", ".join(said_of_each(plan.backend))} in '
        f'{", ".join(said_of_each(plan.dtype))} on '
        f'{", ".join(plan.devices)}',
        *(f'note      {note}' for note in plan.notes),
        f'time      {_estimate(plan)}',
        _NOTHING]
    return '\n  '.join(rows)


def describe_plans(plans: Sequence[Plan], done: int, refused: int) -> str:
    """A line of text."""
    seconds = [plan.seconds for plan in plans]
    time = ('' if None in seconds or not plans else
            f', in {duration(sum(seconds))}, as estimated')
    return (f'{len(plans)} to do{time}, {done} done before, {refused} would '
            f'fail; {_NOTHING}')


def duration(seconds: float) -> str:
    """About how long, in words."""
    if seconds < 60:
        return f'about {max(1, round(seconds))} s'
    minutes = round(seconds / 60)
    if minutes < 60:
        return f'about {minutes} min'
    return f'about {minutes // 60} h {minutes % 60:02d} min'


def _estimate(plan: Plan) -> str:
    if plan.seconds is None:
        return ('no estimate' if plan.frames is not None else
                'no estimate: nobody knows how many frames there are')
    return (f'{duration(plan.seconds)}, an estimate by {plan.tried} frames '
            'on this machine, as it is now')
