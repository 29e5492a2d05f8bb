"""The architecture, checked: which way dependencies run, and that criteria and scenarios belong together."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from gherkin.parser import Parser
from gherkin.pickles.compiler import Compiler

from drill.features import scenarios_by_tag
from drill.policy.command import SERVER_KINDS

ROOT = Path(__file__).parent.parent
OURS = {"backup_scripts", "drill", "features", "steps", "tests", "bench"}
MAY_IMPORT = {
    "backup_scripts": {"backup_scripts"},
    "drill": {"drill"},
    "steps": {"drill", "steps"},
}


def imported(path):
    """Return the dotted names that a module imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def modules(package):
    return sorted((ROOT / package).rglob("*.py"))


def pickles():
    for path in sorted((ROOT / "features").rglob("*.feature")):
        document = Parser().parse(path.read_text("utf-8"))
        yield from Compiler().compile({**document, "uri": str(path.relative_to(ROOT))})


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_dependencies_run_one_way(package):
    strangers = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imported(path)
        if name.split(".")[0] in OURS - MAY_IMPORT[package]
    }

    assert set() == strangers


def test_the_scripts_need_nothing_but_the_standard_library():
    foreign = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules("backup_scripts")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names | {"backup_scripts"}
    }

    # What Python itself does not bring: encryption, and object storage. Only who uses them needs them; and what makes
    # unpacking and checking faster where it is there.
    assert {
        "backup_scripts/encryption.py imports pyrage",
        "backup_scripts/offsite.py imports boto3",
        "backup_scripts/offsite.py imports botocore",
        "backup_scripts/offsite.py imports botocore.config",
        "backup_scripts/offsite.py imports botocore.config.Config",
        "backup_scripts/offsite.py imports botocore.exceptions",
        "backup_scripts/rdb.py imports anycrc",
        "backup_scripts/rdb.py imports anycrc.Model",
        "backup_scripts/unpacking.py imports isal",
        "backup_scripts/unpacking.py imports isal.isal_zlib",
    } == foreign


def test_one_module_of_the_drill_makes_keys():
    knowing = {str(path.relative_to(ROOT)) for path in modules("drill") if "pyrage" in imported(path)}

    assert {"drill/secrecy/encryption.py"} == knowing


def test_only_plugins_know_pytest():
    knowing = {
        str(path.relative_to(ROOT))
        for path in modules("drill")
        if "plugins" not in path.parts and {name.split(".")[0] for name in imported(path)} & {"pytest", "pytest_bdd"}
    }

    assert set() == knowing


def test_no_check_knows_the_sabotage():
    knowing = {
        str(path.relative_to(ROOT))
        for path in modules("drill")
        if "damage" not in path.parts and any(name.startswith("drill.damage") for name in imported(path))
    }

    # The commands that set the sabotage going judge nothing.
    assert {"drill/cli/defects.py", "drill/cli/sabotage.py"} == knowing


