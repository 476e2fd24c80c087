"""Keys and profiles of a person's."""

from __future__ import annotations

from testing.healthy.setup import ACCOUNT, PROD, REGION, STATE, Bench, Row, Setup, module, pair, role, section


def variables(bench: Bench) -> Setup:
    return Setup(module(**STATE), {**pair(bench.keys.create()), "AWS_REGION": REGION})


def default_profile(bench: Bench) -> Setup:
    config = f"[default]\nregion = {REGION}\noutput = json\n"
    home = {".aws/credentials": section("default", bench.keys.create()), ".aws/config": config}
    return Setup(module(**STATE), home=home)


def named_by_variable(bench: Bench) -> Setup:
    home = {
        ".aws/credentials": section("default", bench.keys.create()) + section("dev", bench.keys.create()),
        ".aws/config": f"[default]\nregion = eu-west-1\n\n[profile dev]\nregion = {REGION}\ncli_pager =\n",
    }
    return Setup(module('provider "aws" {}\n', **STATE), {"AWS_PROFILE": "dev"}, home)


def both_variables_alike(bench: Bench) -> Setup:
    home = {".aws/credentials": section("dev", bench.keys.create())}
    return Setup(module(**STATE), {"AWS_PROFILE": "dev", "AWS_DEFAULT_PROFILE": "dev"}, home)


def named_by_blocks(bench: Bench) -> Setup:
    provider = f'provider "aws" {{\n  region = "{REGION}"\n  profile = "dev"\n}}\n'
    home = {".aws/credentials": section("dev", bench.keys.create())}
    return Setup(module(provider, **STATE, profile="dev"), home=home)


def block_of_another_account(bench: Bench) -> Setup:
    """The state lies in an account of its own, and the block says so."""
    home = {
        ".aws/credentials": section("state", bench.keys.create(PROD)) + section("default", bench.keys.create()),
    }
    return Setup(module(**STATE, profile="state"), home=home)


def role_profile(bench: Bench) -> Setup:
    config = f"[profile prod]\nrole_arn = {role(bench, 'admin', PROD)}\nsource_profile = base\nregion = {REGION}\n"
    home = {".aws/config": config, ".aws/credentials": section("base", bench.keys.create())}
    return Setup(module(**STATE), {"AWS_PROFILE": "prod"}, home)


def process_profile(bench: Bench) -> Setup:
    key = bench.keys.create()
    script = bench.home / "vault-aws"
    script.write_text(
        f'#!/bin/sh\necho \'{{"Version": 1, "AccessKeyId": "{key.id}", "SecretAccessKey": "{key.secret}"}}\'\n'
    )
    script.chmod(0o755)
    config = f"[profile corp]\ncredential_process = {script} --json\nregion = {REGION}\n"
    return Setup(module(**STATE), {"AWS_PROFILE": "corp"}, {".aws/config": config})


def moved_files(bench: Bench) -> Setup:
    places = {
        "AWS_SHARED_CREDENTIALS_FILE": str(bench.home / "secrets/aws"),
        "AWS_CONFIG_FILE": str(bench.home / "secrets/conf"),
    }
    home = {"secrets/aws": section("ci", bench.keys.create()), "secrets/conf": f"[profile ci]\nregion = {REGION}\n"}
    return Setup(module(**STATE), {"AWS_PROFILE": "ci", **places}, home)


def files_of_windows(bench: Bench) -> Setup:
    """CRLF, blanks and comments on lines of their own: every SDK reads these alike."""
    text = "# keys of the lab\n\n" + section("default", bench.keys.create()).replace(" = ", "=")
    return Setup(module(**STATE), home={".aws/credentials": text.replace("\n", "\r\n")})


def meant_profile(bench: Bench) -> Setup:
    """The one thing that tfwrap does without a word: what it was told to."""
    home = {
        ".aws/credentials": section("default", bench.keys.create(PROD)) + section("lab", bench.keys.create()),
        ".config/tfwrap/config.toml": f'profile = "lab"\naccount = "{ACCOUNT}"\n',
    }
    return Setup(module(**STATE), home=home, changes={"AWS_PROFILE": "lab"})


def meant_profile_beside_keys(bench: Bench) -> Setup:
    home = {".aws/credentials": section("lab", bench.keys.create())}
    environ = {**pair(bench.keys.create_session(PROD)), "TFWRAP_PROFILE": "lab"}
    gone = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"))
    return Setup(module(**STATE), environ, home, changes={**gone, "AWS_PROFILE": "lab"})


def meant_profile_by_region(bench: Bench) -> Setup:
    """One IAM user for each region."""
    home = {
        ".aws/credentials": section("lab-eu-west-1", bench.keys.create()),
        ".config/tfwrap/config.toml": 'profile = "lab-{region}"\n',
    }
    provider = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    return Setup(module(provider, **STATE), home=home, changes={"AWS_PROFILE": "lab-eu-west-1"})


ROWS: tuple[Row, ...] = (
    ("keys in the environment", variables),
    ("the default profile", default_profile),
    ("AWS_PROFILE, with a region of its own", named_by_variable),
    ("AWS_PROFILE and AWS_DEFAULT_PROFILE alike, as direnv files have them", both_variables_alike),
    ("a profile in both blocks", named_by_blocks),
    ("a profile in the backend block, for another account", block_of_another_account),
    ("a profile with a role in another account", role_profile),
    ("a profile with a credential process", process_profile),
    ("shared files that variables name", moved_files),
    ("shared files of Windows", files_of_windows),
    ("a profile that the user's settings mean", meant_profile),
    ("a profile that is meant instead of the environment's keys", meant_profile_beside_keys),
    ("a profile for each region", meant_profile_by_region),
)
