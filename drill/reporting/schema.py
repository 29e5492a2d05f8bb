"""The schema of the report's JSON, as docs/report.schema.json has it."""

from __future__ import annotations

import json

from drill.reporting.summary import Summary


def schema() -> str:
    """Return the JSON schema that every report keeps."""
    described = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Summary.model_json_schema(mode="serialization"),
    }
    return f"{json.dumps(described, ensure_ascii=False, indent=2)}\n"
