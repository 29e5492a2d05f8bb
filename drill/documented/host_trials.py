"""The trials: what each of the document's commands for files and source code is found wanting in.

A trial looks for the effect, in what a command leaves behind, and yields one sentence for each thing that it is found
wanting in. Should a later program do better, the sentence stays away and the record is out of date.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from drill.datasets.host import password
from drill.documented.host_desk import APPLICATION, SOURCE, HostDesk
from drill.fingerprints import Fingerprint, differences
from drill.fingerprints.git.repository import LARGE, ask

CONFIGURATION = "etc/application"
SETTINGS = "etc/application/counting.toml"
PACKAGES = "var/lib/dpkg/status"
ENVIRONMENT = f"{APPLICATION}/.env"
OVERWRITTEN = "the backup of the day before is overwritten"
EXPOSED = "what few may read can be read by everybody"
HALF = "half a backup is restored as if it were whole"
ATTRIBUTES = "access lists and other attributes are missing"
HOLES = "holes are filled"


def config_backup(desk: HostDesk) -> Iterator[str]:
    """Back up, change a file, and back up again; then look for what it held before."""
    settings = desk.host.root / SETTINGS
    before = settings.read_bytes()
    desk.run("config-backup")
    settings.write_bytes(before + b"# changed\n")
    desk.run("config-backup")
    archives = sorted(desk.directory.glob("config_backup*"))
    held = [(desk.unpacked(archive) / SETTINGS).read_bytes() for archive in archives]
    if before not in held:
        yield OVERWRITTEN
    if any(_everybody_reads(archive) for archive in archives) and not _everybody_reads(settings):
        yield EXPOSED


def env_copy(desk: HostDesk) -> Iterator[str]:
    """Copy, change the password, and copy again; then lose the host."""
    environment = desk.host.root / ENVIRONMENT
    before, secret = environment.read_bytes(), password(desk.host.root)
    desk.run("env-copy")
    environment.write_bytes(before.replace(secret, secret[::-1]))
    desk.run("env-copy")
    copies = [path.read_bytes() for path in _copies(environment, desk.directory)]
    if before not in copies:
        yield OVERWRITTEN
    if any(secret[::-1] in copy for copy in copies):
        yield "the passwords can be read in it"
    desk.host.lose()
    if not _copies(environment, desk.directory):
        yield "it is lost with the disk that it was copied from"


def git_mirror(desk: HostDesk) -> Iterator[str]:
    """Mirror, and mirror again after a commit."""
    desk.run("git-mirror")
    mirror = desk.file("backup_repo")
    if list((desk.repository / LARGE).rglob("*")) and not list((mirror / LARGE).rglob("*")):
        yield "the large files are missing"
    ask(desk.repository, "update-ref", "refs/heads/new", "main")
    again = desk.run("git-mirror")
    if "refs/heads/new" not in _refs(mirror):
        yield "from the second day on it copies nothing"
    if again.status:
        yield "from the second day on it fails"


def source_archive(desk: HostDesk) -> Iterator[str]:
    """Archive, and archive again when the disk is all but full."""
    _check_out(desk)
    desk.run("source-archive")
    archive = desk.file("source_backup.tar.gz")
    before = archive.read_bytes()
    desk.run("source-archive", largest=1)
    if archive.read_bytes() != before:
        yield "where it fails, the backup of the day before is gone"


def system_backup(desk: HostDesk) -> Iterator[str]:
    """Back up, and look for what a machine is rebuilt from."""
    desk.run("system-backup")
    archive = desk.file("system_config_backup.tar.gz")
    if _everybody_reads(archive) and not _everybody_reads(desk.host.root / "etc/shadow"):
        yield EXPOSED
    if not (desk.unpacked(archive) / PACKAGES).exists():
        yield "which packages are installed is missing"


def user_backup(desk: HostDesk) -> Iterator[str]:
    """Back up, and compare what is in the archive with what is on the host."""
    held = _user_data(desk)
    desk.run("user-backup")
    found = desk.held("home", root=desk.unpacked(desk.file("user_data_backup.tar.gz")))
    lacking = {each.where for each in differences(held, found)}
    if "attributes of home" in lacking:
        yield ATTRIBUTES
    if "holes of home" in lacking:
        yield HOLES
    if "times of home" in lacking:
        yield "fractions of a second are missing from every time"


def logs_backup(desk: HostDesk) -> Iterator[str]:
    """Back up, let the rotation remove the oldest log, and back up again; then look for it."""
    oldest = max((desk.host.root / "var/log/counting").glob("*.gz"))
    desk.run("logs-backup")
    oldest.unlink()
    desk.run("logs-backup")
    archives = sorted(desk.directory.glob("logs_backup*"))
    if not any((desk.unpacked(archive) / oldest.relative_to(desk.host.root)).exists() for archive in archives):
        yield "what rotation has removed is gone from the backup too"


def config_restore(desk: HostDesk) -> Iterator[str]:
    """Restore over a host to which somebody has added a file, then restore the first half of the backup."""
    held = desk.held(CONFIGURATION)
    desk.run("config-backup")
    added = desk.host.root / CONFIGURATION / "cameras.d/99-wrong.toml"
    added.write_text("fps = 0\n", "ascii")
    desk.run("config-restore")
    if added.exists():
        yield "what was added after the backup stays"
    archive = desk.file("config_backup.tar.gz")
    os.truncate(archive, archive.stat().st_size // 2)
    desk.host.lose()
    desk.host.provision()
    desk.run("config-restore")
    if (desk.host.root / CONFIGURATION).exists() and differences(held, desk.held(CONFIGURATION)):
        yield "half a backup is restored as far as it goes"


def config_restore_by_a_user(desk: HostDesk) -> Iterator[str]:
    """Have an ordinary user restore root's files where only root may write, then onto a disk that is his own."""
    root = desk.host.root
    desk.directory.chmod(0o755)
    desk.run("config-backup", instead={"tar -czf": "tar --owner=+0 --group=+0 -czf"})
    desk.host.lose()
    desk.host.provision()
    root.chmod(0o555)
    desk.run("config-restore-by-a-user", by_a_user=True)
    if not (root / CONFIGURATION).exists():
        yield "where only root may write, nothing is restored"
    desk.give_to_a_user(root)
    restored = desk.run("config-restore-by-a-user", by_a_user=True)
    owners = {path.lstat().st_uid for path in (root / CONFIGURATION).rglob("*")}
    if restored.status == 0 and owners and 0 not in owners:
        yield "it ends with success, and everything belongs to whoever unpacked it"


