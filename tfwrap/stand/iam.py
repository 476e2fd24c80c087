"""The actions of IAM that need the stand's own keys: a user's access keys, listed, made, switched off and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tfwrap.stand.sts import DeniedError, answered, elements
from tfwrap.stand.wire import Answer, iso_date

if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.stand.asked import Asked
    from tfwrap.stand.keys import AccessKey, KeyStore

# "IAM and AWS STS quotas" in the IAM user guide.
MOST_KEYS = 2


def answer(asks: Asked, parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> Answer | None:
    """What IAM answers about the caller's own keys; None for everything else, which moto knows."""
    action = _ACTIONS.get(asks.action)
    if action is None or parameters.get("UserName", _user(caller)) != _user(caller):
        return None
    return answered(asks, lambda: _allowed(asks, caller, keys) or action(parameters, caller, keys))


def _user(caller: AccessKey) -> str:
    return caller.arn.rpartition("/")[2]


def _allowed(asks: Asked, caller: AccessKey, keys: KeyStore) -> str:
    action = f"iam:{asks.action}"
    if keys.is_forbidden(caller.arn, action):
        who = f"User: {caller.arn} is not authorized to perform: {action} on resource: user {_user(caller)}"
        raise DeniedError("AccessDenied", f"{who} because no identity-based policy allows the {action} action")
    return ""


def _list(_parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    members = (f"<member>\n{_metadata(key)}\n</member>" for key in keys.of_user(caller.arn))
    found = "\n".join(members)
    return f"<AccessKeyMetadata>\n{found}\n</AccessKeyMetadata>\n{elements(IsTruncated='false')}"


def _metadata(key: AccessKey) -> str:
    return elements(
        UserName=_user(key),
        AccessKeyId=key.id,
        Status="Active" if key.active else "Inactive",
        CreateDate=iso_date(key.created_at),
    )


def _create(_parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    if len(keys.of_user(caller.arn)) >= MOST_KEYS:
        raise DeniedError("LimitExceeded", f"Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}", 409)
    made = keys.create(caller.account, _user(caller), partition=caller.partition)
    return f"<AccessKey>\n{_metadata(made)}\n{elements(SecretAccessKey=made.secret)}\n</AccessKey>"


def _update(parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    key = _own(parameters, caller, keys)
    change = keys.activate if parameters.get("Status") == "Active" else keys.deactivate
    change(key.id)
    return ""


def _delete(parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> str:
    keys.delete(_own(parameters, caller, keys).id)
    return ""


def _own(parameters: dict[str, str], caller: AccessKey, keys: KeyStore) -> AccessKey:
    wanted = parameters.get("AccessKeyId", "")
    for key in keys.of_user(caller.arn):
        if key.id == wanted:
            return key
    raise DeniedError("NoSuchEntity", f"The Access Key with id {wanted} cannot be found.", 404)


_ACTIONS: dict[str, Callable[[dict[str, str], AccessKey, KeyStore], str]] = {
    "ListAccessKeys": _list,
    "CreateAccessKey": _create,
    "UpdateAccessKey": _update,
    "DeleteAccessKey": _delete,
}
