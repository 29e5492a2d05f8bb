"""An attack on a copy is judged by what is left of it, and by nothing where that cannot be told."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from drill.errors import DrillError
from drill.sites.attacks import attack


class Client:
    """An account that may see what there is, and read no version of it."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def head_object(self, **_):
        return {"VersionId": "1"}

    def get_bucket_versioning(self, **_):
        return {"Status": "Enabled"}

    def get_object(self, **_):
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject")


def test_where_nobody_can_tell_what_is_left_no_attack_has_been_in_vain():
    account = SimpleNamespace(client=Client)
    site = SimpleNamespace(bucket="copies", objects=lambda: {"set/id/dump": 7}, account=lambda _: account)

    with pytest.raises(DrillError, match=r"set/id/dump cannot be read at the site.*let the administrator account"):
        attack(site, "backup")
