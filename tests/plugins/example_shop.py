"""A shop whose features and steps try out what the plugins show: passes, failures, skips, broken setups, secrets."""

SECRET = 'pass"w0rd/of the shop'
STEPS = """
from pytest_bdd import given, parsers, then, when

@given("a shop database", target_fixture="shop")
def shop():
    return {"orders": 3}

@given(parsers.parse("a shop database holding {orders:d} orders"), target_fixture="shop")
def shop_holding(orders):
    return {"orders": orders}

@given("the tables", target_fixture="shop")
def tables(datatable):
    return dict(datatable)

@given("the note", target_fixture="shop")
def note(docstring):
    return {"note": docstring}

@when("it is dropped and restored", target_fixture="restored")
def restored(shop):
    return dict(shop)

@then("nothing is lost")
def nothing_lost(shop, restored):
    assert shop == restored

@then(parsers.parse("it holds {orders:d} orders"))
def holds(restored, orders):
    assert orders == restored["orders"]

@when("the operator presses Ctrl-C")
def interrupted():
    raise KeyboardInterrupt

@then("nothing else happens")
def nothing_else():
    pass
"""
VAULT_STEPS = f"""
import logging
import os

import allure
import pytest
from drill.evidence.attachments import attach_file, attach_json, attach_text
from drill.evidence.redaction import conceal
from pytest_bdd import given, parsers, then, when

SECRET = {SECRET!r}

@pytest.fixture(autouse=True)
def engine(request):
    if request.node.get_closest_marker("slow"):
        raise RuntimeError("no engine answers as " + SECRET)
    if request.node.get_closest_marker("unsound"):
        assert "engine" == "none"

@pytest.fixture
def vault(tmp_path):
    conceal(SECRET)
    print("the vault is opened with", SECRET)
    logging.getLogger("vault").warning("opened with %s", SECRET)
    yield {{"dsn": "postgresql://shop:" + SECRET + "@localhost/shop"}}

conceal(SECRET)

@given("a vault")
def a_vault(vault):
    pass

@given("nobody can check")
def unchecked():
    pytest.skip("no engine answers")

@when(parsers.parse("it is opened with {{word}}"))
def opened(vault, word, tmp_path):
    with allure.step("turn the key"):
        with allure.step("to the left"):
            attach_text("sound", "click " + SECRET)
    log = tmp_path / "vault.log"
    log.write_text("opened: " + SECRET)
    attach_file("log", log)
    attach_json("facts", {{"dsn": vault["dsn"], "turns": 1}})
    allure.attach(SECRET, "raw " + SECRET)

@then("it holds gold")
def holds_gold(vault):
    assert vault["dsn"] == "gold"
"""
LOST_SHOP = """
    @postgres
    Feature: A lost shop comes back

      Losing it costs no more
      than the work since the last backup.

      Background:
        Given a shop database

      Rule: A restore brings back everything
        Whatever was there.

        @RTO-DB
        Scenario: The whole database is dropped
          It happened twice.
          Given the tables
            | orders | 3        |
            | note   | "a", "b" |
          And the note
            \"\"\"
            Open at nine.
            \"\"\"
          When it is dropped and restored
          Then nothing is lost

        @INT-PG-LOGICAL
        Scenario: One order is missing
          When it is dropped and restored
          Then it holds 4 orders
          And nothing is lost
          And nothing else happens

      Scenario Outline: A shop of <orders> orders
        Given a shop database holding <orders> orders
        When it is dropped and restored
        Then it holds <kept> orders

        Examples:
          | orders | kept |
          | 5      | 5    |
          | 7      | 6    |
"""
VAULT = f"""
    Feature: A vault keeps its secrets

      Scenario: It is opened
        Given a vault
        When it is opened with {SECRET}
        Then it holds gold

      Scenario: Nobody looks
        Given a vault
        And nobody can check
        Then it holds gold

      @skip
      Scenario: It is left out
        Given a vault

      @slow
      Scenario: The engine does not answer
        Given a vault

      @unsound
      Scenario: The engine is not the one
        Given a vault
"""
