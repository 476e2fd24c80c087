"""What Terraform wrote, byte for byte where it was recorded (0.12.29, 1.0.3, 1.11.4; AWS provider 2.70, 5.100)."""

# Rows of recorded text are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.boxes import boxed, json_line, plain
from tfwrap.failure import failure
from tfwrap.failure.failure import BACKEND, CREDENTIAL_CODES, LOCK, PROVIDER, RESOURCE, STATE

ID = "efd9cc30-f3a6-4462-b29a-33510cae53e5"
INVALID = "The security token included in the request is invalid."
UNKNOWN_KEY = "The AWS Access Key Id you provided does not exist in our records."
STS_403 = f"operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: {ID}, "
S3_403 = f"operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: {ID}, HostID: stand, "
VALIDATING = f"validating provider credentials: retrieving caller identity from STS: {STS_403}"
V2_STS = f"{VALIDATING}api error InvalidClientTokenId: {INVALID}"
LISTING = f'Unable to list objects in S3 bucket "states" with prefix "env:/": {S3_403}api error InvalidAccessKeyId: {UNKNOWN_KEY}'
V1_STS = f"error calling sts:GetCallerIdentity: InvalidClientTokenId: {INVALID}\n\tstatus code: 403, request id: {ID}"
V1_S3 = f"InvalidAccessKeyId: {UNKNOWN_KEY}\n\tstatus code: 403, request id: {ID}, host id: stand"
IN_PROVIDER = (
    '  with provider["registry.terraform.io/hashicorp/aws"],\n'
    '  on main.tf line 1, in provider "aws":\n   1: provider "aws" {'
)
IN_DATA = (
    '  with data.aws_iam_role.r,\n  on main.tf line 8, in data "aws_iam_role" "r":\n   8: data "aws_iam_role" "r" {'
)
IN_RESOURCE = (
    '  with aws_vpc.main,\n  on main.tf line 8, in resource "aws_vpc" "main":\n   8: resource "aws_vpc" "main" {'
)
IN_OLD_PROVIDER = '  on main.tf line 1, in provider "aws":\n   1: provider "aws" {'
CANNOT_ASSUME = (
    "IAM Role (arn:aws:iam::111111111111:role/x) cannot be assumed.\n\n"
    "There are a number of possible causes of this - the most common are:\n"
    "  * The credentials used in order to assume the role are invalid\n"
    "  * The role ARN is not valid\n\n"
    f"Error: operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: {ID}, api error "
    f"InvalidClientTokenId: {INVALID}"
)
PLEASE_ENSURE = (
    "\n\nPlease ensure that your Terraform state exists and that you've\nconfigured it properly. You can use the "
    '"-state" flag to point\nTerraform at another state file.'
)


DEBUG = f"2026-11-23T07:09:35.198Z [DEBUG] backend-s3: retry: api error InvalidClientTokenId: {INVALID}\n"
JSON_DEBUG = f'{{"@level":"debug","@message":"api error ExpiredToken: {INVALID}","@module":"aws-base"}}\n'

