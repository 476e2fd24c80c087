"""The environment and the block arguments of a combination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from testing.differential.bench import arn
from testing.differential.combinations import PLAIN

if TYPE_CHECKING:
    from testing.differential.bench import Bench
    from testing.differential.combinations import Combination
    from testing.world import World


def environment(bench: Bench, world: World, set_: Combination) -> dict[str, str]:
    """The AWS variables of a combination."""
    key, alias = bench.keys["env"], bench.keys["alias"]
    first, second = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"
    found = {
        "good": {first: key.id, second: key.secret},
        "alias": {"AWS_ACCESS_KEY": alias.id, "AWS_SECRET_KEY": alias.secret},
        "mixed": {first: key.id, "AWS_SECRET_KEY": key.secret, "AWS_ACCESS_KEY": alias.id},
        "key-only": {first: key.id},
        "secret-only": {second: key.secret},
        "empty-secret": {first: key.id, second: ""},
    }.get(set_.keys, {})
    for name, level in (("AWS_PROFILE", set_.variable), ("AWS_DEFAULT_PROFILE", set_.default_variable)):
        found |= {} if level == PLAIN else {name: "" if level == "EMPTY" else level}
    if set_.web != PLAIN:
        found["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(world.home / "token")
        found |= {} if set_.web == "no-role" else {"AWS_ROLE_ARN": arn("web")}
    if set_.container == "full":
        found["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = f"{bench.beside.url}/container"
    if set_.files in ("by-variable", "tilde"):
        base = "~" if set_.files == "tilde" else str(world.home)
        found["AWS_SHARED_CREDENTIALS_FILE"] = f"{base}/moved-credentials"
        found["AWS_CONFIG_FILE"] = f"{base}/moved-config"
    return found


def arguments(bench: Bench, world: World, set_: Combination, *, dialect: str) -> dict[str, object]:
    """The block arguments of a combination, as this dialect (see DIALECTS) has them."""
    key = bench.keys["block"]
    found: dict[str, object] = dict(
        {
            "good": {"access_key": key.id, "secret_key": key.secret},
            "key-only": {"access_key": key.id},
            "token-only": {"token": "madeUp"},
        }.get(set_.pair, {})
    )
    if set_.profile != PLAIN:
        found["profile"] = set_.profile
    plural = dialect in ("backend", "provider")
    if set_.files == "credentials-argument":
        path = str(world.home / "other-credentials") if plural else "~/other-credentials"
        found |= {"shared_credentials_files": [path]} if plural else {"shared_credentials_file": path}
    if set_.files == "config-argument" and plural:
        found["shared_config_files"] = ["~/other-config"]
    return found | _role_arguments(world, set_, dialect)


def _role_arguments(world: World, set_: Combination, dialect: str) -> dict[str, object]:
    block = {"role_arn": arn("block")}
    web = {"role_arn": arn("web"), "web_identity_token_file": str(world.home / "token")}
    by_dialect: dict[str, dict[str, dict[str, object]]] = {
        "old-backend": {"block": dict(block), "two": dict(block)},
        "backend": {
            "block": {"assume_role": block},
            "web": {"assume_role_with_web_identity": web},
            "web-and-role": {"assume_role": block, "assume_role_with_web_identity": web},
        },
        "old-provider": {"block": {"assume_role": [block]}},
        "provider": {
            "block": {"assume_role": [block]},
            "two": {"assume_role": [block, {"role_arn": arn("second")}]},
            "web": {"assume_role_with_web_identity": [web]},
            "web-and-role": {"assume_role": [block], "assume_role_with_web_identity": [web]},
        },
    }
    return by_dialect[dialect].get(set_.role, {})
