"""``dr-drill defects``."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from drill.cli.application import EXIT_STATUS, PolicyFile, app, sound_policy, wide_console
from drill.cli.servers import RuntimeChoice, say
from drill.damage.defects.score import tables
from drill.damage.defects.trial import chosen, try_all
from drill.errors import DrillError


@app.command()
def defects(
    *,
    only: Annotated[
        list[str] | None, typer.Option("--defect", metavar="ID", help="Only this defect; may be repeated.")
    ] = None,
    as_data: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the score and every attempt to this file.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="How many drills run at once.")] = 2,
    runtime: RuntimeChoice = None,
    file: PolicyFile = None,
) -> None:
    """Put the defects that scripts have in the field into copies of the scripts, and see which scenario turns red.

    A suite that is green whatever its scripts do proves nothing. For each defect the scripts are copied, the defect is
    put into the copy, and the scenario that has to notice it is run on that copy. A defect whose scenario is proven all
    the same has survived: the features have a hole there. The same scenarios are run on sound scripts as well.

        dr-drill defects --defect ROLES-WITHOUT-PASSWORDS

    Exit status: 0 every defect turned its scenario red, and sound scripts none; 1 a defect survived, or sound scripts
    were accused; 2 something given to the command is wrong; 3 something could not be tried.
    """
    policy = sound_policy(file)
    asked = runtime or os.environ.get("DR_DRILL_RUNTIME") or policy.runtime.default
    score = try_all(chosen(only or []), policy, runtime=asked, workers=workers, tell=say)
    if as_data is not None:
        try:
            as_data.write_text(json.dumps(score.as_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")
        except OSError as error:
            raise DrillError(f"{as_data}: {error.strerror}", remedy="name a file that can be written") from error
    wide_console().print(tables(score))
    raise typer.Exit(EXIT_STATUS[score.verdict])
