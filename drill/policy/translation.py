"""Pydantic's list of errors, translated into what is wrong and what to do about it."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from types import NoneType, UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from drill.policy.models import Policy
from drill.policy.problems import UnreadableValue, suggestion

Location = tuple[str | int, ...]
Finding = tuple[Location, str, str]


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "tuple_type": "a list",
    "mapping_type": "a table",
    "dict_type": "a table",
    "model_type": "a table",
}


def told(error: ValidationError, *, ignored: Collection[Location]) -> Iterator[Finding]:
    """Yield location, what and remedy of every error, but those at the ignored locations."""
    for details in error.errors(include_url=False):
        # Pydantic counts the entries that were valid; a list of bad ones is not too short.
        consequence = details["type"] == "too_short" and details["input"]
        if details["loc"] not in ignored and not consequence:
            yield details["loc"], *_meaning(details)


def dotted(location: Location, raw: dict[str, Any]) -> str:
    """Write a location as a person finds it: ``criteria[RTO-DB].objective``; places without an id count from one."""
    key, table = "", raw
    for part in location:
        table = _below(table, part)
        if isinstance(part, int):
            identifier = table.get("id") if isinstance(table, dict) else None
            key += f"[{identifier if isinstance(identifier, str) else part + 1}]"
        else:
            key += f".{part}" if key else part
    return key


def _below(table: Any, part: str | int) -> Any:
    try:
        return table[part]
    except (KeyError, IndexError, TypeError):
        return None


def _meaning(details: ErrorDetails) -> tuple[str, str]:
    owner, field = _field(details["loc"])
    name = str(details["loc"][-1])
    shown = _shown(details["input"])
    cause = details.get("ctx", {}).get("error")
    match details["type"]:
        case "missing":
            return "is missing", f"add {_example(name, field)}"
        case "extra_forbidden":
            return "is no known key", suggestion(name, _keys(owner))
        case _ if isinstance(cause, UnreadableValue):
            return cause.what, cause.remedy
        case kind if kind in _WANTED:
            return f"{shown} is not {_WANTED[kind]}", f"write {_example(name, field)}"
        case _:
            reason = re.sub(r"^(Input|Value) ", "", details["msg"])
            return f"{shown}: {reason[:1].lower()}{reason[1:]}", f"write {_example(name, field)}"


def _field(location: Location) -> tuple[type[BaseModel] | None, FieldInfo | None]:
    """Return the model that holds the last part of a location, and the field that it names."""
    annotation: Any = Policy
    owner: type[BaseModel] | None = None
    field: FieldInfo | None = None
    for part in location:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            owner = annotation
            field = _keys(owner).get(str(part))
            annotation = _required(field.annotation) if field else None
        else:
            inner = [each for each in get_args(annotation) if each is not Ellipsis]
            owner, annotation = None, inner[-1] if inner else None
    return owner, field


def _required(annotation: Any) -> Any:
    """Return what an annotation such as ``Encryption | None`` stands for where it is given."""
    if get_origin(annotation) is not UnionType:
        return annotation
    given = [each for each in get_args(annotation) if each is not NoneType]
    return given[0] if len(given) == 1 else annotation


def _keys(model: type[BaseModel] | None) -> dict[str, FieldInfo]:
    if model is None:
        return {}
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _example(name: str, field: FieldInfo | None) -> str:
    """Return what could stand there, as TOML."""
    if field is None:
        return f"another value for {name}"
    if not field.examples:
        return f"[[{name}]]" if get_origin(field.annotation) is tuple else f"a section [{name}]"
    text = f"{name} = {_toml(field.examples[0])}"
    return f"{text} ({field.description})" if field.description else text


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