def env_restore(desk: HostDesk) -> Iterator[str]:
    """Restore over a file that everybody may read, then restore the first half of the backup."""
    environment = desk.host.root / ENVIRONMENT
    desk.run("env-copy")
    environment.chmod(0o644)
    restored = desk.run("env-restore")
    if restored.status == 0 and _everybody_reads(environment):
        yield "the passwords are open to whoever could read the file before"
    os.truncate(f"{environment}.backup", environment.stat().st_size // 2)
    if desk.run("env-restore").status == 0:
        yield HALF


def git_restore(desk: HostDesk) -> Iterator[str]:
    """Restore where the backup lies, then elsewhere; look at what is there, and send new work to where it came from."""
    desk.run("git-mirror")
    if desk.run("git-restore").status:
        yield "where the backup lies, it finds its place taken by it"
    elsewhere = desk.file("elsewhere")
    elsewhere.mkdir()
    desk.run("git-restore", instead={"backup_repo": "../backup_repo"}, at=elsewhere)
    (restored,) = (path for path in elsewhere.iterdir() if path.is_dir())
    found = _refs(restored if (restored / "HEAD").exists() else restored / ".git")
    lacking = _refs(desk.repository) - found
    if any(ref.startswith("refs/heads/") for ref in lacking):
        yield "all branches but one are missing"
    if any(ref.startswith("refs/notes/") for ref in lacking):
        yield "the notes are missing"
    desk.shell("git push origin HEAD:refs/heads/work", at=restored)
    if "refs/heads/work" in _refs(desk.file("backup_repo")):
        yield "new work is sent into the backup"


def source_unpack(desk: HostDesk) -> Iterator[str]:
    """Unpack where nothing is yet, then where the place has been made."""
    _check_out(desk)
    desk.run("source-archive")
    place = desk.file("restore")
    if desk.run("source-unpack").status:
        yield "it fails where the place is not there yet"
    place.mkdir(exist_ok=True)
    desk.run("source-unpack")
    if (place / SOURCE / "README.md").exists() and not (place / "README.md").exists():
        yield "the source lies deeper than it was asked for, below its old path"


def system_sync(desk: HostDesk) -> Iterator[str]:
    """Restore onto a blank disk, then onto one on which something was altered and something was added."""
    held = _user_data(desk)
    backup, root = desk.file("mnt/backup/system"), desk.host.root
    backup.mkdir(parents=True)
    desk.shell('cp --archive --sparse=always "$ROOT"/. mnt/backup/system')
    desk.host.lose()
    desk.host.provision()
    desk.run("system-sync")
    lacking = {each.where for each in differences(held, desk.held("home"))}
    if "links of home" in lacking:
        yield "two names of one file become two files"
    if "attributes of home" in lacking:
        yield ATTRIBUTES
    if "holes of home" in lacking:
        yield HOLES
    altered, added = root / SETTINGS, root / "etc/cron.d/added"
    before, times = altered.read_bytes(), altered.stat()
    altered.write_bytes(before.swapcase())
    os.utime(altered, ns=(times.st_atime_ns, times.st_mtime_ns))
    added.write_text("* * * * * root true\n", "ascii")
    desk.run("system-sync")
    if altered.read_bytes() != before:
        yield "what was altered but has its size and time stays as it is"
    if added.exists():
        yield "what was added after the backup stays"


def _check_out(desk: HostDesk) -> None:
    """Have the host hold a checkout of the repository, in the place of the one that it has."""
    place = desk.host.root / SOURCE
    shutil.rmtree(place)
    ask(desk.repository, "clone", "--quiet", str(desk.repository), str(place))


def _user_data(desk: HostDesk) -> Fingerprint:
    """Return what users keep, opened to its owner, so that the trial finds the same whether or not root carries it out.

    Raises:
        DrillError: this machine cannot hold what a command may lose.
    """
    for path in (desk.host.root / "home").rglob("*"):
        if path.is_file() and not path.is_symlink():
            path.chmod(stat.S_IMODE(path.stat().st_mode) | stat.S_IRUSR)
    held = desk.held("home")
    desk.require(held, "attributes", "holes")
    return held


def _everybody_reads(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


def _copies(environment: Path, directory: Path) -> list[Path]:
    """Return the copies of an environment file, beside it and where backups are kept."""
    return sorted([*environment.parent.glob(f"{environment.name}?*"), *directory.glob("*.env*")])


def _refs(repository: Path) -> set[str]:
    return set(ask(repository, "for-each-ref", "--format=%(refname)").split())


HOST_TRIALS: dict[str, Callable[[HostDesk], Iterator[str]]] = {
    "config-backup": config_backup,
    "env-copy": env_copy,
    "git-mirror": git_mirror,
    "source-archive": source_archive,
    "system-backup": system_backup,
    "user-backup": user_backup,
    "logs-backup": logs_backup,
    "config-restore": config_restore,
    "config-restore-by-a-user": config_restore_by_a_user,
    "env-restore": env_restore,
    "git-restore": git_restore,
    "source-unpack": source_unpack,
    "system-sync": system_sync,
}
"""The trial of each command, by its id in policy.toml."""
