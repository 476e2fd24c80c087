"""Promise 2: never another identity by accident. Repairs do not change whose credentials Terraform gets."""

from __future__ import annotations

import string
import sys
import uuid
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from testing import world as worlds
from tfwrap import childpatch, launch
from tfwrap.aws import keyshape
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.preflight import childenv
from tfwrap.settings import intent
from tfwrap.sources import sources

if TYPE_CHECKING:
    from pathlib import Path

    from testing.processes import Finished
    from testing.terraforms import Terraform
    from testing.world import World
    from tfwrap.sources.sources import Source
    from tfwrap.stand.keys import AccessKey
    from tfwrap.stand.server import Stand

VERSIONS = ((1, 5), (1, 11))
GUARD = "_TFWRAP_GUARD"

IDS = ("AKIAMADEUPBYATEST001", "ASIAMADEUPBYATEST002", "AKIAMADEUPBYATEST003")
SECRETS = ("madeUp/by+the/tests/0123456789abcdefghij", "/madeUp+by/the/tests/0123456789abcdefghi")
TOKENS = ("IQoJmadeUpByTheTests/0123456789+abcdef==", "FwoGmadeUpByTheTests/0123456789+ghijkl==")
PROFILES = ("lab", "prod", "nowhere", "half", " lab", '"lab"', "")
PLACES = ("AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY"), ("AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY")
CREDENTIALS = (*PLACES[0], *PLACES[1], "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")


def profile(name: str, **values: str) -> Profile:
    return Profile(name, values, dict.fromkeys(values, "~/.aws/credentials"))


FILES = AwsFiles(
    "~/.aws/credentials",
    "~/.aws/config",
    {
        "default": profile("default", aws_access_key_id="AKIAMADEUPBYATEST100", aws_secret_access_key="madeUp"),
        "lab": profile("lab", aws_access_key_id="AKIAMADEUPBYATEST101", aws_secret_access_key="madeUp"),
        "prod": profile("prod", role_arn="arn:aws:iam::111111111111:role/prod", source_profile="lab"),
        "half": profile("half", aws_access_key_id="AKIAMADEUPBYATEST102"),
    },
)

AROUND = (
    *("{}\n", "{}\r\n", " {}", "{}\t", "\ufeff{}", "{}\u200b", "{}\xa0", '"{}"', "'{}'", '"{}"\n', "' {}'"),
    *('"{}', "<{}>", "${{{}}}", "C:/Program Files/Git{}", "C:/msys64/{}", "x{}", "{}=", "''{}''"),
)


def mangled(sound: tuple[str, ...]) -> st.SearchStrategy[str]:
    """Good values, damaged ones, halves of them, and anything else that the environment can hold."""
    good = st.sampled_from(sound)
    damaged = st.builds(str.format, st.sampled_from(AROUND), good)
    twice = st.builds(str.format, st.sampled_from(AROUND), damaged)
    encoded = good.map(lambda value: value.replace("/", "%2F").replace("+", "%2b"))
    cut = st.builds(lambda value, end: value[:end], good, st.integers(0, 60))
    odd = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=45)
    other = st.sampled_from((*IDS, *SECRETS, *TOKENS, "test", "", " "))
    return st.one_of(good, good, damaged, damaged, twice, encoded, cut, odd, other)


