"""Procedures that do less than they say."""

from __future__ import annotations

from drill.errors import DrillError
from drill.policy import Command, Policy


def narrowed(policy: Policy, procedure: str, *, without: str) -> Policy:
    """Return the policy with a backup of files that leaves a path out and says nothing of it."""
    sound = policy.procedures[procedure]
    words = tuple(word for word in sound.backup.words if word != without)
    if words == sound.backup.words:
        raise DrillError(f"{sound.backup} does not name {without}", remedy="leave out a path that it names")
    changed = sound.model_copy(update={"backup": Command(" ".join(words), words)})
    return policy.model_copy(update={"procedures": {**policy.procedures, procedure: changed}})


_FORGET = """
for index = 0, 15 do
    redis.call('SELECT', index)
    for _, key in ipairs(redis.call('KEYS', '*')) do
        local left = redis.call('PTTL', key)
        if left < 0 or left > 3600000 then return redis.call('DEL', key) end
    end
end
"""
"""Of a key that ends by itself within the hour nobody would miss it."""


def forgetful(policy: Policy, procedure: str) -> Policy:
    """Return the policy with a restore that loses one key of Redis and says nothing of it."""
    sound = policy.procedures[procedure]
    script = f'{sound.restore} && redis-cli -h $REDIS_HOST -p $REDIS_PORT EVAL "{_FORGET}" 0 >&2'
    restore = Command(script, ("sh", "-c", script))
    changed = sound.model_copy(update={"restore": restore})
    return policy.model_copy(update={"procedures": {**policy.procedures, procedure: changed}})


def bootless(policy: Policy, procedure: str) -> Policy:
    """Return the policy with a restore of a machine that wipes the first sector of its disk and says nothing of it."""
    return _spoilt(policy, procedure, 'dd if=/dev/zero of="$RESTORE_TARGET" bs=512 count=1 conv=notrunc status=none')


def siteless(policy: Policy, procedure: str) -> Policy:
    """Return the policy with a restore of a machine's files that loses one of them and says nothing of it."""
    return _spoilt(policy, procedure, 'rm "$RESTORE_TARGET/etc/application/site"')


def _spoilt(policy: Policy, procedure: str, by: str) -> Policy:
    sound = policy.procedures[procedure]
    script = f"{sound.restore} && {by}"
    changed = sound.model_copy(update={"restore": Command(script, ("sh", "-c", script))})
    return policy.model_copy(update={"procedures": {**policy.procedures, procedure: changed}})
