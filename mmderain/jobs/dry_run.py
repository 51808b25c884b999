"""What would be done, by the checks of the work itself; nothing is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mmderain.errors import UserError, as_user_error
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.display import NOBODY, Relayed
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.outlook import Outlook
from mmderain.jobs.records import Standing, judge
from mmderain.jobs.settings import output_settings
from mmderain.jobs.time_trial import Speed, try_frames
from mmderain.restorer import Restorer, Tile


@dataclass(frozen=True)
class Plan:
    """What would be done with an input.

    Args:
        input: The input.
        outputs: All that would be written, the output itself first.
        frames: Of the output; None where nobody knows.
        done: Of them by an earlier run.
        size: Height and width, as they are shown.
        rate: Frames per second.
        models: The methods that restore them, one after the other.
        backend: What computes.
        dtype: In which precision.
        devices: On what.
        tile: Height and width; None for whole frames.
        notes: What will be lost, or has to be known.
        seconds: How long it may take, as estimated; None for no estimate.
        tried: By how many frames, of it or of another one of its kind.
    """

    input: str
    outputs: tuple[str, ...]
    frames: int | None
    done: int
    size: tuple[int, int]
    rate: float
    models: tuple[str, ...]
    backend: str
    dtype: str
    devices: tuple[str, ...]
    tile: Tile
    notes: tuple[str, ...]
    seconds: float | None
    tried: int


class Planner:
    """Says what would be done.

    Args:
        restorer: Restores the frames.
        options: How.
    """

    def __init__(self, restorer: Restorer, options: DerainOptions) -> None:
        self._restorer, self._options = restorer, options
        self._speeds: dict[tuple, Speed] = {}

    def plan(self, entry: Entry) -> Plan:
        """Check an input and its outputs as the work does.

        Raises:
            UserError: The work would refuse it.
        """
        job = DerainJob(self._restorer, entry.source, entry.target,
                        self._options, Relayed(NOBODY))
        outlook = job.look()
        speed = self._speed(job, outlook)
        info, stages = job.source.info, self._restorer.stages
        left = None if outlook.frames is None else max(
            0, outlook.frames - outlook.done)
        return Plan(
            str(entry.source), tuple(map(str, job.tracks.targets.values())),
            outlook.frames, outlook.done, info.upright_size,
            float(info.rate), tuple(stage.name for stage in stages),
            outlook.way['backend'], outlook.way['dtype'],
            self._options.devices or tuple(dict.fromkeys(
                str(stage.backend.device) for stage in stages)),
            outlook.tile, tuple(job.notes),
            None if None in (left, speed) else left * speed.seconds,
            0 if speed is None else speed.frames)

    def _speed(self, job: DerainJob, outlook: Outlook) -> Speed | None:
        """As tried by a video of the same size and kind, this one or before.

        None with several devices: what they share cannot be said by one.
        """
        if len(self._options.devices) > 1:
            return None
        kind = (job.source.info.upright_size, job.target.suffix.lower(),
                outlook.tile, *outlook.way.values())
        if kind not in self._speeds:
            self._speeds[kind] = try_frames(job, outlook)
        return self._speeds[kind]


def plan_archive(planner: Planner, restorer: Restorer,
                 entries: Sequence[Entry], options: DerainOptions
                 ) -> Iterator[tuple[Entry, Plan | Standing | UserError]]:
    """Say what would be done with each input of an archive.

    Yields:
        An entry, and what would be done; how it stands where nothing would;
        or why it would fail.
    """
    settings = output_settings(restorer, options)
    for entry in entries:
        try:
            yield entry, _planned(planner, entry, settings, options)
        except Exception as error:
            known = as_user_error(error)
            if known is None:
                raise
            yield entry, known


def _planned(planner: Planner, entry: Entry, settings: dict,
             options: DerainOptions) -> Plan | Standing:
    verdict = None if options.overwrite else judge(
        entry.source, entry.target, settings)
    if verdict is None or verdict.standing is Standing.OPEN:
        return planner.plan(entry)
    if verdict.standing is Standing.REFUSED:
        raise UserError(verdict.reason)
    return verdict.standing
