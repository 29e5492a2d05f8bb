"""Faults of images of machines hit what they say; one that would change nothing is refused."""

import io
import json
import subprocess
import tarfile

import pytest

from drill.backups import catalogue
from drill.damage.faults import CATALOGUE, Scene
from drill.errors import DrillError
from tests.procedures import SHIPPED
from tests.repositories import written

UUID = "0d5a7b5e-6a3c-4c8e-9d0f-1f2e3d4c5b6a"
LAYOUT = {
    "partitions": [
        {"number": 1, "start": 2048, "filesystem": "vfat", "uuid": "CAFE-0001"},
        {"number": 2, "start": 34816, "filesystem": "ext4", "uuid": UUID},
    ]
}
FILES = {
    1: {"./vmlinuz-6.12": b"kernel", "./initrd.img-6.12": b"initrd", "./syslinux.cfg": b"DEFAULT linux\n"},
    2: {"./etc/fstab": f"UUID={UUID} / ext4 ro\n".encode(), "./etc/hostname": b"counting-host\n"},
}


def packed(files):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return subprocess.run(["zstd", "-q", "-c"], input=content.getvalue(), capture_output=True, check=True).stdout


def held(directory, number):
    packed = (directory / f"partition-{number}.tar.zst").read_bytes()
    plain = subprocess.run(["zstd", "-dcq"], input=packed, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


def scene_of(tmp_path, files):
    stored = {f"partition-{number}.tar.zst": packed(each) for number, each in files.items()}
    stored["layout.json"] = json.dumps(LAYOUT).encode()
    written(tmp_path / "system", files=stored, source={"engine": "machine"})
    return Scene(tmp_path, "system", SHIPPED, None, "")


def injected(scene, name):
    next(fault for fault in CATALOGUE if fault.id == name).inject(scene)
    return catalogue.read(scene.last.directory).directory


@pytest.mark.parametrize(("name", "lost"), [("KERNEL-LOST", "./vmlinuz-6.12"), ("INITRD-LOST", "./initrd.img-6.12")])
def test_a_file_to_start_from_is_left_out(tmp_path, name, lost):
    directory = injected(scene_of(tmp_path, FILES), name)

    assert {path: text for path, text in FILES[1].items() if path != lost} == held(directory, 1)
    assert FILES[2] == held(directory, 2)


def test_fstab_names_another_disk_and_nothing_else_is_changed(tmp_path):
    after = held(injected(scene_of(tmp_path, FILES), "FSTAB-OF-ANOTHER-DISK"), 2)

    assert b"UUID=00000000-0000-0000-0000-000000000001 / ext4 ro\n" == after["./etc/fstab"]
    assert FILES[2]["./etc/hostname"] == after["./etc/hostname"]


@pytest.mark.parametrize(
    ("name", "number", "content"),
    [("FSTAB-OF-ANOTHER-DISK", 2, {"./etc/fstab": b""}), ("KERNEL-LOST", 1, {"./vmlinux": b"kernel"})],
)
def test_a_fault_that_would_change_nothing_is_refused(tmp_path, name, number, content):
    with pytest.raises(DrillError, match="not one of such backups"):
        injected(scene_of(tmp_path, FILES | {number: content}), name)


def test_the_root_comes_back_under_another_name(tmp_path):
    directory = injected(scene_of(tmp_path, FILES), "ROOT-NAMED-ANEW")
    parts = json.loads((directory / "layout.json").read_text())["partitions"]

    assert ["CAFE-0001", "00000000-0000-0000-0000-000000000001"] == [part["uuid"] for part in parts]
