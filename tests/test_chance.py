"""What chance decides in a drill is the run's own chance, which is on record, and not the estate's fixed seed."""

from types import SimpleNamespace

import pytest

from steps import recovery_steps

PROMISED = [f"backup-{number}" for number in range(40)]


class Promised:
    """A calendar of which all is promised."""

    def any_promised(self, seed: int) -> str:
        return PROMISED[seed % len(PROMISED)]

    def original(self, backup_id: str, _originals: object) -> str:
        return backup_id


@pytest.fixture
def drawn(monkeypatch):
    """Has the step choose what is recovered, which is not done, and tells what it chose and noted."""

    def draw(*, seed: int, chance: int) -> tuple[str, object]:
        recovered, noted = [], []
        monkeypatch.setattr(recovery_steps, "lose_and_recover", lambda *_, backup_id, **__: recovered.append(backup_id))
        journal = SimpleNamespace(event=lambda *_, **facts: noted.append(facts["seed"]))
        recovery_steps.recovered_from_any(
            None, SimpleNamespace(journal=journal), (), Promised(), SimpleNamespace(seed=seed, chance=chance)
        )
        return recovered[0], noted[0]

    return draw


def test_every_run_restores_another_promised_backup_and_its_seed_is_on_record(drawn):
    runs = [drawn(seed=20260101, chance=chance) for chance in (3, 17)]

    assert [(PROMISED[3], 3), (PROMISED[17], 17)] == runs


def test_the_same_chance_restores_the_same_backup_whatever_the_estate_holds(drawn):
    assert drawn(seed=1, chance=5) == drawn(seed=2, chance=5)
