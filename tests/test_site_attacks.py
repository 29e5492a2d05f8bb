"""An attack on a copy is judged by what is left of it, and by nothing where that cannot be told."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from drill.errors import DrillError
from drill.sites.attacks import IN_VAIN, WORKED, attack, unjudged


class Client:
    """An account that may see what there is, and read no version of it."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def head_object(self, **_):
        return {"VersionId": "1"}

    def get_bucket_versioning(self, **_):
        return {"Status": "Enabled"}

    def get_object_lock_configuration(self, **_):
        return {"ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled"}}

    def get_object(self, **_):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")


def test_where_nobody_can_tell_what_is_left_no_attack_has_been_in_vain():
    account = SimpleNamespace(client=Client)
    site = SimpleNamespace(bucket="copies", objects=lambda: {"set/id/dump": 7}, account=lambda _: account)

    with pytest.raises(DrillError, match=r"set/id/dump cannot be read at the site.*let the administrator account"):
        attack(site, "backup")


class Lenient(Client):
    """An account that may do everything, at a storage that does nothing of it, or offers less than others."""

    def __init__(self, *, offers=True):
        self.offers = offers

    def get_object(self, **_):
        return {"Body": SimpleNamespace(read=lambda: b"content"), "ObjectLockMode": "COMPLIANCE"}

    def __getattr__(self, operation):
        def ask(**_):
            if not self.offers and operation == "put_bucket_lifecycle_configuration":
                response = {"Error": {"Code": "NotImplemented"}, "ResponseMetadata": {"HTTPStatusCode": 501}}
                raise ClientError(response, operation)
            return {"ResponseMetadata": {"HTTPStatusCode": 200}}

        return ask


@pytest.mark.parametrize(
    ("offers", "outcome"),
    [
        (True, "accepted, and at work in a day at the earliest: not seen here"),
        (False, "the storage does not offer it"),
    ],
)
def test_what_cannot_be_judged_is_said_and_not_passed(offers, outcome):
    objects = {"set/id/dump": 7, "set/id/manifest.json": 2, "set/wal/1.gz": 1}
    account = SimpleNamespace(client=lambda: Lenient(offers=offers))
    site = SimpleNamespace(bucket="copies", objects=lambda: objects, account=lambda _: account)
    attempts = attack(site, "administrator")

    assert {"copies", *objects} == {each.target for each in attempts}
    assert [("its bucket was told to let everything expire", outcome)] == [
        (each.what, each.outcome) for each in attempts if each.outcome not in (WORKED, IN_VAIN)
    ]
    assert ["its bucket was told to let everything expire"] == unjudged(attempts)