def test_nothing_that_verification_is_made_of_knows_the_sabotage():
    """Not through anything that it imports, either."""
    program = (
        "import sys, drill.verification\nprint(*(name for name in sys.modules if name.startswith('drill.damage')))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "" == loaded.stdout.strip()


def test_a_forbidden_import_is_seen(tmp_path):
    module = tmp_path / "module.py"
    module.write_text("def f():\n    from backup_scripts import manifest\n")

    assert "backup_scripts" in imported(module)


def test_every_criterion_has_scenarios_or_says_why_not(policy):
    written = scenarios_by_tag(ROOT / "features")
    proved = {criterion.id for criterion in policy.criteria if written[criterion.id]}
    open_ = {criterion.id for criterion in policy.criteria if criterion.gap}
    on_record = {criterion.id for criterion in policy.criteria if criterion.decided_by}

    assert {criterion.id for criterion in policy.criteria} == proved | open_ | on_record
    assert len(policy.criteria) == len(proved) + len(open_) + len(on_record)


def test_every_scenario_proves_a_criterion(policy):
    known = {criterion.id for criterion in policy.criteria}
    idle = [
        f"{pickle['uri']}: {pickle['name']}"
        for pickle in pickles()
        if not known & {tag["name"].removeprefix("@") for tag in pickle["tags"]}
    ]

    assert [] == idle


DAILY, QUICK, RELEASE = "daily", "quick", "release"


def selected(pickle, selection):
    """Tell whether a scenario is in a selection: what `make drill` runs, that without what is slow, a release's."""
    tags = {tag["name"].removeprefix("@") for tag in pickle["tags"]}
    return {DAILY: "nightly" not in tags, QUICK: not tags & {"nightly", "slow"}, RELEASE: "drill" in tags}[selection]


def measured(pickle):
    """Return the words of a scenario's outcomes; who measures a criterion names it there."""
    return {
        word.strip(",.")
        for step in pickle["steps"]
        if step["type"] == "Outcome" and " misses " not in step["text"]
        for text in [
            step["text"],
            *(
                cell["value"]
                for row in step.get("argument", {}).get("dataTable", {}).get("rows", [])
                for cell in row["cells"]
            ),
        ]
        for word in text.split()
    }


@pytest.mark.parametrize("selection", [DAILY, QUICK, RELEASE])
def test_what_a_selection_tries_it_measures_or_a_run_of_it_ends_unproven(selection, policy):
    chosen = [pickle for pickle in pickles() if selected(pickle, selection)]
    tags = {tag["name"].removeprefix("@") for pickle in chosen for tag in pickle["tags"]}
    words = set().union(*map(measured, chosen))

    assert set() == (tags & {criterion.id for criterion in policy.criteria}) - words


def test_a_scenario_is_one_short_arc():
    crammed = {
        f"{pickle['uri']}: {pickle['name']}": [step["type"] for step in pickle["steps"]]
        for pickle in pickles()
        if len(pickle["steps"]) > 7
        or [step["type"] for step in pickle["steps"]]
        != sorted((step["type"] for step in pickle["steps"]), key=["Context", "Action", "Outcome"].index)
    }

    assert {} == crammed


def test_every_feature_has_a_rule_about_refusal():
    words = re.compile(r"refused|not overlooked|do not prove|no restore point|no recovery time")
    silent = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "features").rglob("*.feature"))
        if not any(words.search(line) for line in path.read_text("utf-8").splitlines() if "Rule:" in line)
    ]

    assert [] == silent


def test_features_speak_the_domain_s_words():
    technical = re.compile(r"\b(SELECT|INSERT|sleep|port|localhost|seconds|\.py|/[a-z]+/)\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in sorted((ROOT / "features").rglob("*.feature"))
        for line in path.read_text("utf-8").splitlines()
        if technical.search(line)
    ]

    assert [] == found


def test_the_root_conftest_only_wires():
    lines = (ROOT / "conftest.py").read_text("utf-8").splitlines()
    statements = ast.parse("\n".join(lines)).body

    assert len(lines) <= 40
    assert not [s for s in statements if not isinstance(s, ast.Import | ast.ImportFrom | ast.Assign | ast.Expr)]


@pytest.mark.parametrize("package", ["features", "steps", "tests", "drill", "backup_scripts"])
def test_nothing_sleeps_in_place_of_a_wait(package):
    sleeping = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    }

    # The places where waiting itself is made: a probe, a pause, a limit.
    waiting = ("drill/waiting.py", "backup_scripts/redis", "backup_scripts/postgres_promotion.py")
    assert sleeping <= {place for place in sleeping if place.startswith(waiting)}


def test_the_shipped_procedures_are_modules_of_ours(policy):
    # A routine is the suite's own: the drill and the report.
    commands = {key: each.words for key, each in policy.commands().items() if not key.startswith("routines.")}

    assert commands
    for key, words in commands.items():
        if key.startswith("procedures.") and key.rpartition(".")[2] in SERVER_KINDS:
            assert "postgres_wal" == words[0], key
            continue
        assert ("python", "-m") == words[:2], key
        assert (ROOT / f"{words[2].replace('.', '/')}.py").is_file(), key


def keywords(path, name):
    """Return the texts that are given for a keyword, and the function that is decorated with it."""
    return {
        (keyword.value.value, function.name)
        for function in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        if isinstance(decorator, ast.Call)
        for keyword in decorator.keywords
        if keyword.arg == name and isinstance(keyword.value, ast.Constant)
    }


def test_no_step_puts_something_in_the_place_of_what_all_scenarios_share():
    made = {fixture for path in modules("steps") for fixture, _ in keywords(path, "target_fixture")}
    shared = {
        name for path in modules("drill/plugins") for scope, name in keywords(path, "scope") if scope == "session"
    }

    assert {"store", "backup"} <= made
    assert {"settings", "runtime"} <= shared
    assert set() == made & shared
