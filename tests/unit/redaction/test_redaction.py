# Rows of tables are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

import base64
import html
import json
import textwrap
import time
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.fuzzing import fuzzed
from tests.unit.boxes import boxed, plain
from tfwrap.aws.config import AwsFiles, Profile
from tfwrap.redaction import encodings, redaction
from tfwrap.redaction.redaction import HIDDEN, Redactor
from tfwrap.terraform.saved_backend import SavedBackend

SECRET = "madeUp/by+the/tests/0123456789ABCDEFGHij"
KEY = "AKIAMADEUPBYTEST0001"
KNOWS_NOTHING = Redactor(())


def saved(**config: object) -> SavedBackend:
    return SavedBackend("/w/.terraform/terraform.tfstate", ".terraform/terraform.tfstate", "s3", config, "1.11.4")


def files(**settings: str) -> AwsFiles:
    return AwsFiles("~/.aws/credentials", "~/.aws/config", {"default": Profile("default", settings, {})})


KNOWN = [
    ("an environment's secret key", redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())),
    ("its old short name", redaction.make({"AWS_SECRET_KEY": SECRET}, None, None, ())),
    ("a session token", redaction.make({"AWS_SESSION_TOKEN": SECRET}, None, None, ())),
    ("a legacy token", redaction.make({"AWS_SECURITY_TOKEN": SECRET}, None, None, ())),
    ("a container's token", redaction.make({"AWS_CONTAINER_AUTHORIZATION_TOKEN": SECRET}, None, None, ())),
    ("a variable of Terraform's", redaction.make({"TF_VAR_db_password": SECRET}, None, None, ())),
    ("a registry's token", redaction.make({"TF_TOKEN_app_terraform_io": SECRET}, None, None, ())),
    ("an API key", redaction.make({"DATADOG_API_KEY": SECRET}, None, None, ())),
    ("a customer's key", redaction.make({"AWS_SSE_CUSTOMER_KEY": SECRET}, None, None, ())),
    ("a secret in the place of the key id", redaction.make({"AWS_ACCESS_KEY_ID": SECRET}, None, None, ())),
    ("arguments in a variable", redaction.make({"TF_CLI_ARGS_plan": f"-var=db_password={SECRET}"}, None, None, ())),
    ("arguments in a variable, quoted", redaction.make({"TF_CLI_ARGS": f"-var 'a_token={SECRET}'"}, None, None, ())),
    ("a profile's secret key", redaction.make({}, files(aws_secret_access_key=SECRET), None, ())),
    ("a profile's token", redaction.make({}, files(aws_session_token=SECRET), None, ())),
    ("a profile's keys swapped", redaction.make({}, files(aws_access_key_id=SECRET), None, ())),
    ("a saved secret key", redaction.make({}, None, saved(secret_key=SECRET), ())),
    ("a saved token", redaction.make({}, None, saved(token=SECRET), ())),
    ("a saved key for the bucket", redaction.make({}, None, saved(sse_customer_key=SECRET), ())),
    ("a saved token in an object", redaction.make({}, None, saved(assume_role={"web_identity_token": SECRET}), ())),
    ("saved keys swapped", redaction.make({}, None, saved(access_key=SECRET), ())),
    ("an argument", redaction.make({}, None, None, ["init", f"-backend-config=secret_key={SECRET}"])),
    ("an argument with two dashes", redaction.make({}, None, None, ["init", f"--backend-config=token={SECRET}"])),
    ("an argument in two words", redaction.make({}, None, None, ["init", "-backend-config", f"secret_key={SECRET}"])),
    ("a variable in two words", redaction.make({}, None, None, ["plan", "-var", f"db_password={SECRET}"])),
    ("a variable in quotation marks", redaction.make({}, None, None, ["plan", f"-var='db_password={SECRET}'"])),
]


@pytest.mark.parametrize("redactor", [pytest.param(row[1], id=row[0]) for row in KNOWN])
def test_a_secret_at_hand_is_taken_out_of_any_text(redactor: Redactor) -> None:
    assert redactor.text(f"what {SECRET} says") == f"what {HIDDEN} says"