# what, the output, scope, code
FIRES = [
    ("1.11 plan, coloured and boxed, as recorded", f"\x1b[31m╷\x1b[0m\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1m{V2_STS}\x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\n\x1b[31m│\x1b[0m \x1b[0m\x1b[0m\n\x1b[31m╵\x1b[0m\x1b[0m\n", BACKEND, "InvalidClientTokenId"),
    ("1.11 state list, boxed within red, as recorded", f"\x1b[31m{boxed(V2_STS)}\x1b[0m\x1b[0m\n", BACKEND, "InvalidClientTokenId"),
    ("1.11 plan -no-color", plain(V2_STS), BACKEND, "InvalidClientTokenId"),
    ("1.11 state mv, no box and no Error", f"\x1b[31mError loading the state: {V2_STS}{PLEASE_ENSURE}\x1b[0m\x1b[0m\n", BACKEND, "InvalidClientTokenId"),
    ("1.11 plan, the bucket refuses", boxed(f"error loading state: {LISTING}"), BACKEND, "InvalidAccessKeyId"),
    ("1.11 init, the bucket refuses", boxed(f"Failed to get existing workspaces: {LISTING}"), BACKEND, "InvalidAccessKeyId"),
    ("1.11 workspace list, bare", f"\x1b[31m{LISTING}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("1.11 workspace list -no-color, bare", f"{LISTING}\n", BACKEND, "InvalidAccessKeyId"),
    ("1.11 workspace new, bare", f"\x1b[31mFailed to get configured named states: {LISTING}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("1.11 force-unlock, bare", f"\x1b[31mFailed to load state: {LISTING}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("1.11 output", plain(f"Failed to load state: {LISTING}"), BACKEND, "InvalidAccessKeyId"),
    ("the session of the backend is over", plain(f"Failed to load state: {S3_403}api error ExpiredToken: The provided token has expired."), BACKEND, "ExpiredToken"),
    ("a wrong secret", boxed(f"{VALIDATING}api error SignatureDoesNotMatch: The request signature we calculated does not match"), BACKEND, "SignatureDoesNotMatch"),
    ("key id and secret swapped", boxed(f"{VALIDATING}api error IncompleteSignature: Credential must have exactly 5 elements"), BACKEND, "IncompleteSignature"),
    ("a damaged token", boxed(f"Failed to load state: {S3_403}api error InvalidToken: The provided token is malformed"), BACKEND, "InvalidToken"),
    ("the lock table refuses", boxed("Error acquiring the state lock", detail=f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error UnrecognizedClientException: {INVALID}\n\nTerraform acquires a state lock to protect the state from being written."), LOCK, "UnrecognizedClientException"),
    ("the lock table, a wrong secret, wrapped within the phrase", plain("Error acquiring the state lock", detail=f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}{ID}, api error InvalidSignatureException: The request signature"), LOCK, "InvalidSignatureException"),
    ("SSO portal, without `api error`", boxed("No valid credential sources found", detail="Please see https://www.terraform.io/docs/language/settings/backends/s3.html\nfor more information.\n\nError: failed to refresh cached credentials, operation error SSO: GetRoleCredentials, https response error StatusCode: 401, RequestID: , UnauthorizedException: Session token not found or invalid"), BACKEND, "UnauthorizedException"),
    ("web identity, without `api error`", plain("Cannot assume IAM Role with web identity", detail=f"Error: operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400, RequestID: {ID}, ExpiredTokenException: Token expired"), BACKEND, "ExpiredTokenException"),
    ("web identity, wrong audience", plain("Cannot assume IAM Role with web identity", detail=f"Error: operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400, RequestID: {ID}, InvalidIdentityToken: Incorrect token audience"), BACKEND, "InvalidIdentityToken"),
    ("provider 5, boxed", boxed(f"Retrieving AWS account details: {V2_STS}", IN_PROVIDER), PROVIDER, "InvalidClientTokenId"),
    ("provider 5, -no-color", plain(f"Retrieving AWS account details: {V2_STS}", IN_PROVIDER), PROVIDER, "InvalidClientTokenId"),
    ("provider 5, a module's provider", plain(V2_STS, '  with module.net.provider["registry.terraform.io/hashicorp/aws"].west,'), PROVIDER, "InvalidClientTokenId"),
    ("provider 5 without a block", boxed(V2_STS, '  with provider["registry.terraform.io/hashicorp/aws"],\n  on <empty> line 0:\n  (source code not available)'), PROVIDER, "InvalidClientTokenId"),
    ("provider 5, a role, wrapped `api error⏎CODE`, an Error within the error", boxed("Cannot assume IAM Role", IN_PROVIDER, CANNOT_ASSUME), PROVIDER, "InvalidClientTokenId"),
    ("the same -no-color, where only the order tells whose it is", plain("Cannot assume IAM Role", IN_PROVIDER, CANNOT_ASSUME), PROVIDER, "InvalidClientTokenId"),
    ("a backend's role", boxed("Cannot assume IAM Role", "", CANNOT_ASSUME), BACKEND, "InvalidClientTokenId"),
    ("a data source", boxed(f"reading IAM Role (x): operation error IAM: GetRole, https response error StatusCode: 403, RequestID: {ID}, api error InvalidClientTokenId: {INVALID}", IN_DATA), RESOURCE, "InvalidClientTokenId"),
    ("a resource of EC2", boxed(f"creating EC2 VPC: operation error EC2: CreateVpc, https response error StatusCode: 401, RequestID: {ID}, api error AuthFailure: AWS was not able to validate the provided access credentials", IN_RESOURCE), RESOURCE, "AuthFailure"),
    ("a request that is too old", plain(f"reading EC2 VPC: operation error EC2: DescribeVpcs, https response error StatusCode: 400, RequestID: {ID}, api error RequestExpired: Request has expired.", IN_RESOURCE), RESOURCE, "RequestExpired"),
    ("an unsigned request", plain(f"reading: https response error StatusCode: 403, RequestID: {ID}, api error MissingAuthenticationToken: Request is missing Authentication Token", IN_RESOURCE), RESOURCE, "MissingAuthenticationToken"),
    ("a key with blanks and slashes, of a resource that has left the configuration", plain(f"deleting: {STS_403}api error ExpiredToken: {INVALID}", '  with aws_iam_user.u["a b/c"],'), RESOURCE, "ExpiredToken"),
    ("the backend's own error names `terraform`", boxed(V2_STS, '  on main.tf line 2, in terraform:\n   2:   backend "s3" {'), BACKEND, "InvalidClientTokenId"),
    ("an error of another kind comes first", boxed("Invalid reference", IN_RESOURCE, "A reference must name an attribute.") + boxed(f"reading: api error ExpiredToken: {INVALID}", IN_DATA), RESOURCE, "ExpiredToken"),
    ("a state that could not be saved after a resource failed", boxed("creating EC2 VPC: timeout", IN_RESOURCE) + boxed("Failed to save state", detail="Error saving state: failed to upload state: operation error S3: PutObject, api error ExpiredToken: The provided token has expired."), STATE, "ExpiredToken"),
    ("a warning stands before it", boxed("Deprecated Parameter", IN_PROVIDER, "Use it no more.", "Warning") + boxed(V2_STS), BACKEND, "InvalidClientTokenId"),
    ("-json plan, as recorded", f'{{"@level":"info","@message":"Terraform 1.11.4","@module":"terraform.ui","terraform":"1.11.4","type":"version","ui":"1.2"}}\n{json_line(V2_STS)}', BACKEND, "InvalidClientTokenId"),
    ("-json, a provider", json_line(V2_STS, "", 'provider["registry.terraform.io/hashicorp/aws"]', 'provider "aws"'), PROVIDER, "InvalidClientTokenId"),
    ("-json, a provider's role", json_line("Cannot assume IAM Role", CANNOT_ASSUME, 'provider["registry.terraform.io/hashicorp/aws"]', 'provider "aws"'), PROVIDER, "InvalidClientTokenId"),
    ("-json, a data source in a module", json_line(V2_STS, "", "module.a.data.aws_iam_role.r[0]", 'data "aws_iam_role" "r"'), RESOURCE, "InvalidClientTokenId"),
    ("-json behind what went to stderr", f"something of a plugin's\n{json_line(V2_STS)}", BACKEND, "InvalidClientTokenId"),
    ("0.12 plan, as recorded", f"\x1b[31m\n\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1merror using credentials to get account ID: {V1_STS}\x1b[0m\n\n\x1b[0m\x1b[0m\x1b[0m\n", BACKEND, "InvalidClientTokenId"),
    ("0.12 plan -no-color", plain(f"error using credentials to get account ID: {V1_STS}"), BACKEND, "InvalidClientTokenId"),
    ("0.12 state mv", f"\x1b[31mError loading the state: error using credentials to get account ID: {V1_STS}{PLEASE_ENSURE}\x1b[0m", BACKEND, "InvalidClientTokenId"),
    ("0.12 and 1.0 init, bare", f"\x1b[31mError refreshing state: {V1_S3}\x1b[0m\x1b[0m\n", STATE, "InvalidAccessKeyId"),
    ("0.12 and 1.0 plan, the bucket refuses", boxed(f"Error loading state: {V1_S3}"), BACKEND, "InvalidAccessKeyId"),
    ("0.12 and 1.0 state list, bare", f"\x1b[31mFailed to load state: {V1_S3}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("0.12 and 1.0 state rm, bare", f"\x1b[31mFailed to refresh state: {V1_S3}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("0.12 and 1.0 workspace new, nothing but the code", f"\x1b[31m{V1_S3}\x1b[0m\x1b[0m\n", BACKEND, "InvalidAccessKeyId"),
    ("1.0 plan, boxed", boxed(f"error configuring S3 Backend: error validating provider credentials: {V1_STS}"), BACKEND, "InvalidClientTokenId"),
    ("1.0 plan -no-color", plain(f"error configuring S3 Backend: error validating provider credentials: {V1_STS}"), BACKEND, "InvalidClientTokenId"),
    ("provider 2 on 0.12, as recorded", f'\x1b[31m\n\x1b[1m\x1b[31mError: \x1b[0m\x1b[0m\x1b[1merror configuring Terraform AWS Provider: error validating provider credentials: {V1_STS}\x1b[0m\n\n\x1b[0m  on main.tf line 1, in provider "aws":\n   1: provider "aws" \x1b[4m{{\x1b[0m\n\x1b[0m\n\x1b[0m\x1b[0m\n', PROVIDER, "InvalidClientTokenId"),
    ("provider 2 on 0.12, -no-color", plain(f"error configuring Terraform AWS Provider: {V1_STS}", IN_OLD_PROVIDER), PROVIDER, "InvalidClientTokenId"),
    ("provider 3 on 1.0", boxed(f"error configuring Terraform AWS Provider: error validating provider credentials: {V1_STS}", IN_PROVIDER), PROVIDER, "InvalidClientTokenId"),
    ("provider 2, a resource", plain(f"Error creating IAM User u: InvalidClientTokenId: {INVALID}\n\tstatus code: 403, request id: {ID}", '  on main.tf line 18, in resource "aws_iam_user" "u":\n  18: resource "aws_iam_user" "u" {'), RESOURCE, "InvalidClientTokenId"),
    ("provider 3, web identity, the cause on a line of its own", boxed("WebIdentityErr: failed to retrieve credentials\ncaused by: InvalidIdentityToken: No OpenIDConnect provider found\n\tstatus code: 400", IN_PROVIDER), PROVIDER, "InvalidIdentityToken"),
    ("several errors in one", plain(f"2 errors occurred:\n\t* ExpiredTokenException: {INVALID}\n\t* timeout", IN_RESOURCE), RESOURCE, "ExpiredTokenException"),
    ("nothing behind the code", plain("validating provider credentials: api error ExpiredToken:"), BACKEND, "ExpiredToken"),
    ("log lines before, within and behind", DEBUG + plain(V2_STS).replace("\n\n", f"\n\n{DEBUG}") + JSON_DEBUG, BACKEND, "InvalidClientTokenId"),
    ("a log line breaks into the box", boxed(V2_STS, IN_PROVIDER).replace("on main.tf", f"on main.tf line 1:\n{DEBUG}\x1b[31m│\x1b[0m   on main.tf"), PROVIDER, "InvalidClientTokenId"),
    ("cut off at the front, in the middle of a box", boxed("something else", IN_DATA)[30:] + boxed(V2_STS, IN_PROVIDER), PROVIDER, "InvalidClientTokenId"),
    ("cut off at the end, the box still open", boxed(V2_STS, IN_PROVIDER).rpartition("\x1b[31m╵")[0], PROVIDER, "InvalidClientTokenId"),
]  # fmt: skip


@pytest.mark.parametrize(("output", "scope", "code"), [pytest.param(*row[1:], id=row[0]) for row in FIRES])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_credential_failure_is_recognised_with_its_scope(output: str, scope: str, code: str, line_end: str) -> None:
    found = failure.recognise(output.replace("\n", line_end).encode())
    assert found is not None
    assert (found.scope, found.code) == (scope, code)
    assert code in found.message
    assert found.message == " ".join(found.message.split())
    assert "\x1b" not in found.message


@pytest.mark.parametrize("code", CREDENTIAL_CODES)
@pytest.mark.parametrize("form", [f"{VALIDATING}api error %s: {INVALID}", f"error calling sts: %s: {INVALID}"])
def test_every_code_of_the_table_is_known_in_the_words_of_both_sdks(code: str, form: str) -> None:
    found = failure.recognise(boxed(form % code).encode())
    assert found
    assert (found.scope, found.code) == (BACKEND, code)


def test_output_that_was_cut_within_a_character_is_still_read() -> None:
    whole = boxed("x" * 50, IN_DATA).encode() + boxed(V2_STS, IN_PROVIDER).encode()
    for start in range(8, 16):
        found = failure.recognise(whole[start:])
        assert found
        assert (found.scope, found.code) == (PROVIDER, "InvalidClientTokenId")


def test_bytes_that_are_no_text_are_read_past() -> None:
    found = failure.recognise(b"\xff\xfe\x00\x80" + plain(V2_STS).encode() + b"\xe2\x94")
    assert found
    assert found.code == "InvalidClientTokenId"


def test_the_first_of_several_is_the_one() -> None:
    output = boxed(V2_STS, IN_PROVIDER) + boxed(f"reading: api error ExpiredToken: {INVALID}", IN_DATA)
    found = failure.recognise(output.encode())
    assert found
    assert found.code == "InvalidClientTokenId"


def test_a_message_is_one_line_of_bounded_length() -> None:
    found = failure.recognise(plain(f"{V2_STS} {'and so on ' * 500}").encode())
    assert found
    assert len(found.message) <= 600


IN_VARIABLE = '  on main.tf line 3, in variable "v":\n   3: variable "v" {'
SNIPPET = '  on main.tf line 7, in resource "aws_vpc" "a":\n   7:   # %s: ask the platform team'
CRASH = f"""
Stack trace from the terraform-provider-aws_v5.100.0_x5 plugin:

panic: runtime error: invalid memory address or nil pointer dereference
	api error InvalidClientTokenId: {INVALID}
goroutine 74 [running]:
"""

SPARES = [
    ("nothing", ""),
    ("the code alone, in prose", plain("Your key gave InvalidClientTokenId, look it up")),
    ("a warning, boxed", boxed(V2_STS, IN_PROVIDER, kind="Warning")),
    ("a warning, -no-color", plain(V2_STS, IN_PROVIDER, kind="Warning")),
    ("a warning whose detail has the code", plain("Retrying", detail=f"api error ExpiredToken: {INVALID}", kind="Warning")),
    ("a warning of -json", json_line(V2_STS, severity="warning")),
    ("a warning of -json behind an error", plain("Invalid reference") + json_line(V2_STS, severity="warning")),
    ("plain output that names the code", "Look up InvalidClientTokenId: it is in the handbook\n"),
    ("an output value", 'Outputs:\n\nlast_error = "InvalidClientTokenId: The security token"\n'),
    ("an output value of many lines", f"Outputs:\n\nnotes = <<EOT\napi error InvalidClientTokenId: {INVALID}\nEOT\n"),
    ("an attribute in a plan", f'  ~ description = "old" -> "api error InvalidClientTokenId: {INVALID}"\n'),
    ("an output value in a box of another error", boxed("Invalid value", IN_VARIABLE, 'The value is "InvalidClientTokenId: x".')),
    ("a syntax error whose line quotes it", boxed("Invalid expression", SNIPPET % "InvalidClientTokenId", "Expected the start of an expression.")),
    ("a syntax error whose line quotes the whole message", plain("Invalid expression", SNIPPET % "api error InvalidClientTokenId", "Expected one.")),
    ("a description in quotation marks", plain("Invalid default", '  on v.tf line 1, in variable "v":\n   1:   description = "ExpiredToken: then log in"')),
    ("a debug line", DEBUG),
    ("a debug line of the old form", f"2024/05/01 10:00:00 [DEBUG] [aws-sdk-go] DEBUG: Validate Response sts/GetCallerIdentity failed, error InvalidClientTokenId: {INVALID}\n"),
    ("an error line of the log", f"2024/05/01 10:00:00 [ERROR] <root>: eval: *terraform.EvalSequence, err: InvalidClientTokenId: {INVALID}\n"),
    ("a debug line behind an error of another kind", plain("Invalid reference", IN_RESOURCE) + DEBUG),
    ("a log line as JSON", JSON_DEBUG),
    ("an error line of the log as JSON", JSON_DEBUG.replace("debug", "error")),
    ("an error line of the log as JSON behind another error", plain("Invalid reference") + JSON_DEBUG.replace("debug", "error")),
    ("the body of an answer in the log", plain("Invalid reference") + "  | <Error><Code>InvalidClientTokenId</Code></Error>\n"),
    ("a plugin's crash, -no-color", plain("Plugin did not respond", IN_PROVIDER, "The plugin encountered an error.") + CRASH),
    ("a plugin's crash behind a box, bare lines", boxed("Plugin did not respond", IN_PROVIDER) + f"goroutine 7: api error InvalidClientTokenId: {INVALID}\n"),
    ("what another program writes behind a box", boxed("Invalid reference", IN_RESOURCE) + f"hint: api error ExpiredToken: {INVALID}\n"),
    ("what another program writes into a box", boxed("Invalid reference", IN_RESOURCE).replace("\x1b[31m╵", f"api error ExpiredToken: {INVALID}\n\x1b[31m╵")),
    ("a person may not do it", boxed("reading: api error AccessDenied: User: arn:aws:iam::111111111111:user/u is not authorized", IN_DATA)),
    ("a person may not do it in EC2", plain("creating EC2 VPC: api error UnauthorizedOperation: You are not authorized", IN_RESOURCE)),
    ("an account without a subscription", plain("creating: api error OptInRequired: You are not subscribed", IN_RESOURCE)),
    ("a bucket that is not there", plain('Failed to get existing workspaces: S3 bucket "b" does not exist.')),
    ("a directory that was never initialised", boxed("Backend initialization required, please run \"terraform init\"", detail="Reason: Initial configuration of the requested backend \"s3\"")),
    ("a longer code that begins alike", plain("reading: api error InvalidTokenFormat: no", IN_DATA)),
    ("a longer code that ends alike", plain("reading: api error NotExpiredToken: no", IN_DATA)),
    ("another cloud's word behind a letter", plain("authorizer returned InvalidToken: x", IN_DATA)),
    ("an object key that looks like it", plain('reading S3 Object (errors/ExpiredToken:1): couldn\'t find resource', IN_DATA)),
    ("an AWS CLI of a local-exec", boxed("local-exec provisioner error", IN_RESOURCE, "Output: An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation")),
    ("a broken JSON line", '{"@level":"error","diagnostic":{"severity":"error","summary":"api error ExpiredToken: x"\n'),
    ("JSON of another program", json.dumps({"diagnostic": "api error ExpiredToken: x"}) + "\n"),
    ("JSON with members of the wrong type", json.dumps({"diagnostic": {"severity": "error", "snippet": 7, "summary": "ExpiredToken: x"}}) + "\n"),
    ("JSON that is no object", '["diagnostic", "api error ExpiredToken: x"]\n{}\n{"diagnostic": null}\n'),
    ("JSON nested without end", '{"diagnostic":' * 5000 + "\n"),
    ("tests that expect it", boxed("Test assertion failed", '  on t.tftest.hcl line 4, in run "r":\n   4:     condition = output.e == "ExpiredToken: x"')),
    ("too many requests", boxed(f"{VALIDATING}api error Throttling: Rate exceeded")),
    ("the state is locked", boxed("Error acquiring the state lock", detail="Error message: operation error S3: PutObject, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold\nLock Info:\n  ID: 1")),
    ("an interrupt", boxed("execution halted")),
    ("no network", boxed("validating provider credentials: operation error STS: GetCallerIdentity, request send failed, dial tcp: lookup sts.us-east-1.amazonaws.com: no such host")),
]  # fmt: skip


@pytest.mark.parametrize("output", [pytest.param(row[1], id=row[0]) for row in SPARES])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_what_is_no_credential_failure_is_not_taken_for_one(output: str, line_end: str) -> None:
    assert failure.recognise(output.replace("\n", line_end).encode()) is None


def test_lines_are_shown_without_colour_box_and_carriage_return() -> None:
    assert failure.plain_lines(boxed("Oh", detail="no").replace("\n", "\r\n").encode()) == [
        "", "Error: Oh", "", "no", "", "", "",
    ]  # fmt: skip


ALARMS = sorted((Path(__file__).parent / "false_alarms").glob("*.txt"))


@pytest.mark.parametrize("alarm", ALARMS, ids=lambda path: path.stem)
def test_another_failure_is_no_credential_failure(alarm: Path) -> None:
    """What 0.12.29, 1.0.3, 1.11.4 and 1.15.5 printed for failures of all other kinds, and AWS's in their form."""
    assert failure.recognise(alarm.read_bytes()) is None


def test_the_table_of_what_must_not_fire_is_the_longer_one() -> None:
    assert len(ALARMS) >= 60
    assert len(SPARES) + len(ALARMS) >= len(FIRES) + len(CREDENTIAL_CODES)


def test_a_quarter_megabyte_is_read_in_a_moment() -> None:
    import time

    for text in ("│ api error\n", "Error: x\n", "{\n", "a: " * 20 + "\n", "  with a" + "[" * 50 + ",\n"):
        output = (text * ((1 << 18) // len(text))).encode()
        started = time.process_time()
        failure.recognise(output)
        assert time.process_time() - started < 3
