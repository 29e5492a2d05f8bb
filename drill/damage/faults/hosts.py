"""Faults of what a host is run by: its system, network, security, monitoring, logs, state, sources and settings."""

from __future__ import annotations

import shlex

from drill.damage.faults.fault import Fault, Scene, then
from drill.damage.faults.files import DIFFERS, altered, done_to
from drill.damage.victims import ARCHIVE
from drill.errors import DrillError
from drill.stores import HostStore

NOT_ANSWERED = DIFFERS | {"UNREADABLE"}
REMOVED = 'rm "$f"'
_SAID = (
    (
        "PACKAGES-WITHOUT-VERSIONS",
        "the list of packages names no versions",
        "var/lib/dpkg/status",
        altered('sed -i "/^Version:/d" "$f.new"'),
    ),
    (
        "UNIT-LOST",
        "the job backs up /etc/systemd, and the unit was elsewhere",
        "etc/systemd/system/counting.service",
        REMOVED,
    ),
    (
        "UNIT-DISABLED",
        "units came back, and none is started",
        "etc/systemd/system/multi-user.target.wants/counting.service",
        REMOVED,
    ),
    ("CRONTAB-LOST", "crontabs were left out, and nothing runs at night", "etc/cron.d/counting", REMOVED),
    ("CERTIFICATE-LOST", "certificates were left out", "etc/ssl/certs/counting.pem", REMOVED),
    ("SECRETS-LEFT-OUT", "an exclude leaves out what is secret, passwords too", "etc/shadow", REMOVED),
    ("SECRETS-BARED", "everybody may read a secret key", "etc/ssl/private/counting.key", 'chmod 0644 "$f"'),
    (
        "PRODUCTION-BY-NAME",
        "the restored host finds production's database under the name of its own",
        "etc/hosts",
        altered('sed -i "s/^[0-9.]* database$/203.0.113.5 database/" "$f.new"'),
    ),
    (
        "RESOLVER-LEFT-BEHIND",
        "a link came back as a file that nobody keeps up to date",
        "etc/resolv.conf",
        'rm "$f"; echo "nameserver 192.0.2.1" > "$f"',
    ),
    (
        "RULES-LOST",
        "rules of alerts lie in a directory of their own, and were left out",
        "etc/prometheus/rules.d/counting.yml",
        REMOVED,
    ),
    (
        "LINES-LOST",
        "the last lines of a log were lost",
        "var/log/counting/counting.log",
        altered('truncate -s -200 "$f.new"'),
    ),
    ("ROTATED-LOG-LOST", "a log of an earlier day was left out", "var/log/counting/counting.log.2.gz", REMOVED),
    (
        "STATE-OF-TWO-MOMENTS",
        "place and totals are of different moments: events will be counted twice",
        "var/lib/counting/state.json",
        altered('sed -i "s/\\"position\\": [0-9]*/\\"position\\": 1/" "$f.new"'),
    ),
    (
        "UNCOMMITTED-LOST",
        "a clone stands for the tree, and what is in no commit is gone",
        "srv/source/counting/thử nghiệm.local",
        REMOVED,
    ),
    ("PROGRAM-NOT-EXECUTABLE", "a program may not be run", "srv/source/deploy", 'chmod a-x "$f"'),
    (
        "PRODUCTION-BY-SETTING",
        "the restored service writes into production's database",
        "srv/counting/docker-compose.yml",
        altered('sed -i "s/@database/@production/" "$f.new"'),
    ),
    (
        "ENVIRONMENT-LOST",
        "a pattern without the names with a dot left the environment out",
        "srv/counting/.env",
        REMOVED,
    ),
    ("PASSWORD-BARED", "everybody may read the database's password", "srv/counting/.env", 'chmod 0644 "$f"'),
)


def _linked(scene: Scene) -> None:
    """Have a directory above the restored files be a link to the same one of the host that was backed up."""
    if not isinstance(scene.source, HostStore):
        raise DrillError(f"{scene.set} is not of a host", remedy="this fault is not one of such backups")
    source = shlex.quote(str(scene.source.host.root / "etc"))
    then(f'set -e; rm -r "$RESTORE_TARGET"/etc; ln -s {source} "$RESTORE_TARGET"/etc')(scene)


FAULTS = (
    *(
        Fault(name, ARCHIVE, what, done_to(path, script), NOT_ANSWERED, holds=path)
        for name, what, path, script in _SAID
    ),
    Fault(
        "FILES-LINKED-TO-PRODUCTION",
        ARCHIVE,
        "a link leads to the files of the old host, which still are there, and nothing was restored",
        _linked,
        NOT_ANSWERED | {"LEANS-ON-ANOTHER"},
        holds="etc/systemd",
    ),
)
