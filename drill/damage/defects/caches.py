"""Defects of the scripts that copy a cache and restore it."""

from __future__ import annotations

from drill.damage.defects.defect import Defect, Edit, Scenario

SNAPSHOT, APPEND_ONLY, RESTORE, CLIENT = "redis_snapshot.py", "redis_appendonly.py", "redis_restore.py", "redis.py"
RECOVERED = Scenario("cache/snapshot", "The server and its disk are lost, with <protection>")
SETTINGS = "cache/settings"
UNCOUNTED = Edit(RESTORE, "                _check_keys(backup.manifest, restored)\n", "")
UNTRIED = Edit("redis_trial.py", "    if damage:\n", "    if False:\n")
AFTER_THE_COUNT = "            place.remove_unread(landing)\n"


def _then(command: str) -> Edit:
    """Have this done when the restore has counted the keys."""
    return Edit(RESTORE, AFTER_THE_COUNT, f"{AFTER_THE_COUNT}            redis.call({command})\n")


DEFECTS = (
    Defect(
        "COPY-STATUS-IGNORED",
        "nobody looks at the exit status of redis-cli --rdb, nor into the file",
        Scenario("cache/failing_backup", "The server does not let it copy"),
        (
            Edit(
                SNAPSHOT,
                "                changes = _received(copying(), server)\n",
                "                copying()\n                file.touch()\n                changes = None\n",
            ),
            Edit(SNAPSHOT, "    if not rdb.is_whole(file):", "    if False:"),
        ),
    ),
    Defect(
        "YESTERDAYS-SNAPSHOT",
        "the server could not save, and the file of its last save is copied",
        Scenario("cache/snapshot", "The server's disk takes no more"),
        (
            Edit(SNAPSHOT, ' or after.info["rdb_last_bgsave_status"] != "ok"', ""),
            Edit(SNAPSHOT, "    if after.saved_at < before.second:", "    if False:"),
            Edit(SNAPSHOT, "if _identity(saved) == former:", "if False:"),
        ),
    ),
    Defect(
        "PART-OF-A-CLUSTER",
        "one node of a cluster is backed up, and passes for all of it",
        Scenario("cache/failing_backup", "The server is a node of a cluster, with <protection>"),
        (Edit(CLIENT, "    if found.clustered:\n", "    if False:\n"),),
    ),
    Defect(
        "REWRITES-LEFT-OFF",
        "the server never rewrites its append-only file again, until its disk is full",
        Scenario("cache/append_only_file", "A backup is completed"),
        (
            Edit(
                APPEND_ONLY,
                "    with programs.run_at_the_end([*put_back,",
                "    with contextlib.nullcontext([*put_back,",
            ),
            Edit(APPEND_ONLY, "    if record.exists():\n", "    record.unlink()\n    if False:\n"),
        ),
    ),
    Defect(
        "INDEX-FORGOTTEN",
        "a database index beside the first is not restored",
        RECOVERED,
        (_then('"-n", "3", "FLUSHDB"'),),
    ),
    Defect(
        "EXPIRY-FORGOTTEN",
        "keys come back without their end, and sessions live for ever",
        RECOVERED,
        (
            _then(
                '"-n", "3", "EVAL", "for _, key in ipairs(redis.call(\'KEYS\', \'*\')) do '
                'redis.call(\'PERSIST\', key) end", "0"'
            ),
        ),
    ),
    Defect(
        "SNAPSHOT-IGNORED",
        "the snapshot is put where a server that keeps an append-only file does not look",
        Scenario("cache/successor", "Kept by <protection>, its successor <habit>"),
        (
            Edit(
                "redis_directory.py",
                '            listed.write_text(f"file {base} seq 1 type b\\n", "utf-8")\n'
                "        return {snapshot: self.snapshot, directory: self.append_only}\n",
                "            return {snapshot: self.snapshot}\n"
                "        return {snapshot: self.snapshot, directory: self.append_only}\n",
            ),
            UNCOUNTED,
        ),
    ),
    Defect(
        "SNAPSHOT-OVERWRITTEN",
        "the blank server saves as it is stopped, over the snapshot that was put there",
        RECOVERED,
        (Edit(RESTORE, '"SHUTDOWN", "NOSAVE"', '"SHUTDOWN", "SAVE"'), UNCOUNTED),
    ),
    Defect(
        "USERS-FORGOTTEN",
        "users and settings are stored and not put back",
        Scenario(SETTINGS, "The user that the application is known by"),
        (
            Edit(
                RESTORE,
                "redis_configuration.put_back(configuration, with_own_user=options.with_own_user)",
                '{"settings": [], "users": []}',
            ),
        ),
    ),
    Defect(
        "LAST-WRITES-CUT",
        "the server has dropped the end of an append-only file, and that passes for restored",
        Scenario("cache/damage", "The append-only file was <damage>, which only reading it can tell"),
        (UNTRIED, Edit(RESTORE, "        if restored < stored:", "        if False:"), UNCOUNTED),
    ),
    Defect(
        "MEMORY-UNLOOKED-AT",
        "the target has too little memory, and drops what it has no room for",
        Scenario("cache/successor", "Its successor <lack>"),
        (
            Edit(
                RESTORE,
                '    if 0 < (room := int(target.info["maxmemory"])) < (needed := backup.manifest.source_bytes):\n',
                "    room = needed = 0\n    if False:\n",
            ),
            UNCOUNTED,
        ),
    ),
    Defect(
        "CACHE-REPLACED",
        "a restore replaces the keys that are still there",
        Scenario("cache/snapshot", "The cache is still there"),
        (
            Edit(
                RESTORE,
                "    if held := {index: keys.keys for index, keys in target.databases.items()}:\n",
                "    held: dict[str, int] = {}\n    if held:\n",
            ),
            Edit(RESTORE, "    if unread := place.unread_data(begun, target):\n", "    if (unread := None):\n"),
            Edit(
                CLIENT,
                "    if len(payload) != FORMAT_BYTES + CHECKSUM_BYTES:\n",
                "    payload = payload[-FORMAT_BYTES - CHECKSUM_BYTES :]\n    if False:\n",
            ),
        ),
    ),
    Defect(
        "PASSWORD-IN-ARGUMENTS",
        "the password is an argument, and everybody on the host can read it",
        Scenario(SETTINGS, "The process list is watched"),
        (
            Edit(
                CLIENT,
                '    return ["redis-cli", *place,',
                '    return ["redis-cli", "--no-auth-warning", "-a", os.environ["REDISCLI_AUTH"], *place,',
            ),
        ),
    ),
)
