"""Steps about hosts: what is on them, who keeps it, and the application that runs there."""

from pathlib import Path

from pytest_bdd import given, parsers, then, when

from drill.backups.backup import Backup
from drill.backups.coverage import uncovered
from drill.commands.runbook import Outcome
from drill.damage import add_trick, damage_object, misuse_password, narrowed, remove_image
from drill.damage.archives import NAME
from drill.datasets.host import bulk, counting
from drill.evidence.attachments import attach_text
from drill.evidence.journal import Journal
from drill.hosts import AppHost, compose
from drill.losses.ledger import Writer
from drill.plugins.session import Settings
from drill.policy import Policy
from drill.recoveries.recovery import Recovery
from drill.stores import HostStore, LogStore


@given(parsers.parse('the backup of the {part} leaves out "{path}"'), target_fixture="policy")
def leaves_out(policy: Policy, part: str, path: str) -> Policy:
    return narrowed(policy, part.replace(" ", "-"), without=path)


@given(parsers.parse('somebody has made "{place}" on it'))
def somebody_has_made(app_host: AppHost, place: str) -> None:
    (app_host.root / place).mkdir(parents=True)


@given(parsers.parse("somebody has had the archive {trick}"))
def has_had_the_archive(backup: Backup, app_host: AppHost, trick: str) -> None:
    add_trick(backup.stored, trick, outside=app_host.home)


@given("it is known what its containers' definition means", target_fixture="meant")
def definition_means(app_host: AppHost) -> str:
    return compose.meant(app_host.root)


@given("its containers' definition has lost the image of a service")
def definition_lost_image(app_host: AppHost) -> None:
    remove_image(app_host.root)


@given("its containers' definition takes the password for a number")
def definition_misuses_password(app_host: AppHost) -> None:
    misuse_password(app_host.root)


@given("they belong to several users")
def belong_to_several(store: HostStore) -> None:
    store.require_owners()


@given(parsers.parse("it holds {files:d} small files more, and a disk image of {size:d} GiB that is mostly holes"))
def holds_more(store: HostStore, settings: Settings, files: int, size: int) -> None:
    bulk.plant(store.host.root, files=files, size=size << 30, seed=settings.seed)


@given("its log has been rotated while it is written to")
def log_rotated(store: LogStore, writer: Writer) -> None:
    attach_text("rotation", store.rotate())
    writer.wait_for(50)


@given("one of its objects has been damaged")
def object_damaged(source_repository: Path) -> None:
    damage_object(source_repository)


@given("the application has counted on since")
def counted_on(store: HostStore) -> None:
    counting.carry_on(store.host.root, counting.EVENTS // 2)


@given("the totals have been put back without their place")
def totals_put_back(store: HostStore) -> None:
    counting.mix_up(store.host.root)


@when("the application carries on", target_fixture="counted")
def carries_on(store: HostStore) -> counting.State:
    return counting.carry_on(store.host.root)


@when("its places are held against what the policy has kept", target_fixture="places")
def held_against_policy(app_host: AppHost, policy: Policy) -> list[str]:
    return uncovered(app_host.root, policy)


@then(parsers.parse("nothing is kept by nobody, as {criterion} demands"))
def nothing_uncovered(places: list[str], criterion: str, policy: Policy, journal: Journal) -> None:
    journal.measure(criterion, len(places))

    assert [] == places
    assert policy.criterion(criterion).objective.met_by(len(places))


@then(parsers.parse('"{place}" is found to be kept by nobody'))
def found_uncovered(places: list[str], place: str) -> None:
    assert [place] == places


@then(parsers.parse("the disk image has its {size:d} GiB, and takes less than {limit:d} MiB of the disk"))
def image_keeps_its_holes(store: HostStore, size: int, limit: int) -> None:
    room = bulk.image_room(store.host.root)

    assert size << 30 == room.size
    assert limit << 20 > room.taken


@then("nothing has appeared outside it")
def nothing_outside(app_host: AppHost) -> None:
    around: list[Path] = [path for above in app_host.home.parents for path in above.glob(f"*{NAME}*")]

    assert [] == [*app_host.home.rglob(f"*{NAME}*"), *around]


@then(parsers.parse("every event has been counted once, as {criterion} demands"))
def counted_once(counted: counting.State, criterion: str, policy: Policy, journal: Journal) -> None:
    wrong = [gate for gate, total in enumerate(counting.true_totals()) if total != counted.totals[gate]]
    journal.measure(criterion, len(wrong))

    assert [] == wrong
    assert policy.criterion(criterion).objective.met_by(len(wrong))


@then("some events have been counted twice or never")
def counted_wrongly(counted: counting.State) -> None:
    assert counting.true_totals() != list(counted.totals)


@then(parsers.parse("its containers' definition means the same, as {criterion} demands"))
def definition_means_the_same(app_host: AppHost, meant: str, criterion: str, policy: Policy, journal: Journal) -> None:
    findings = compose.findings(app_host.root, before=meant)
    journal.measure(criterion, len(findings))

    assert [] == findings
    assert policy.criterion(criterion).objective.met_by(len(findings))


@then("nothing that the host guards is in what the command said")
def not_said(store: HostStore, attempt: Outcome) -> None:
    assert [] == [what for what, guarded in store.canaries().items() if guarded.decode() in str(attempt)]


@then("nothing that the host guards is in what the commands said")
def never_said(store: HostStore, backup: Backup, recovery: Recovery) -> None:
    said = f"{backup.outcome}{backup.outcome.output}{recovery.outcome}{recovery.outcome.output}"

    assert [] == [what for what, guarded in store.canaries().items() if guarded.decode() in said]
