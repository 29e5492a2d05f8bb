"""Filling a blank host with everything that restores of files have been seen to lose."""

from __future__ import annotations

import random
from pathlib import Path

from drill.datasets.host import counting, system
from drill.datasets.host.planting import Planting

FILES = 150
"""Small files of the smallest estate, each of some KiB."""
ENVIRONMENT = "srv/counting/.env"
COMPOSE = """services:
  counting:
    image: counting:1.4.2
    env_file: .env
    environment:
      DATABASE_URL: postgresql://camera_app:${DB_PASSWORD}@database/camera_counting
"""
"""As it is written: what it means depends on the environment file beside it."""
HOLES = 8 << 20
"""Bytes of the file that is mostly holes."""
AWKWARD_NAMES = (
    "có dấu cách",
    "hai\ndòng",
    "tab\tvà \\ gạch chéo",
    "\"nháy\" và 'nháy đơn'",
    "-rf",
    "*",
    "báo cáo: đã xong",
    "x" * 200,
    ".ẩn",
)
NO_TEXT = b"not text \xff\xfe"
"""A name that is no UTF-8."""


def seed(root: Path, *, seed: int, scale: int) -> list[str]:
    """Fill an empty root; the same seed and scale give the same content. Returns what this host cannot hold.

    Args:
        root: of the host.
        seed: any integer.
        scale: multiplies the small files of the smallest estate.
    """
    planting = Planting(root, random.Random(seed))  # noqa: S311 - content, not secrets
    _users(planting, files=FILES * scale)
    _application(planting)
    system.plant_system(planting)
    system.plant_network(planting)
    system.plant_security(planting)
    system.plant_monitoring(planting)
    system.plant_logs(planting)
    counting.plant_state(planting)
    _checkout(planting)
    planting.date()
    return planting.missing


def seed_application(root: Path, *, seed: int, scale: int) -> list[str]:
    """Fill a root that has an operating system with what users and the application keep; otherwise as ``seed``."""
    planting = Planting(root, random.Random(seed))  # noqa: S311 - content, not secrets
    _users(planting, files=FILES * scale)
    _application(planting)
    planting.date()
    return planting.missing


def _users(planting: Planting, *, files: int) -> None:
    planting.directory("home")
    planting.directory("home/an", owner="an", mode=0o750)
    planting.directory("home/bình", owner="bình", mode=0o700)
    planting.file("home/an/.profile", "export LANG=vi_VN.UTF-8\n", owner="an")
    planting.directory("home/an/.ssh", owner="an", mode=0o700)
    planting.file("home/an/.ssh/id_ed25519", planting.draw.randbytes(399), owner="an", mode=0o600)
    planting.directory("home/an/báo cáo", owner="an", mode=0o2770)
    planting.file("home/an/báo cáo/tháng 3.csv", "ngày,vào,ra\n2026-03-01,1204,1187\n", owner="an", mode=0o640)
    planting.directory("home/an/trống", owner="an", mode=0o1777)
    planting.directory("home/an/tên", owner="an")
    for name in (*AWKWARD_NAMES, NO_TEXT):
        text = name.encode() if isinstance(name, str) else name
        planting.file(b"home/an/" + "tên/".encode() + text, planting.draw.randbytes(64), owner="an")
    planting.link("home/an/mới nhất", "báo cáo/tháng 3.csv", owner="an")
    planting.link("home/an/cấu hình", "/etc/application/counting.toml", owner="an")
    planting.link("home/an/ra ngoài", "../../etc/../../nowhere", owner="an")
    planting.file("home/bình/gốc", planting.draw.randbytes(3000), owner="bình", mode=0o660)
    planting.same("home/bình/cùng tệp", "home/bình/gốc")
    planting.same("home/an/cùng tệp", "home/bình/gốc")
    planting.pipe("home/bình/ống", owner="bình")
    planting.sparse("home/bình/đĩa.img", HOLES, owner="bình")
    planting.file("home/bình/đếm", b"\x7fELF" + planting.draw.randbytes(500), owner="bình", mode=0o4755)
    planting.capability("home/bình/đếm")
    planting.file("home/bình/chung", "đọc được\n", owner="bình", mode=0o640)
    planting.access("home/bình/chung", user=1001, mode=6)
    planting.attribute("home/bình/chung", "user.mime_type", b"text/plain")
    planting.attribute("home/an/báo cáo", "user.nguồn", "máy đếm".encode())
    planting.closed("home/bình/rỗng", owner="bình")
    for number in range(files):
        if number % 50 == 0:
            planting.directory(f"home/bình/ảnh/{number // 50:04}", owner="bình")
        content = planting.draw.randbytes(planting.draw.randrange(1, 8192))
        planting.file(f"home/bình/ảnh/{number // 50:04}/{number % 50:02}.jpg", content, owner="bình")


def _application(planting: Planting) -> None:
    planting.directory("etc/application/cameras.d")
    planting.file("etc/application/counting.toml", 'site = "Cổng chính"\ncameras = 12\n', owner="counting", mode=0o640)
    for camera in range(12):
        content = f"name = 'Cổng số {camera}'\nfps = {planting.draw.randrange(5, 30)}\n"
        planting.file(f"etc/application/cameras.d/{camera:02}.toml", content)
    planting.directory("etc/application/conf.d")
    planting.link("etc/application/current", "/etc/application/cameras.d")
    planting.directory("srv/counting")
    planting.file(ENVIRONMENT, f"DB_PASSWORD={password(planting.draw)}\nTZ=Asia/Ho_Chi_Minh\n", mode=0o600)
    planting.file("srv/counting/docker-compose.yml", COMPOSE)


def _checkout(planting: Planting) -> None:
    """Make a checkout of the source code: with what is in no commit, a program, a link, and an empty directory."""
    planting.directory("srv/source/counting/build", owner="an")
    planting.file("srv/source/.gitignore", "build/\n*.local\n", owner="an")
    planting.file("srv/source/counting/main.py", "from counting import cổng\n", owner="an")
    planting.file("srv/source/counting/thử nghiệm.local", "chưa lưu\n", owner="an", mode=0o600)
    planting.file("srv/source/deploy", "#!/bin/sh\nexec ./release\n", owner="an", mode=0o755)
    planting.link("srv/source/current", "counting/main.py", owner="an")


def password(draw: random.Random) -> str:
    """Draw a password."""
    return f"{draw.getrandbits(128):032x}"
