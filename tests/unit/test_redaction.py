# Rows of tables are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

import base64
import json
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tfwrap import redaction
from tfwrap.awsconfig import AwsFiles, Profile
from tfwrap.redaction import HIDDEN, Redactor
from tfwrap.saved_backend import SavedBackend

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
    ("base64", base64.b64encode(SECRET.encode()).decode()),
    ("between quotation marks", f'"{SECRET}"'),
    ("glued to other text", f"x{SECRET}y"),
]


@pytest.mark.parametrize("form", [pytest.param(row[1], id=row[0]) for row in FORMS])
def test_a_known_secret_is_found_in_every_form(form: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    assert HIDDEN in redactor.text(f"[{form}]")
    for value in (SECRET, quote(SECRET, safe=""), base64.b64encode(SECRET.encode()).decode()):
        assert value not in redactor.text(f"[{form}]")


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


@given(st.lists(st.text(min_size=8, max_size=60), min_size=1, max_size=4), st.lists(st.text(max_size=30), min_size=5))
def test_no_known_secret_survives(secrets: list[str], between: list[str]) -> None:
    redactor = redaction.make({f"TF_VAR_{n}_token": secret for n, secret in enumerate(secrets)}, None, None, ())
    text = "".join(part for pair in zip(between, [*secrets, *secrets], strict=False) for part in pair)
    shown = redactor.text(text)
    assert not [secret for secret in secrets if secret in shown and secret not in HIDDEN]


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
]


@pytest.mark.parametrize("text", [pytest.param(row[1], id=row[0]) for row in LONG])
def test_a_megabyte_of_anything_takes_a_moment(text: str) -> None:
    redactor = redaction.make({"AWS_SECRET_ACCESS_KEY": SECRET}, None, None, ())
    started = time.process_time()
    redactor.text(f"token{text * ((1 << 20) // len(text))}")
    assert time.process_time() - started < 6
