"""The machine that every drill of a whole system begins with: a small Debian, made once for each recipe and kept.

It lies in ``<cache>/dr-drill/machines/<hash of the recipe>/``, where the cache is XDG_CACHE_HOME or ``~/.cache``: the
disk, and the keys that open this machine and prove that it is the one. Making it needs a Debian mirror, and no root
where the kernel lets ordinary users have namespaces of their own. What the document's commands are tried with lies
beside it: a recovery medium, and a storage with the files of a machine that starts by GRUB.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from drill.commands.search_path import system_path
from drill.errors import DrillError
from drill.progress import working_on
from drill.runtimes import RuntimeUnavailable

RECIPE = Path(__file__).with_name("recipe")
RESCUE = Path(__file__).with_name("rescue_recipe")
SUITE = "trixie"
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "mmdebstrap": "mmdebstrap",
    "mke2fs": "e2fsprogs",
    "sfdisk": "fdisk",
    "mkfs.fat": "dosfstools",
    "mcopy": "mtools",
    "syslinux": "syslinux syslinux-common",
    "setcap": "libcap2-bin",
    "ssh-keygen": "openssh-client",
    "zstd": "zstd",
}
"""What a machine takes, and Debian's package that has it."""
BOOT_CODE = Path("/usr/lib/syslinux/mbr/mbr.bin")
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/zoneinfo/*",
             "/usr/lib/*/gconv/*", "/usr/lib/modules/*/kernel/sound/*",
             "/usr/lib/modules/*/kernel/drivers/gpu/*", "/usr/lib/modules/*/kernel/drivers/infiniband/*",
             "/usr/lib/modules/*/kernel/drivers/net/ethernet/*")  # fmt: skip
"""Emulated processors are slow readers: what this machine never opens stays out of it."""


NEW_INITRD = (
    'version=$(basename "$1"/boot/vmlinuz-*) && version=${version#vmlinuz-} && chroot "$1" mktirfs --auto-modules=no '
    '--include-modules=virtio_scsi,sd_mod,virtio_blk -o "/boot/initrd.img-$version" "$version"'
)
"""Makes a kernel find disks that are not NVMe, which is all that it has built in."""


@dataclass(frozen=True, slots=True)
class Template:
    """A machine that was never started: its disk, the key that opens it, and the public key that proves it."""

    home: Path

    @property
    def disk(self) -> Path:
        """Of the machine, or the recovery medium."""
        return self.home / "disk"

    @property
    def storage(self) -> Path:
        """The disk with the backup, beside a recovery medium."""
        return self.home / "storage"

    @property
    def identity(self) -> Path:
        """The key that opens it."""
        return self.home / "key"

    @property
    def host_key(self) -> Path:
        """The public key that proves it."""
        return self.home / "key.host.pub"


def program(name: str) -> str:
    """Return the path of a program that machines take.

    Raises:
        RuntimeUnavailable: it is not installed; says what to install.
    """
    found = shutil.which(name, path=system_path())
    if found is None:
        raise RuntimeUnavailable(
            f"no whole machine can be drilled here: {name} is missing",
            remedy=f"run: apt-get install {' '.join(sorted({*PROGRAMS.values(), *_as_root()}))}",
        )
    return found


def check_available() -> None:
    """Make sure that machines can be made and started here.

    Raises:
        RuntimeUnavailable: something is not installed; says what to install.
    """
    for name in (*PROGRAMS, *_as_root()):
        program(name)
    if not BOOT_CODE.is_file():
        raise RuntimeUnavailable(
            f"no whole machine can be drilled here: there is no {BOOT_CODE}",
            remedy="run: apt-get install syslinux-common",
        )


def template() -> Template:
    """Return the machine of this very recipe; made now, where that has not been done before.

    Raises:
        RuntimeUnavailable: something is not installed.
        DrillError: it could not be made; the message ends with what was said.
    """
    return _kept(_make, RECIPE)


def rescue() -> Template:
    """Return the recovery medium, and the storage with a machine's files; made now likewise.

    Raises:
        RuntimeUnavailable: something is not installed.
        DrillError: it could not be made; the message ends with what was said.
    """
    return _kept(_make_rescue, RECIPE, RESCUE)


def _kept(make: Callable[[Path], None], *recipes: Path) -> Template:
    check_available()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "dr-drill" / "machines"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    home = base / _hash(*recipes)
    with (base / "making").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not home.is_dir():
            partial = base / f".partial-{home.name}"
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(mode=0o700)
            with working_on("making the machine"):
                make(partial)
            partial.rename(home)
    return Template(home)


def _make(place: Path) -> None:
    archive = _debian(place, RECIPE)
    _install(RECIPE / "install", archive, RECIPE / "tree", place / "key", place / "disk")


def _make_rescue(place: Path) -> None:
    archive = _debian(place, RECIPE, RESCUE, hook=NEW_INITRD)
    _install(RESCUE / "install", archive, RECIPE, place / "key", place)


def _debian(place: Path, *recipes: Path, hook: str | None = None) -> Path:
    """Make the keys, and a Debian with the packages of these recipes, in which the hook has been run."""
    for key, owner in (("key", "drill"), ("key.host", "counting-host")):
        _run([program("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", owner, "-f", str(place / key)])
    packages = ",".join(name for recipe in recipes for name in (recipe / "packages").read_text("ascii").split())
    left_out = [f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT]
    # A mirror may be a frozen snapshot. Signatures are checked all the same.
    options = ["--variant=minbase", "--architectures=amd64", '--aptopt=Acquire::Check-Valid-Until "false"']
    hooks = [f"--customize-hook={hook}"] if hook else []
    archive = place / "root.tar"
    _run([program("mmdebstrap"), *options, *left_out, *hooks, f"--include={packages}", SUITE, str(archive), mirror()])
    return archive


def _install(script: Path, archive: Path, *arguments: Path) -> None:
    as_root = [program(word) if word == "fakeroot" else word for word in _as_root()]
    _run([*as_root, "sh", *map(str, (script, archive, *arguments))])
    archive.unlink()


def mirror() -> str:
    """Return the first archive that carries the suite: DEBIAN_MIRROR, or of those that apt uses here.

    Raises:
        DrillError: none does.
    """
    named = os.environ.get("DEBIAN_MIRROR")
    used = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    archives = [named] if named else dict.fromkeys(_run(used).split())
    for archive in archives:
        request = urllib.request.Request(f"{archive.rstrip('/')}/dists/{SUITE}/InRelease", method="HEAD")  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=20):  # noqa: S310 - apt or the operator has named it
                return archive
        except (OSError, ValueError):
            continue
    raise DrillError(
        f"none of these archives carries Debian's suite {SUITE}: {', '.join(archives)}",
        remedy="name a mirror in DEBIAN_MIRROR",
    )


def _as_root() -> tuple[str, ...]:
    return () if os.geteuid() == 0 else ("fakeroot",)


def _hash(*recipes: Path) -> str:
    digest = hashlib.sha256(repr((SUITE, _LEFT_OUT, *((NEW_INITRD,) if RESCUE in recipes else ()))).encode())
    for recipe in recipes:
        for path in sorted(recipe.rglob("*")):
            if path.is_file():
                executable = path.stat().st_mode & 0o111
                digest.update(f"{path.relative_to(recipe)}\0{executable:o}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _run(command: Sequence[str]) -> str:
    done = subprocess.run(
        command, env={**os.environ, "PATH": system_path()}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = "\n".join(done.stderr.strip().splitlines()[-5:])
        raise DrillError(f"the machine could not be made: {Path(command[0]).name} said: {said}", remedy="see there")
    return done.stdout
