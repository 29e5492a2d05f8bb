"""Wiring only: which plugins make up the suite."""

from steps import STEP_MODULES

pytest_plugins = [
    "pytester",
    "drill.plugins.session",
    "drill.plugins.collection",
    "drill.plugins.gherkin_steps",
    "drill.plugins.estate",
    "drill.plugins.disasters",
    "drill.plugins.verdicts",
    *STEP_MODULES,
]