FORMS = [
    ("as it is", SECRET),
    ("URL-encoded", quote(SECRET, safe="")),
    ("URL-encoded, lower case", quote(SECRET, safe="").replace("%2F", "%2f").replace("%2B", "%2b")),
    ("as a path of a URL", quote(SECRET)),
    ("as a form", quote_plus(SECRET)),
    ("base64", base64.b64encode(SECRET.encode()).decode()),
    ("base64 for URLs", base64.urlsafe_b64encode(SECRET.encode()).decode()),
    ("base64 without padding", base64.b64encode(SECRET.encode()).decode().rstrip("=")),
    ("hexadecimal", SECRET.encode().hex()),
    ("hexadecimal, upper case", SECRET.encode().hex().upper()),
    ("JSON", json.dumps(SECRET)),
    ("JSON in JSON", json.dumps(json.dumps(SECRET))),
    ("XML", html.escape(SECRET)),
    ("between quotation marks", f'"{SECRET}"'),
    ("glued to other text", f"x{SECRET}y"),
    ("coloured in the middle", f"{SECRET[:9]}\x1b[4m{SECRET[9:20]}\x1b[0m{SECRET[20:]}"),
    ("broken in a box", "\n".join(f"\x1b[31m│\x1b[0m \x1b[0m{part}" for part in textwrap.wrap(SECRET, 13))),
    ("broken, the box taken away", "\n".join(textwrap.wrap(SECRET, 13))),
    ("broken and indented", "\r\n      ".join(textwrap.wrap(SECRET, 13))),
    ("base64 in lines", "\n".join(textwrap.wrap(base64.b64encode(SECRET.encode()).decode(), 19))),
]