DAMAGED = st.fixed_dictionaries(
    {},
    optional={
        "AWS_ACCESS_KEY_ID": mangled(IDS),
        "AWS_ACCESS_KEY": mangled(IDS),
        "AWS_SECRET_ACCESS_KEY": mangled(SECRETS),
        "AWS_SECRET_KEY": mangled(SECRETS),
        "AWS_SESSION_TOKEN": mangled(TOKENS),
        "AWS_SECURITY_TOKEN": mangled(TOKENS),
        "AWS_PROFILE": st.sampled_from(PROFILES),
        "AWS_DEFAULT_PROFILE": st.sampled_from(PROFILES),
        "AWS_WEB_IDENTITY_TOKEN_FILE": st.sampled_from(("/run/token", " /run/token\n", "")),
        "AWS_ROLE_ARN": st.sampled_from(("arn:aws:iam::111111111111:role/ci", "")),
        "AWS_REGION": st.sampled_from(("us-east-1", "us-east-1\n", '"eu-west-1"')),
        "AWS_ENDPOINT_URL": st.sampled_from(("", "https://s3.us-east-1.amazonaws.com", "http://localhost:4566")),
        "AWS_CREDENTIAL_EXPIRATION": st.sampled_from(("2026-11-23T00:00:00Z ",)),
        "PATH": st.just(' "/bin"\n'),
    },
)
MANY = settings(max_examples=3000, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def origin(source: Source) -> tuple[str, str, str, str]:
    """Where credentials come from, without their values."""
    return (source.kind, source.location, source.profile, source.detail)


def is_repair(before: str, after: str, shape: keyshape.Shape) -> bool:
    """The same, or the well-formed core of something that was not well formed."""
    return before == after or (not shape.is_sound(before) and shape.is_sound(after) and core(after) in core(before))


def core(value: str) -> str:
    for code, character in (("%2F", "/"), ("%2f", "/"), ("%2B", "+"), ("%2b", "+")):
        value = value.replace(code, character)
    return value


def tokens(before: Source, environ: dict[str, str]) -> set[str]:
    """What the token of the source may have become."""
    allowed = {core(environ.get(name, "")) for name in ("AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN")}
    return allowed | ({before.token.reveal()} if before.token else set())


@MANY
@given(DAMAGED, st.sampled_from(("", "lab", "nowhere")), st.sampled_from(VERSIONS))
def test_repairs_do_not_change_who_terraform_is(
    environ: dict[str, str], argument: str, version: tuple[int, int]
) -> None:
    given_to_us = dict(environ)
    changes = childenv.repairs(environ)
    before = sources.ambient(environ, FILES, argument, version)
    after = sources.ambient(childenv.apply(environ, changes), FILES, argument, version)
    assert environ == given_to_us
    assert origin(after) == origin(before)
    assert before.kind == sources.ENVIRONMENT or after._replace(passed_over=()) == before._replace(passed_over=())
    assert is_repair(before.access_key, after.access_key, keyshape.KEY_ID)
    if before.secret_key and after.secret_key:
        assert is_repair(before.secret_key.reveal(), after.secret_key.reveal(), keyshape.SECRET)
    if after.token and after.token != before.token:
        assert keyshape.is_token(after.token.reveal())
        assert any(after.token.reveal() in known for known in tokens(before, environ))
    if before.token and not after.token:
        assert after.access_key.startswith("AKIA")


@MANY
@given(DAMAGED)
def test_a_change_makes_what_was_not_well_formed_well_formed_or_drops_a_token_that_could_not_work(
    environ: dict[str, str],
) -> None:
    shapes = dict.fromkeys(PLACES[0], keyshape.KEY_ID) | dict.fromkeys(PLACES[1], keyshape.SECRET)
    for change in childenv.repairs(environ):
        assert change.name in CREDENTIALS
        shape = shapes.get(change.name, keyshape.TOKEN)
        if change.value is None:
            assert (change.name, change.rule) == ("AWS_SESSION_TOKEN", childenv.STRAY)
        else:
            assert shape.is_sound(change.value)
            assert not shape.is_sound(environ.get(change.name, ""))
    again = childenv.apply(environ, childenv.repairs(environ))
    assert childenv.repairs(again) == ()


BASE64 = string.ascii_letters + string.digits + "/+"


def word(prefix: str, length: int, alphabet: str = string.ascii_uppercase + "234567") -> st.SearchStrategy[str]:
    """A prefix and so many characters."""
    return st.text(alphabet, min_size=length, max_size=length).map(lambda rest: prefix + rest)


SOUND = st.one_of(
    st.just(dict[str, str]()),
    st.builds(
        lambda id_, secret: {"AWS_ACCESS_KEY_ID": id_, "AWS_SECRET_ACCESS_KEY": secret},
        word("AKIA", 16),
        word("", 40, BASE64),
    ),
    st.builds(
        lambda id_, secret, token: {
            "AWS_ACCESS_KEY_ID": id_,
            "AWS_SECRET_ACCESS_KEY": secret,
            "AWS_SESSION_TOKEN": token,
            "AWS_SECURITY_TOKEN": token,
        },
        word("ASIA", 16),
        word("", 40, BASE64),
        word("IQoJ", 60, BASE64),
    ),
)
BESIDE = st.dictionaries(
    st.sampled_from(("AWS_PROFILE", "AWS_REGION", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE", "HOME", "TF_VAR_x")),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20),
)


@settings(MANY, max_examples=1000)
@given(SOUND, BESIDE)
def test_a_well_formed_environment_is_given_on_with_nothing_but_the_guard(
    environ: dict[str, str], beside: dict[str, str]
) -> None:
    whole = {**beside, **environ}
    patch = childpatch.of_every_child(GUARD, "7:1:/x/terraform", "/x/terraform", whole)
    assert [change.name for change in (*patch, *childenv.changes(whole, intent.NOTHING))] == [GUARD]


# The real one


class Place(NamedTuple):
    """A root module on the stand, which its block and no variable names: a variable would forbid every repair."""

    world: World
    stand: Stand
    terraform: Terraform
    key: AccessKey
    session: AccessKey

    def bare(self, *words: str, env: dict[str, str]) -> Finished:
        """The real Terraform by itself."""
        return self._run([self.terraform.path, *words], env)

    def guarded(self, *words: str, env: dict[str, str]) -> Finished:
        """Terraform through tfwrap."""
        return self._run([sys.executable, "-I", launch.__file__, "terraform", *words], env)

    def _run(self, argv: list[str], env: dict[str, str]) -> Finished:
        self.stand.forget()
        return worlds.run(self.world, argv, dict(env))

    def arrived(self) -> set[str]:
        """The key ids that the stand saw in the last run."""
        return {request.access_key_id for request in self.stand.requests}

    def codes(self) -> set[str]:
        """What it answered to them."""
        return {request.code for request in self.stand.requests}

    def pair(self) -> dict[str, str]:
        """The good key pair."""
        return {"AWS_ACCESS_KEY_ID": self.key.id, "AWS_SECRET_ACCESS_KEY": self.key.secret}


def write_module(folder: Path, stand: Stand) -> None:
    bucket = f"states-{uuid.uuid4()}"
    stand.create_bucket(bucket)
    endpoints = "".join(f'      {service} = "{stand.url}"\n' for service in ("s3", "sts", "iam", "dynamodb"))
    block = (
        f'    bucket = "{bucket}"\n    key = "k"\n    region = "us-east-1"\n    use_path_style = true\n'
        f"    endpoints = {{\n{endpoints}    }}\n"
    )
    (folder / "main.tf").write_text(
        f'terraform {{\n  backend "s3" {{\n{block}  }}\n}}\noutput "x" {{\n  value = 1\n}}\n'
    )


@pytest.fixture
def place(world: World, stand: Stand, terraform: Terraform) -> Place:
    write_module(world.cwd, stand)
    environ = {**world.environ, "AWS_EC2_METADATA_DISABLED": "true", "TFWRAP_TERRAFORM": terraform.path}
    created = (stand.keys.create(suffix="0001"), stand.keys.create_session(suffix="0002"))
    made = Place(world._replace(environ=environ), stand, terraform, *created)
    assert made.bare("init", "-input=false", env=made.pair()).status == 0
    return made


@pytest.mark.parametrize(
    ("spoil", "answer", "finding"),
    [
        pytest.param(
            lambda place: {"AWS_SECRET_ACCESS_KEY": f"{place.key.secret}\n"},
            "SignatureDoesNotMatch",
            b"TFW106 damaged-value: AWS_SECRET_ACCESS_KEY is damaged by a line break; Terraform gets it repaired",
            id="a secret with a line end",
        ),
        pytest.param(
            lambda place: {"AWS_ACCESS_KEY_ID": f'"{place.key.id}"'},
            "InvalidClientTokenId",
            b"TFW106 damaged-value: AWS_ACCESS_KEY_ID is damaged by quotes; Terraform gets it repaired",
            id="a key id in quotes",
        ),
        pytest.param(
            lambda place: {"AWS_SESSION_TOKEN": place.session.token},
            "InvalidClientTokenId",
            b"TFW104 stray-session-token: Terraform gets no AWS_SESSION_TOKEN",
            id="a token beside a long-term key",
        ),
    ],
)
def test_what_fails_bare_works_guarded_as_the_same_key(
    place: Place, spoil: object, answer: str, finding: bytes
) -> None:
    assert callable(spoil)
    env = {**place.pair(), **spoil(place)}
    bare = place.bare("plan", "-no-color", env=env)
    assert (bare.status, place.codes()) == (1, {answer})
    done = place.guarded("plan", "-no-color", env=env)
    assert done.status == 0, done
    assert (place.arrived(), place.codes()) == ({place.key.id}, {""})
    assert finding in done.stderr
    assert not [form for form in (place.key.secret, place.session.token or "") if form.encode() in done.stderr]


def test_a_good_environment_is_used_in_silence(place: Place) -> None:
    session = place.session
    env = {"AWS_ACCESS_KEY_ID": session.id, "AWS_SECRET_ACCESS_KEY": session.secret}
    token = {"AWS_SESSION_TOKEN": session.token or ""}
    done = place.guarded("plan", "-no-color", env={**env, **token})
    assert (done.status, done.stderr, place.arrived()) == (0, b"", {session.id})
    assert place.bare("plan", env={**env, "AWS_SECURITY_TOKEN": session.token or ""}).status == 1
    done = place.guarded("plan", env={**env, "AWS_SECURITY_TOKEN": session.token or ""})
    assert (done.status, place.arrived()) == (0, {session.id})
    assert b"TFW105 legacy-variables" in done.stderr


def test_what_was_changed_is_told_when_the_run_fails_all_the_same(place: Place) -> None:
    place.stand.keys.deactivate(place.key.id)
    env = {
        **place.pair(),
        "AWS_SECRET_ACCESS_KEY": f"{place.key.secret}\n",
        "AWS_SESSION_TOKEN": place.session.token or "",
    }
    assert place.guarded("plan", "-no-color", env=env).status == 1
    told = worlds.run(place.world, [sys.executable, "-I", "-m", "tfwrap", "--explain"]).stdout.decode()
    done = told.partition("What tfwrap did")[2]
    assert "AWS_SECRET_ACCESS_KEY was repaired in Terraform's environment (damaged-value): a line break" in done
    assert "AWS_SESSION_TOKEN was removed from Terraform's environment (stray-session-token): AWS refuses" in done
    assert place.key.secret not in told
