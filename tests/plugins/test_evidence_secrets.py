"""A concealed secret appears neither in Allure's results nor on the terminal."""

import json

from example_project import attached
from example_shop import SECRET


def test_a_concealed_secret_is_nowhere_in_the_results(folder):
    files = [file for file in folder.iterdir() if file.is_file()]
    forms = [SECRET, json.dumps(SECRET)[1:-1], repr(SECRET)[1:-1]]

    assert [] == [file.name for file in files if any(form in file.read_text() for form in forms)]


def test_a_concealed_secret_is_nowhere_on_the_terminal(run):
    assert SECRET not in run.stdout + run.stderr
    assert "postgresql://shop:•••@localhost/shop" in run.stdout


def test_what_was_concealed_is_masked_where_it_was(folder, results):
    opened = results["It is opened"]
    step = opened["steps"][1]

    assert "When it is opened with •••" == step["name"]
    assert "+ postgresql://shop:•••@localhost/shop" in opened["statusDetails"]["message"]
    assert "•••" in opened["statusDetails"]["trace"]
    assert ("text/plain", "click •••") == attached(folder, step["steps"][0]["steps"][0])["sound"]
    assert ("text/plain", "opened: •••") == attached(folder, step)["log"]
    assert "the vault is opened with •••\n" == attached(folder, opened)["stdout"][1]
    assert "no engine answers as •••" in results["The engine does not answer"]["statusDetails"]["message"]
