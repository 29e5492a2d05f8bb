"""What an administrator keeps on the application's host: the system, its network, security, monitoring, and logs."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta

from drill.datasets.host.planting import Planting

PACKAGES = {"bash": "5.2.15-2+b8", "libc6": "2.36-9+deb12u10", "postgresql-18": "18.6-1", "redis-server": "8.0.6-1"}
LOG = "var/log/counting/counting.log"
ROTATION = "etc/logrotate.d/counting"
ROTATION_TIMES = "etc/cron.d/logrotate"
REOPENING = "run/counting/reopen"
"""Touched to have the application open its log again; others have a signal for that."""
TELLING = f"""    postrotate
        touch /{REOPENING}
    endscript
"""
RULES = f"""/var/log/counting/*.log {{
    daily
    rotate 14
    compress
    delaycompress
    missingok
    nocreate
{TELLING}}}
"""
"""How the log is rotated every day: the newest part stays unpacked, until it is told, its writer goes on in it."""
TIMES = "0 0 * * * root /usr/sbin/logrotate /etc/logrotate.conf\n"
"""When the host's cron has the rules looked at."""
LAST_DAY = date(2025, 12, 31)
ROTATED = 3
LINES = 200
"""Of each log."""


def plant_system(planting: Planting) -> None:
    """Make the operating system's own configuration, and its packages with their versions."""
    planting.directory("etc/apt/sources.list.d")
    planting.file("etc/os-release", 'ID=debian\nVERSION_ID="12"\n')
    planting.file("etc/fstab", "UUID=6b1d5c9e-9a5e-4a53-8f0d-0e4a4a1f9d11 / ext4 errors=remount-ro 0 1\n")
    planting.directory("etc/systemd/system/multi-user.target.wants")
    unit = "[Service]\nExecStart=/opt/counting/bin/counting\nUser=counting\n"
    planting.file("etc/systemd/system/counting.service", unit)
    planting.link("etc/systemd/system/multi-user.target.wants/counting.service", "/etc/systemd/system/counting.service")
    planting.directory("etc/cron.d")
    planting.file("etc/cron.d/counting", "5 4 * * * counting /opt/counting/bin/tidy\n")
    planting.file(ROTATION_TIMES, TIMES)
    planting.directory("etc/logrotate.d")
    planting.file(ROTATION, RULES)
    planting.directory("var/lib/dpkg")
    told = (f"Package: {name}\nStatus: install ok installed\nVersion: {it}\n" for name, it in PACKAGES.items())
    planting.file("var/lib/dpkg/status", "\n".join(told))


def plant_network(planting: Planting) -> None:
    """Make names, addresses and routes."""
    planting.file("etc/hostname", "counting-1\n")
    planting.file("etc/hosts", "127.0.0.1 localhost\n10.0.0.5 database\n")
    planting.directory("etc/network/interfaces.d")
    planting.file("etc/network/interfaces", "source /etc/network/interfaces.d/*\n")
    planting.file("etc/network/interfaces.d/eth0", "auto eth0\niface eth0 inet static\n address 10.0.0.7/24\n")
    planting.link("etc/resolv.conf", "/run/systemd/resolve/stub-resolv.conf")


def plant_security(planting: Planting) -> None:
    """Make users and groups, how they come in, who may become root, the firewall and the certificates."""
    planting.file("etc/passwd", "root:x:0:0::/root:/bin/sh\nan:x:1001:1001::/home/an:/bin/sh\n")
    planting.file("etc/group", "root:x:0:\nshadow:x:42:\nan:x:1001:\n")
    hashed = f"$y$j9T$.{planting.draw.getrandbits(64):016x}"
    planting.file("etc/shadow", f"root:*:20000::::::\nan:{hashed}:20000::::::\n", owner="shadow", mode=0o640)
    planting.file("etc/gshadow", "root:*::\nshadow:*::\nan:!::\n", owner="shadow", mode=0o640)
    planting.file("etc/sudoers", "root ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n", mode=0o440)
    planting.directory("etc/sudoers.d", mode=0o750)
    planting.file("etc/sudoers.d/counting", "an ALL=(counting) NOPASSWD: ALL\n", mode=0o440)
    planting.file("etc/nftables.conf", "table inet filter {\n chain input { policy drop; }\n}\n", mode=0o755)
    planting.directory("etc/ssl/private", mode=0o710)
    planting.directory("etc/ssl/certs")
    planting.file("etc/ssl/private/counting.key", planting.draw.randbytes(1200), owner="shadow", mode=0o640)
    planting.file("etc/ssl/certs/counting.pem", planting.draw.randbytes(1400))
    planting.link("etc/ssl/certs/9d66eef0.0", "counting.pem")
    planting.directory("etc/ssh/sshd_config.d")
    planting.file("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n")
    planting.file("etc/ssh/sshd_config.d/counting.conf", "PasswordAuthentication no\nAllowUsers an\n")
    planting.file("etc/ssh/ssh_host_ed25519_key", planting.draw.randbytes(399), mode=0o600)
    planting.file("etc/ssh/ssh_host_ed25519_key.pub", planting.draw.randbytes(92))
    planting.directory("etc/pam.d")
    planting.file("etc/pam.d/common-auth", "auth required pam_unix.so\n")
    planting.file("etc/pam.d/sshd", "@include common-auth\naccount required pam_nologin.so\n")


def plant_monitoring(planting: Planting) -> None:
    """Make what is watched, and when somebody is to be told."""
    planting.directory("etc/prometheus/rules.d")
    planting.file("etc/prometheus/prometheus.yml", "scrape_configs:\n- job_name: counting\n", mode=0o640)
    planting.file("etc/prometheus/rules.d/counting.yml", "groups:\n- name: máy đếm\n")


def plant_logs(planting: Planting) -> None:
    """Make a log that is being written to, and older ones as a rotation leaves them."""
    planting.directory("run/counting", owner="counting")
    planting.directory("var/log/counting", owner="counting", mode=0o750)
    planting.file(LOG, _lines(planting, LAST_DAY), owner="counting", mode=0o640)
    for age in range(1, ROTATED + 1):
        content = gzip.compress(_lines(planting, LAST_DAY - timedelta(days=age)), mtime=0)
        planting.file(f"{LOG}.{age}.gz", content, owner="counting", mode=0o640)


def _lines(planting: Planting, day: date) -> bytes:
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
    seconds = sorted(planting.draw.randrange(86_400) for _ in range(LINES))
    told = (
        f"{midnight + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ} cổng {second % 12}: vào 1\n" for second in seconds
    )
    return "".join(told).encode()
