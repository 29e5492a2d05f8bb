"""Reading policy.toml: one door, and everything that is wrong told at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from drill.policy import references
from drill.policy.encryption import SECRET_KEY
from drill.policy.models import Policy
from drill.policy.problems import PolicyError, Problem
from drill.policy.translation import dotted, told

FILE_NAME = "policy.toml"


def find(start: Path) -> Path:
    """Return the nearest policy.toml, in the directory or above it.

    Raises:
        PolicyError: there is none.
    """
    for directory in (start.absolute(), *start.absolute().parents):
        if (directory / FILE_NAME).is_file():
            return directory / FILE_NAME
    raise PolicyError(
        [Problem(start.absolute() / FILE_NAME, "", "is not here nor in any directory above", "name one with --policy")]
    )


def load(path: Path) -> Policy:
    """Return the policy that a file holds.

    Raises:
        PolicyError: the file cannot be read or says something that cannot be; lists every problem.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise PolicyError([Problem(path, "", f"cannot be read ({reason})", "name another with --policy")]) from error
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 (byte {error.start})"
        raise PolicyError([Problem(path, "", what, "save it as UTF-8")]) from error
    return parse(text, file=path)


def parse(text: str, *, file: Path) -> Policy:
    """Return the policy that a text holds; the file is what errors name and where relative paths start.

    Raises:
        PolicyError: the text says something that cannot be; lists every problem.
    """
    _refuse_secret_keys(text, file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PolicyError([Problem(file, "", f"is no TOML: {error}", "correct that line")]) from error
    quiet = references.referring(raw)
    found = [*references.fill_in_objectives(raw), *references.findings(raw)]
    for name, procedure in references.entries(raw.get("procedures")):
        procedure["name"] = name
    try:
        policy = Policy.model_validate(raw, context={"file": file})
    except ValidationError as error:
        # An objective that refers to a number is told of where the number is.
        found = [*told(error, ignored=quiet), *found]
    if found:
        raise PolicyError([Problem(file, dotted(where, raw), what, remedy) for where, what, remedy in found])
    return policy


def _refuse_secret_keys(text: str, file: Path) -> None:
    """See that no key lies open in the policy, not even in a comment, before another error can show it."""
    for number, line in enumerate(text.splitlines(), 1):
        if SECRET_KEY.search(line):
            remedy = "keep it in a file of its own, name that in encryption.identity_file, and make a new pair of keys"
            raise PolicyError([Problem(file, f"line {number}", "holds a secret key of age", remedy)])
