"""A job on copies: of what comes from a store, or goes into one.

The output appears in its place as a whole, and its record after it. Between
the two a note stands beside it, so that a kill there costs no work.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path

from mmderain import stores
from mmderain.errors import DataError, UserError
from mmderain.files import copy_whole
from mmderain.jobs.anywhere import (
    Anywhere,
    content_known_by,
    input_known_by,
    is_there,
    output_known_by,
    read_json,
    remove,
    size_of,
    write_json,
)
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.derain_job import DerainJob
from mmderain.jobs.display import Count, JobDisplay, Place
from mmderain.jobs.options import DerainOptions, DerainReport
from mmderain.jobs.outputs import (
    OUTPUT_SUFFIXES,
    output_targets,
    there_already,
)
from mmderain.jobs.records import record_of, report_in, write_record
from mmderain.jobs.settings import differing
from mmderain.jobs.stage import stage_in
from mmderain.media.images import IMAGE_SUFFIXES
from mmderain.restorer import Restorer
from mmderain.stores import StoreUrl
from mmderain.unwritten import cannot_write

_NO_NOTE = dict(placed={})
# segments, and what they are joined to, beside a copy of the input
_COPIES = 3


def note_path(target: Anywhere) -> Anywhere:
    """Where the note is while outputs are put in their place."""
    return target.with_name(f'{target.name}.placing.json')


class StagedJob:
    """Derains an entry of which something is in a store.

    Args:
        restorer: Restores the frames.
        entry: Input and output.
        options: How.
        display: Shows how it is getting on.
        stage: Gets the copies, as for ``stage_in``.
    """

    def __init__(self, restorer: Restorer, entry: Entry,
                 options: DerainOptions, display: JobDisplay,
                 stage: Path | None) -> None:
        self._restorer, self._entry = restorer, entry
        self._options, self._display = options, display
        self._stage = stage
        self._ours: list[Anywhere] = []  # outputs of a killed run
        self._note = note_path(entry.target)

    def run(self, settings: dict) -> DerainReport:
        """Do it, and record it.

        Args:
            settings: As ``output_settings`` has them.

        Raises:
            UserError: Something is there already, or cannot be read, written
                or stored.
        """
        source, target = self._entry.source, self._entry.target
        self._check_kind()
        known = input_known_by(source)
        placed = self._placed_before(settings, known)
        if placed is not None:
            self._record(placed)
            return replace(report_in(placed), derained=0, seconds=0.0)
        self._check_writable()
        with stage_in(self._stage, _COPIES * size_of(source)) as folder:
            copy = source
            if isinstance(source, StoreUrl):
                copy = folder / 'input' / source.name
            made = folder / 'output' / target.name
            names = {copy: source, **dict(zip(
                self._targets(made), self._targets(target), strict=True))}
            display = _ByOtherNames(self._display, names)
            try:
                return self._run_on(copy, made, settings, known, display)
            except UserError as error:
                error.args = (display.named(str(error)), )
                raise

    def _run_on(self, copy: Path, made: Path, settings: dict, known: dict,
                display: JobDisplay) -> DerainReport:
        source, target = self._entry.source, self._entry.target
        if isinstance(source, StoreUrl):
            try:
                copy.parent.mkdir()
                known = stores.fetch(source, copy)
            except OSError as error:
                raise cannot_write(copy, error) from error
        made.parent.mkdir()
        job = DerainJob(self._restorer, copy, made,
                        replace(self._options, overwrite=False), display)
        return replace(job.run(partial(self._deliver, made, settings, known)),
                       output=str(target))

    def _deliver(self, made: Path, settings: dict, known: dict,
                 report: DerainReport) -> None:
        """Put all outputs in their place; the output itself is the last."""
        # much may have come since the work began
        self._check_free()
        target = self._entry.target
        record = record_of(self._entry.source, known, None, settings,
                           replace(report, output=str(target)))
        copies = {place: copy for copy, place in zip(
            self._targets(made), self._targets(target), strict=True)}
        note = dict(record, placed={str(place): content_known_by(copy)
                                    for place, copy in copies.items()})
        write_json(self._note, note)
        for place in reversed(copies):
            if isinstance(place, StoreUrl):
                stores.send(copies[place], place)
            else:
                copy_whole(copies[place], place, self._options.overwrite
                           or place in self._ours)
        self._record(note)

    def _record(self, note: dict) -> None:
        record = dict(note, output_known_by=output_known_by(
            self._entry.target))
        del record['placed']
        write_record(self._entry.target, record)
        remove(self._note)

    def _placed_before(self, settings: dict, known: dict) -> dict | None:
        """What an earlier run would have recorded, had it not been killed.

        Raises:
            UserError: An output is there, and not of such a run.
        """
        note = read_json(self._note) if is_there(self._note) else _NO_NOTE
        if not (isinstance(note, dict) and isinstance(
                note.get('placed'), dict)):
            raise UserError(
                f'{self._note} is in the way: mmderain keeps notes under this '
                'name, but did not make what is there. Rename it, or choose '
                'another output.')
        was = note.get('settings')
        is_ours = (isinstance(was, dict)
                   and not differing(was, settings, {*was, *settings})
                   and note.get('input_known_by') == known)
        placed = note['placed'] if is_ours else {}
        places = self._targets(self._entry.target)
        self._ours = [
            place for place in places if str(place) in placed
            and is_there(place)
            and content_known_by(place) == placed[str(place)]]
        self._check_free()
        return note if is_ours and len(self._ours) == len(places) else None

    def _check_free(self) -> None:
        """Refuse to replace what is not ours, unless that is asked for."""
        if self._options.overwrite:
            return
        for place in self._targets(self._entry.target):
            if place not in self._ours and is_there(place):
                raise there_already(place)

    def _check_writable(self) -> None:
        """Find out before the work whether its place takes what is made."""
        if not is_there(self._note):
            write_json(self._note, _NO_NOTE)
            remove(self._note)

    def _targets(self, target: Anywhere) -> list[Anywhere]:
        return [*output_targets(target, self._options,
                                self._restorer.map_names).values()]

    def _check_kind(self) -> None:
        """Refuse folders, which stores do not have."""
        for place in (self._entry.source, self._entry.target):
            if isinstance(place, StoreUrl) and not place.suffix or (
                    place.is_dir()):
                raise DataError(f'{place}: expected a video or an image where '
                                'stores are read or written, got a folder, or '
                                'a name without a suffix. Make it a video, or '
                                'copy it first.')
        target = self._entry.target
        if target.suffix.lower() not in (*OUTPUT_SUFFIXES, *IMAGE_SUFFIXES):
            raise DataError(
                f'{target}: expected an output with one of the suffixes '
                f'{", ".join((*OUTPUT_SUFFIXES, *IMAGE_SUFFIXES))}. Name it '
                'so.')


class _ByOtherNames:
    """A display that shows copies by the names that users know.

    Args:
        display: Shows it.
        names: Copy -> what it is a copy of.
    """

    def __init__(self, display: JobDisplay, names: Mapping[Path, Anywhere]
                 ) -> None:
        self._display, self._names = display, names

    def begin(self, source: Place, target: Place, frames: int | None,
              done: int) -> AbstractContextManager[Count]:
        return self._display.begin(self._names[source], self._names[target],
                                   frames, done)

    def note(self, text: str) -> None:
        self._display.note(self.named(text))

    def named(self, text: str) -> str:
        """A text without the names of copies."""
        for copy, place in self._names.items():
            text = text.replace(str(copy), str(place))
        return text