@pytest.mark.parametrize("form", [pytest.param(row[1], id=row[0]) for row in FORMS])
def test_a_known_secret_is_found_in_every_form(form: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    shown = redactor.text(f"[{form}]")
    assert HIDDEN in shown
    assert not leaks(shown, SECRET)


def leaks(shown: str, secret: str) -> list[str]:
    """The pieces of eight characters of a secret, in any encoding, that are left in a text."""
    bare = redaction._BLANKS.sub("", shown.replace(HIDDEN, "\0"))
    pieces = {form[at : at + 12] for form in encodings.forms(secret) for at in range(0, len(form) - 12, 3)}
    return [piece for piece in pieces if "".join(piece.split()) in bare and len("".join(piece.split())) >= 12]


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("behind", range(4))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_within_a_longer_base64_text_is_found(encode: Any, before: int, behind: int) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    text = encode(b"x" * before + SECRET.encode() + b"y" * behind).decode()
    shown = redactor.text(f"user_data = {text}")
    assert HIDDEN in shown
    assert len(shown.replace(HIDDEN, "").removeprefix("user_data = ")) <= 4 * (2 + before // 3 + behind // 3)


@pytest.mark.parametrize("form", [boxed, plain], ids=["boxed", "plain"])
def test_a_secret_with_blanks_is_found_where_terraform_wrapped_it(form: Any) -> None:
    secret = "made up by the tests to be long enough to be broken at some blank of its own in any box"
    redactor = redaction.make({"TF_VAR_passphrase": secret}, None, None, ())
    for lead in range(0, 80, 7):
        shown = redactor.text(form("Invalid value", "", f"{'x' * lead} is {secret} indeed"))
        assert "enough" not in shown
        assert "some blank" not in shown
        assert "indeed" in shown


def test_what_stands_around_a_secret_that_was_broken_stays() -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    text = f"│ before {SECRET[:20]}\n│ {SECRET[20:]} behind\n│ {SECRET[:10]}\x1b[0m{SECRET[10:]}|{SECRET[:7]}\n{SECRET[7:]}\n"
    assert redactor.text(text) == f"│ before {HIDDEN} behind\n│ {HIDDEN}|{HIDDEN}\n"


INNER = [
    ("a password in a URL", {"DATABASE_URL": "postgres://app:made-up-by-tests@db/app"}, "made-up-by-tests"),
    ("a passphrase in HCL", {"TF_ENCRYPTION": 'key_provider "pbkdf2" "k" { passphrase = "made up by tests" }'}, "made up by tests"),
    ("a member of JSON", {"TF_VAR_db": '{"db_password": "madeUpByTests"}'}, "madeUpByTests"),
    ("MYSQL_PWD", {"MYSQL_PWD": "madeUpByTests"}, "madeUpByTests"),
]  # fmt: skip


@pytest.mark.parametrize(("environ", "secret"), [pytest.param(*row[1:], id=row[0]) for row in INNER])
def test_a_secret_within_a_variable_is_known(environ: dict[str, str], secret: str) -> None:
    assert redaction.make(environ, None, None, ()).text(f"it is {secret}!") == f"it is {HIDDEN}!"


@pytest.mark.parametrize(
    "block",
    [
        {"secret_key": SECRET},
        {"assume_role_with_web_identity": {"web_identity_token": SECRET}},
        {"assume_role": [{"external": "x", "token": SECRET}]},
    ],
)
def test_a_secret_of_a_block_is_known(block: dict[str, object]) -> None:
    assert redaction.make({}, None, None, (), [block]).text(f"a {SECRET} b") == f"a {HIDDEN} b"


def test_a_secret_with_quotation_marks_is_found_in_json() -> None:
    secret = 'made"up\\by\tthe tests ä'
    redactor = redaction.make({"TF_VAR_password": secret}, None, None, ())
    for text in (json.dumps({"x": secret}), json.dumps({"x": secret}, ensure_ascii=False)):
        assert redactor.text(text) == f'{{"x": "{HIDDEN}"}}'


def test_a_secret_of_several_lines_is_found_line_by_line_and_on_one_line() -> None:
    secret = "first line of it\n  second line of it\nend"
    redactor = redaction.make({"TF_VAR_private_key": secret}, None, None, ())
    for text in (secret, " ".join(secret.split()), "    first line of it\n    + second line of it"):
        assert "line of it" not in redactor.text(text)


@pytest.mark.parametrize("secret", ["made\udcffup\udcfe bytes", "half a \ud83d character"])
def test_a_secret_that_is_no_text_does_not_stop_the_rest(secret: str) -> None:
    redactor = redaction.make({"A_TOKEN": secret, "AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    assert redactor.text(f"{secret} {SECRET}") == f"{HIDDEN} {HIDDEN}"


@fuzzed
@given(st.lists(st.text(min_size=8, max_size=60), min_size=1, max_size=4), st.lists(st.text(max_size=30), min_size=5))
def test_no_known_secret_survives(secrets: list[str], between: list[str]) -> None:
    redactor = redaction.make({f"TF_VAR_{n}_token": secret for n, secret in enumerate(secrets)}, None, None, ())
    text = "".join(part for pair in zip(between, [*secrets, *secrets], strict=False) for part in pair)
    shown = redactor.text(text)
    assert not [secret for secret in secrets if secret in shown and secret not in HIDDEN]


@fuzzed
@given(st.text(alphabet="abcdefghijABCDEFGHIJ+/=\n \"'\\%", min_size=8, max_size=50))
def test_no_secret_survives_in_the_forms_of_other_texts(secret: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": secret}, None, None, ())
    for text in (quote(secret, safe=""), json.dumps(secret), base64.b64encode(secret.encode()).decode()):
        assert text not in redactor.text(f"a {text} b") or len(text) < 8


LOOKS_SECRET = [
    ("a key id keeps its ends", f"key {KEY} of", "key AKIA****0001 of"),
    ("a session's key id too", "ASIAMADEUPBYTEST0002", "ASIA****0002"),
    ("a key id in a credential scope", f"Credential={KEY}/20261123/us-east-1", "Credential=AKIA****0001/20261123/us-east-1"),
    ("HCL", 'secret_key = "madeup by tests"', f'secret_key = "{HIDDEN}"'),
    ("behind a long address", f'module.{"a" * 90}.password = "madeup by tests"', f'module.{"a" * 90}.password = "{HIDDEN}"'),
    ("behind a path", "prod/db_password=madeup12 there", f"prod/db_password={HIDDEN} there"),
    ("behind a token", f"IQoJb3JpZ2lu{'0' * 16}/.SECRET=madeup12", f"{HIDDEN}.SECRET={HIDDEN}"),
    ("behind another secret", f"hvb.{'0' * 60}.SECRET=madeup12", f"{HIDDEN}.SECRET={HIDDEN}"),
    ("an ini file", "aws_secret_access_key = madeupbytests", f"aws_secret_access_key = {HIDDEN}"),
    ("a shell", "export AWS_SESSION_TOKEN=madeup/by+tests", f"export AWS_SESSION_TOKEN={HIDDEN}"),
    ("JSON", '{"SecretAccessKey": "madeup/by+tests", "a": 1}', f'{{"SecretAccessKey": "{HIDDEN}", "a": 1}}'),
    ("JSON without blanks", '{"token":"madeupbytests"}', f'{{"token":"{HIDDEN}"}}'),
    ("JSON in JSON", '{\\"token\\":\\"madeupbytests\\"}', f'{{\\"token\\":\\"{HIDDEN}\\"}}'),
    ("YAML", "password: madeupbytests\nuser: u", f"password: {HIDDEN}\nuser: u"),
    ("YAML with digits", "password: made 12345678", "password: made 12345678"),
    ("no blank", "password:madeup123456", f"password:{HIDDEN}"),
    ("an apostrophe", "db_password='made up by tests'", f"db_password='{HIDDEN}'"),
    ("a comma in it", 'password = "made,up,by,tests"', f'password = "{HIDDEN}"'),
    ("a query", "https://x/?X-Amz-Security-Token=madeup%2Fby", f"https://x/?X-Amz-Security-Token={HIDDEN}"),
    ("a password in a URL", "http://user:madeup@proxy:3128/", f"http://user:{HIDDEN}@proxy:3128/"),
    ("a database's URL", "postgres://app:madeup@db/app", f"postgres://app:{HIDDEN}@db/app"),
    ("a header", "Authorization: Bearer madeupbytests", f"Authorization: {HIDDEN}"),
    ("basic", "authorization: Basic dXNlcjpwYXNz", f"authorization: {HIDDEN}"),
    ("a signature", f"Authorization: AWS4-HMAC-SHA256 Credential={KEY}/2026, Signature=00ff", f"Authorization: {HIDDEN}"),
    ("a bearer in prose", "sent bearer madeup123456 there", f"sent bearer {HIDDEN} there"),
    ("a JWT", "jwt eyJtYWRldXAiOjF9.eyJieSI6InRlc3RzIn0.c2lnbmF0dXJl.", f"jwt {HIDDEN}."),
    ("a Vault token", "vault hvs.MADEUPBYTESTSMADEUPBYTESTS", f"vault {HIDDEN}"),
    ("a private key", "k -----BEGIN RSA PRIVATE KEY-----\nmade\nup\n-----END RSA PRIVATE KEY----- e", f"k {HIDDEN} e"),
    ("a private key cut off", "k -----BEGIN PRIVATE KEY-----\nmade\nup", f"k {HIDDEN}"),
    ("an API key", "api_key=madeupbytests", f"api_key={HIDDEN}"),
    ("a passphrase", 'passphrase = "made up by tests"', f'passphrase = "{HIDDEN}"'),
    ("a storage account's key", "AccountKey=madeup/by+tests==;", f"AccountKey={HIDDEN}"),
    ("a presigned URL", "https://b.s3.amazonaws.com/k?X-Amz-Date=2026&X-Amz-Signature=00ff00ff00ff00ff&x=1", f"https://b.s3.amazonaws.com/k?X-Amz-Date=2026&X-Amz-Signature={HIDDEN}&x=1"),
    ("an old presigned URL", "https://b/k?Expires=1&Signature=made%2Fup%3D&x=1", f"https://b/k?Expires=1&Signature={HIDDEN}&x=1"),
    ("a shared access signature", "https://b/k?sv=2026&sig=madeup%2Fbytests", f"https://b/k?sv=2026&sig={HIDDEN}"),
    ("a secret beside its key id", f"{KEY},{SECRET}", f"AKIA****0001,{HIDDEN}"),
    ("a secret on the line below its key id", f"{KEY}\n{SECRET}\n", f"AKIA****0001\n{HIDDEN}\n"),
    ("a session token by its beginning", "got IQoJb3JpZ2luX2VjEMADEUPBYTESTS/madeup+=", f"got {HIDDEN}"),
    ("an older one", "got FwoGZXIvYXdzEMADEUPBYTESTS/madeup+=", f"got {HIDDEN}"),
    ("an old Vault token", "vault s.MADEUPBYTESTSmadeupby012 there", f"vault {HIDDEN} there"),
    ("a batch token of Vault's", "hvb.MADEUPBYTESTSMADEUPBYTESTS", HIDDEN),
    ("a GitHub token", "ghp_MADEUPBYTESTSmadeupbytests0123456789", HIDDEN),
    ("a fine-grained GitHub token", "github_pat_MADEUPBYTESTS_madeupbytests0123", HIDDEN),
    ("a GitLab token", "glpat-MADEUPBYTESTSmadeup0", HIDDEN),
    ("a Terraform token", "MADEUPBYTESTS0.atlasv1.madeupbytestsmadeupbytests", HIDDEN),
    ("a Slack token", "xoxb-0123456789-madeup", HIDDEN),
    ("a token as a URL's user", "git::https://MADEUPBYTESTSmadeupbytests@git.example/x.git", f"git::https://{HIDDEN}@git.example/x.git"),
    ("a token as a URL's password", "https://oauth2:madeup@git.example/x.git", f"https://oauth2:{HIDDEN}@git.example/x.git"),
    ("a cookie", "Set-Cookie: session=madeupbytests; Path=/", f"Set-Cookie: {HIDDEN}"),
    ("a header of Vault's", "X-Vault-Token: madeup0123456", f"X-Vault-Token: {HIDDEN}"),
    ("an SSO cache", '{"accessToken": "madeupbytests", "expiresAt": "2026"}', f'{{"accessToken": "{HIDDEN}", "expiresAt": "2026"}}'),
    ("a process's output", '{"Version":1,"SecretAccessKey":"madeup/by+tests"}', f'{{"Version":1,"SecretAccessKey":"{HIDDEN}"}}'),
    ("a key id behind an escape", f"\\n{KEY} x", "\\nAKIA****0001 x"),
    ("a PGP key", "-----BEGIN PGP PRIVATE KEY BLOCK-----\nmade\n-----END PGP PRIVATE KEY BLOCK-----", HIDDEN),
    ("an OpenSSH key", "-----BEGIN OPENSSH PRIVATE KEY-----\nmade\n-----END OPENSSH PRIVATE KEY-----", HIDDEN),
    ("a state that could not be written", 'below:\n{\n  "version": 4,\n  "terraform_version": "1.11.4",\n  "outputs": {"x": {"value": "made up"}}\n}\nafter', f"below:\n{HIDDEN}\nafter"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*row[1:], id=row[0]) for row in LOOKS_SECRET])
def test_what_looks_like_a_secret_is_taken_out(text: str, shown: str) -> None:
    assert KNOWS_NOTHING.text(text) == shown


HARMLESS = [
    ("a bucket's name", "S3 bucket \"acme-token-states-prod\" with prefix \"env:/\""),
    ("a role's ARN", "arn:aws:iam::111111111111:role/token-reader"),
    ("a secret's ARN is not the secret", "[id=arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf]"),
    ("a secret's ARN with a name", 'secret_arn = "arn:aws:secretsmanager:us-east-1:111111111111:secret:prod/db-AbCdEf"'),
    ("an assumed role", "arn:aws:sts::111111111111:assumed-role/ci/GitHubActions"),
    ("a git hash", "at commit 8bf1d11bcf3eac7a2d525b08fb2e9992ff4e1f19 of main"),
    ("a git hash with a colon", "commit: 8bf1d11bcf3eac7a2d525b08fb2e9992ff4e1f19"),
    ("a request's id", "RequestID: efd9cc30-f3a6-4462-b29a-33510cae53e5"),
    ("AWS's message about a token", "The security token included in the request is invalid."),
    ("a code with Token in it", "api error InvalidClientTokenId: The security token included in the request"),
    ("a code with a long word behind it", "ExpiredTokenException: Signature expired: 20260101"),
    ("a code with another long word", "InvalidIdentityToken: Incorrect token audience"),
    ("a file is evidence", "failed to read cached SSO token file, open /home/u/.aws/sso/cache/0f.json: no such file"),
    ("progress with password in a name", "random_password.db_password: Creation complete after 0s"),
    ("progress that ends the line", "random_password.db_password: Creating..."),
    ("progress with an id", "aws_secretsmanager_secret.db: Refreshing state... [id=1]"),
    ("progress of destroying", "aws_ssm_parameter.api_token: Destroying... [id=/x]"),
    ("the word token", "the token is missing, get a new token"),
    ("the word secret", "a secret must not be shown"),
    ("the word password before a bracket", "password (sensitive value)"),
    ("a variable's name", 'An argument named "secret_key" is required, but no definition was found.'),
    ("a sensitive value", "password = (sensitive value)"),
    ("a workspace", "Switched to workspace \"prod-token-service\"."),
    ("a workspace with equals", "workspace = \"authorized\""),
    ("basic, the word", "basic authentication failed, see Basic Networking"),
    ("bearer, the word", "the bearer authorisation was refused"),
    ("a URL with a port", "http://127.0.0.1:33813/states?list-type=2"),
    ("a URL with an at sign in the path", "https://registry.example/npm/@scope:1"),
    ("a mail address", "mail ops@example.com"),
    ("a short value", "password=short"),
    ("a prefix of a key id that goes on in prose", "AKIA keys are long-term keys, ASIA keys are not"),
    ("a user's id is no key id", "AIDAMADEUPBYTEST0001 and AROAMADEUPBYTEST0001"),
    ("a masked key id", "the saved key AKIA****0001, not AKIA****0002"),
    ("a path", "/w/secrets/token/terraform.tfstate"),
    ("base64 that is no JWT", "eyJ.eyJ.eyJ"),
    ("a long address of a secret", f'module.{"a" * 90}.aws_secretsmanager_secret.db: Refreshing state... [id=1]'),
    ("a path with a line", "/w/secrets/token.tf:12: syntax error"),
    ("a module's source", "downloading git::https://git.example/acme/token-service.git?ref=v1.2.3 for token"),
    ("a long name with a short value", f'{"a" * 90}_password = "short"'),
    ("a sha256", "zip h1:3d6bd5b2c6e1f0a7a0d3f5f2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6"),
    ("a hash of a lock file", '"h1:SsFyWqSUL3mlXZPTQz5bhJ5ZQjBQQUk2WvYPq0WRpUs=",'),
    ("base64 of an image", "<img src=data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==>"),
    ("user data in base64", '+ user_data_base64 = "IyEvYmluL2Jhc2gKZWNobyBoZWxsbyB3b3JsZCA+IC90bXAvaGVsbG8K"'),
    ("a certificate", "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUMADEUP\n-----END CERTIFICATE-----"),
    ("a public key", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7madeupbytests u@host"),
    ("an instance", "aws_instance.web: Creation complete after 13s [id=i-0123456789abcdef0]"),
    ("a network interface", "eni-0a1b2c3d4e5f60718 in subnet-0123456789abcdef0 of vpc-0123456789abcdef0"),
    ("a key of KMS", "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"),
    ("an image", "public.ecr.aws/x/y@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("a plan", "  # aws_s3_bucket.b will be created\n  + resource \"aws_s3_bucket\" \"b\" {\n      + arn = (known after apply)\n    }"),
    ("a plan's sensitive attribute", "      + password             = (sensitive value)"),
    ("a plan's secret to come", "      + secret_string        = (known after apply)"),
    ("a summary", "Plan: 3 to add, 1 to change, 0 to destroy."),
    ("an ETag", 'etag = "d41d8cd98f00b204e9800998ecf8427e"'),
    ("a lock", "Lock Info:\n  ID:        7aca007d-57e3-f513-32f1-ab3f815605f5\n  Path:      states/k\n  Who:       u@host"),
    ("a cache file", "/h/.aws/sso/cache/3947de8b16688092197fa616c34e01335f21d256.json"),
    ("a host's id", "HostID: 9Gjjt1m+cjU4OPvX9O9/8RuvnG41MRb/18Oux2o5H5MY7ISNTlXN+Dz9IG62/ILVxhAGI0qyPfg=, api error"),
    ("an attribute path", "s.length and r.value of module.s.outputs"),
    ("a version", "terraform-provider-aws_v5.100.0_x5"),
    ("a module's source", "git::https://git.example.com/network.git?ref=v1.2.0"),
    ("a commit in a source", "git::https://git.example.com/n.git?ref=8bf1d11bcf3eac7a2d525b08fb2e9992ff4e1f19"),
    ("a state's outputs", '{"version": 4, "serial": 7}'),
    ("a certificate's ARN", "arn:aws:acm:us-east-1:111111111111:certificate/12345678-1234-1234-1234-123456789012"),
    ("a fix", "terraform init -reconfigure -backend-config=bucket=acme-states -backend-config=key=secrets/terraform.tfstate"),
]  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(row[1], id=row[0]) for row in HARMLESS])
def test_what_is_no_secret_is_left_alone(text: str) -> None:
    assert KNOWS_NOTHING.text(text) == text


PUBLIC = [
    ("where a token lies", {"AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/secrets/token"}),
    ("where the credentials lie", {"AWS_SHARED_CREDENTIALS_FILE": "/home/u/.aws/credentials"}),
    ("when they end", {"AWS_CREDENTIAL_EXPIRATION": "2026-11-23T07:00:00Z"}),
    ("where a container asks", {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x"}),
    ("a profile", {"AWS_PROFILE": "production"}),
    ("a region", {"AWS_REGION": "us-east-1"}),
    ("a key id is masked, not hidden", {"AWS_ACCESS_KEY_ID": "AKIAMADEUP"}),
    ("a value that is a word", {"MY_TOKEN": "default"}),
    ("an empty value", {"MY_TOKEN": ""}),
    ("a value of another name", {"TF_VAR_name": "terraform"}),
    ("options without secrets", {"TF_CLI_ARGS": "-no-color -parallelism=10"}),
]


@pytest.mark.parametrize("environ", [pytest.param(row[1], id=row[0]) for row in PUBLIC])
def test_a_variable_that_holds_no_secret_is_not_hidden(environ: dict[str, str]) -> None:
    value = next(iter(environ.values()))
    redactor = redaction.make({**environ, "AWS_ACCESS_KEY_ID": KEY}, None, None, ())
    assert redactor.text(f"a {value} b") == f"a {value} b"


ARGUMENTS = [
    ("a harmless value", ["init", "-backend-config=bucket=states"], ["init", "-backend-config=bucket=states"]),
    ("a file", ["init", "-backend-config=prod.hcl"], ["init", "-backend-config=prod.hcl"]),
    ("a key id", ["init", f"-backend-config=access_key={KEY}"], ["init", f"-backend-config=access_key={HIDDEN}"]),
    ("a short secret", ["init", "-backend-config=token=x"], ["init", f"-backend-config=token={HIDDEN}"]),
    ("any variable", ["plan", "-var=name=anna"], ["plan", f"-var=name={HIDDEN}"]),
    ("two dashes", ["plan", "--var=name=anna"], ["plan", f"--var=name={HIDDEN}"]),
    ("two words", ["plan", "-var", "name=anna"], ["plan", "-var", f"name={HIDDEN}"]),
    ("two words of a backend", ["init", "-backend-config", "key=k"], ["init", "-backend-config", "key=k"]),
    ("an equals sign in the value", ["plan", "-var=a=b=c"], ["plan", f"-var=a={HIDDEN}"]),
    ("a value by its look", ["import", "x", f"{KEY}"], ["import", "x", "AKIA****0001"]),
    ("a target", ["plan", "-target=aws_vpc.a"], ["plan", "-target=aws_vpc.a"]),
    ("a file of variables", ["plan", "-var-file=prod.tfvars"], ["plan", "-var-file=prod.tfvars"]),
]  # fmt: skip


@pytest.mark.parametrize(("argv", "shown"), [pytest.param(*row[1:], id=row[0]) for row in ARGUMENTS])
def test_a_command_line_is_shown_without_its_values(argv: list[str], shown: list[str]) -> None:
    assert redaction.make({}, None, None, argv).arguments(argv) == shown


LONG = [
    ("prose", "The security token included in the request is invalid. "),
    ("one word of token", "token"),
    ("names without values", "token="),
    ("open quotation marks", 'token="'),
    ("words behind a colon", "token: a"),
    ("dots", "a."),
    ("beginnings of a JWT", "eyJ-"),
    ("URLs", "http://"),
    ("blanks", " "),
    ("hexadecimal", "deadbeef"),
    ("beginnings of a private key", "-----BEGIN PRIVATE KEY-----"),
    ("headers", "authorization: bearer "),
    ("key ids", KEY + " "),
    ("key ids side by side", KEY + ","),
    ("lines in a box", "│ wrapped and wrapped again\n"),
    ("line ends", "\n"),
    ("line ends and blanks", "\n "),
    ("colours", "\x1b[31m"),
    ("beginnings of colours", "\x1b["),
    ("box edges", "│"),
    ("line ends and edges", "\n│ "),
    ("beginnings of the secret", SECRET[:30]),
    ("beginnings of the secret on lines of their own", SECRET[:30] + "\n"),
    ("the secret, broken again and again", SECRET[:20] + "\n│ " + SECRET[20:]),
    ("escaped quotation marks", '\\"'),
    ("beginnings of a state", '{"version": 4,"terraform_version":'),
    ("nearly a state", '{ "version": '),
    ("users of URLs", "https://aaaaaaaaaaaaaaaaaaaa"),
    ("schemes", "a+"),
    ("signatures", "&Signature="),
    ("cookies", "Cookie: a"),
    ("beginnings of session tokens", "IQoJb3JpZ2lu"),
    ("percents", "%2F"),
    ("dashes", "-----BEGIN "),
]


@pytest.mark.parametrize("text", [pytest.param(row[1], id=row[0]) for row in LONG])
def test_a_megabyte_of_anything_takes_a_moment(text: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    started = time.process_time()
    redactor.text(f"token{text * ((1 << 20) // len(text))}")
    assert time.process_time() - started < 6


@fuzzed
@given(st.text(alphabet="abcXYZ019+/=._-", min_size=12, max_size=50), st.data())
def test_no_secret_survives_wherever_it_is_broken(secret: str, data: st.DataObject) -> None:
    breaks = st.sampled_from(["\n", "\n│ ", "\x1b[31m", "\r\n    ", "\n\x1b[31m│\x1b[0m \x1b[0m", ""])
    broken = "".join(letter + data.draw(breaks) for letter in secret)
    shown = redaction.make({"A_TOKEN": secret}, None, None, ()).text(f"<{broken}>")
    assert HIDDEN in shown
    assert secret not in redaction._BREAKS.sub("", shown)


@fuzzed
@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from([row[1] for row in LOOKS_SECRET + HARMLESS] + ["\n", "│ ", "\x1b[31m"])).map("".join)
)
def test_redacting_twice_changes_nothing_more(text: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    once = redactor.text(text)
    assert SECRET not in once
    assert redactor.text(once) == once


def test_the_table_of_what_is_left_alone_is_the_longer_one() -> None:
    assert len(HARMLESS) >= len(LOOKS_SECRET)
