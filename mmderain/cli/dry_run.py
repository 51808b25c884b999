"""``mmderain derain --dry-run``: what would be done, and how long it takes."""

from collections.abc import Sequence
from dataclasses import replace

from mmderain.cli.displays import CommandDisplay
from mmderain.cli.exit_codes import Exit
from mmderain.errors import UserError
from mmderain.jobs.archive import check_archive
from mmderain.jobs.archive_list import Entry
from mmderain.jobs.dry_run import Plan, Planner, plan_archive
from mmderain.jobs.options import DerainOptions
from mmderain.jobs.summary_file import SummaryFile
from mmderain.restorer import Restorer


def show_plan(restorer: Restorer, entry: Entry, options: DerainOptions,
              display: CommandDisplay) -> Exit:
    """Show what would be done with one input.

    Raises:
        UserError: The work would refuse it.
    """
    display.planned(Planner(restorer, options).plan(entry))
    return Exit.DONE


def show_archive_plan(restorer: Restorer, entries: Sequence[Entry],
                      options: DerainOptions, summary: SummaryFile | None,
                      display: CommandDisplay) -> Exit:
    """Show what would be done with the inputs of an archive.

    Returns:
        Exit: As of the work, where some would fail.

    Raises:
        UserError: Inputs and outputs would destroy each other.
    """
    check_archive(restorer, entries, options, summary)
    options = replace(options, resume=not options.overwrite)
    planner = Planner(restorer, options)
    plans, done, refused = [], 0, 0
    for entry, found in plan_archive(planner, restorer, entries, options):
        if isinstance(found, Plan):
            plans.append(found)
            display.planned(found)
        elif isinstance(found, UserError):
            refused += 1
            display.refused(entry.source, entry.target, str(found))
        else:
            done += 1
    display.planned_all(plans, done, refused)
    return Exit.PARTLY if refused else Exit.DONE
