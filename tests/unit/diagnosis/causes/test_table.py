"""For every cause at least two situations: the first cause that is named is the right one."""

# Rows of recorded text are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.boxes import boxed, plain
from tests.unit.diagnosis.causes.scene import (
    ACCOUNT,
    ASSUME,
    BACKEND,
    GONE,
    GOOD,
    ID,
    IN_DATA,
    IN_PROVIDER,
    NOT_KNOWN,
    OTHER,
    OTHER_ACCOUNT,
    PROVIDER,
    ROLE,
    SECRET,
    SESSION,
    STS,
    TOKEN,
    USER,
    Known,
    Scene,
    Sts,
    keys,
    nothing_found,
    profile,
    sts_says,
)
from tfwrap.diagnosis.causes import slugs

if TYPE_CHECKING:
    from pathlib import Path

REFRESH = "failed to refresh cached credentials, "
NO_ROLE = f"{REFRESH}no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled"
EXPIRED = "ExpiredToken: The security token included in the request is expired"
MISMATCH = "SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided."
SKEWED = "SignatureDoesNotMatch: Signature expired: 20261124T000000Z is now earlier than 20261124T050000Z (20261124T051500Z - 15 min.)"
WEB = f"operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400, RequestID: {ID}, "
CACHE = "/h/.aws/sso/cache/3947de8b16688092197fa616c34e01335f21d256.json"
HEAD = f'Unable to access object "k" in S3 bucket "b": operation error S3: HeadObject, https response error StatusCode: %s, RequestID: {ID}, HostID: h, api error '
LIST = f'error loading state: Unable to list objects in S3 bucket "b" with prefix "env:/": operation error S3: ListObjectsV2, https response error StatusCode: 403, RequestID: {ID}, HostID: h, api error '
DENIED = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
CANNOT = boxed(
    "Cannot assume IAM Role",
    "",
    f"IAM Role ({ROLE}) cannot be assumed.\n\nThere are a number of possible causes of this - the most common are:\n  * The role ARN is not valid\n\nError: {ASSUME}AccessDenied: {DENIED}",
)
SSO = "[profile s]\nsso_session = corp\nsso_account_id = 111111111111\nsso_role_name = r\n[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://made-up.awsapps.com/start\n"
MFA = f"[profile p]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::111111111111:mfa/u\n"
LOCK = f"Lock Info:\n  ID:        {ID}\n  Path:      b/k\n  Operation: OperationTypeApply\n  Who:       u@host\n  Version:   1.11.4\n  Created:   2026-11-24 04:05:06.5 +0000 UTC\n  Info:      \n"
NOT_SAVED = boxed(
    "Failed to save state",
    "",
    f"Error saving state: failed to upload state: operation error S3: PutObject, https response error StatusCode: 400, RequestID: {ID}, api error ExpiredToken: The provided token has expired.",
)
PERSIST = boxed(
    "Failed to persist state to backend",
    "",
    'The error shown above has prevented Terraform from writing the updated state\nto the configured backend. To allow for recovery, the state has been written\nto the file "errored.tfstate" in the current working directory.\n\nRunning "terraform apply" again at this point will create a forked state,\nmaking it harder to recover.',
)
RELEASING = boxed(
    "Error releasing the state lock",
    "",
    f"Error message: failed to retrieve lock info: operation error S3: GetObject\n\n{LOCK}",
)
CLOUD = 'terraform {\n  cloud {\n    organization = "o"\n    workspaces {\n      name = "w"\n    }\n  }\n}\n'
CHANGED = boxed(
    'Backend initialization required, please run "terraform init"',
    "",
    'Reason: Backend configuration block has changed\n\nThe "backend" is the interface that Terraform uses to store state.',
)
DATA_NOT_KNOWN = boxed(
    f"reading IAM Role (r): operation error IAM: GetRole, https response error StatusCode: 403, RequestID: {ID}, api error {NOT_KNOWN}",
    IN_DATA,
)
HEADER = 'validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 0, RequestID: , request send failed, Post "https://sts.us-east-1.amazonaws.com/": net/http: invalid header field value for "X-Amz-Security-Token"'
SAVED = {"access_key": GONE, "secret_key": SECRET}
AWS = Sts({GOOD: Known(), OTHER: Known(account=OTHER_ACCOUNT)})
IN_BAHRAIN = (BACKEND % "").replace("us-east-1", "me-south-1")
IN_BOTH = BACKEND % "" + PROVIDER % ""

ROWS: list[tuple[str, str, Scene]] = [
    (slugs.STALE_SAVED_BACKEND, "a saved key that is gone, another in the profile", Scene(sts_says(), saved=SAVED, credentials=profile("default"))),
    (slugs.STALE_SAVED_BACKEND, "a saved session that is over, keys in the environment", Scene(sts_says(EXPIRED), saved={**SAVED, "access_key": SESSION, "token": TOKEN}, environ=keys(GOOD), sts=Sts({GOOD: Known(), SESSION: Known(token=TOKEN, code="ExpiredToken")}))),
    (slugs.STALE_SAVED_BACKEND, "a saved profile that is gone", Scene(boxed("failed to get shared config profile, old"), saved={"profile": "old"}, credentials=profile("default"))),
    (slugs.STALE_SAVED_BACKEND, "offline", Scene(sts_says(), saved=SAVED, credentials=profile("default"), sts=None)),
    (slugs.SAVED_PLAN_CREDENTIALS, "apply of a plan with a key that is gone", Scene(sts_says(), planned=SAVED, words=("apply", "tfplan"), environ=keys(GOOD))),
    (slugs.SAVED_PLAN_CREDENTIALS, "the same key is saved by init as well", Scene(sts_says(), planned=SAVED, saved=SAVED, words=("apply", "tfplan"), environ=keys(GOOD))),
    (slugs.ENVIRONMENT_OVERRIDES_PROFILE, "old keys in the shell, AWS_PROFILE works", Scene(sts_says(), environ={**keys(), "AWS_PROFILE": "lab"}, credentials=profile("lab"))),
    (slugs.ENVIRONMENT_OVERRIDES_PROFILE, "a session that is over before the provider's good default profile", Scene(sts_says(EXPIRED, IN_PROVIDER), main=PROVIDER % "", environ={**keys(SESSION, token=TOKEN), "AWS_PROFILE": "lab"}, credentials=profile("lab"), sts=Sts({GOOD: Known(), SESSION: Known(token=TOKEN, code="ExpiredToken")}))),
    (slugs.DAMAGED_CREDENTIALS, "a line end in a token", Scene(boxed(HEADER), environ=keys(SESSION, token="made\nup"))),
    (slugs.DAMAGED_CREDENTIALS, "quotes within a block's key id", Scene(sts_says(), main=BACKEND % f'    access_key = "\'{GOOD}\'"\n    secret_key = "{SECRET}"\n')),
    (slugs.DAMAGED_CREDENTIALS, "a URL-encoded secret in a block", Scene(sts_says(MISMATCH), main=BACKEND % f'    access_key = "{GOOD}"\n    secret_key = "{SECRET.replace("/", "%2F")}"\n')),
    (slugs.SWAPPED_CREDENTIALS, "in the environment", Scene(sts_says("IncompleteSignature: Credential must have exactly 5 slash-delimited elements"), environ={"AWS_ACCESS_KEY_ID": SECRET, "AWS_SECRET_ACCESS_KEY": GOOD})),
    (slugs.SWAPPED_CREDENTIALS, "in a profile, at S3", Scene(boxed(LIST + "AuthorizationHeaderMalformed: The authorization header is malformed; the Credential is mal-formed; expecting it."), credentials=profile("default", SECRET, GOOD))),
    (slugs.PLACEHOLDER_CREDENTIALS, "AWS's own example in a profile", Scene(sts_says(), credentials=profile("default", "AKIAIOSFODNN7EXAMPLE"))),
    (slugs.PLACEHOLDER_CREDENTIALS, "a template that nobody filled in", Scene(sts_says(), environ=keys("<your-access-key>", "<your-secret-key>"))),
    (slugs.MISSING_SESSION_TOKEN, "in the environment", Scene(sts_says(), environ=keys(SESSION), sts=Sts({SESSION: Known(token=TOKEN)}))),
    (slugs.MISSING_SESSION_TOKEN, "in a profile, the provider", Scene(sts_says(place=IN_PROVIDER), main=PROVIDER % '  profile = "lab"\n', credentials=profile("lab", SESSION))),
    (slugs.STRAY_SESSION_TOKEN, "in a profile", Scene(sts_says(), credentials=profile("default", GOOD, token=TOKEN))),
    (slugs.STRAY_SESSION_TOKEN, "in the provider's block", Scene(sts_says(place=IN_PROVIDER), main=PROVIDER % f'  access_key = "{GOOD}"\n  secret_key = "{SECRET}"\n  token = "{TOKEN}"\n')),
    (slugs.UNKNOWN_ACCESS_KEY, "a deleted key in a saved profile, and nothing else is there", Scene(sts_says(), saved={"profile": "prod"}, credentials=profile("prod", GONE))),
    (slugs.UNKNOWN_ACCESS_KEY, "a deleted key in a saved profile, and [default] is there, which nobody named", Scene(sts_says(), saved={"profile": "prod"}, credentials=profile("prod", GONE) + profile("default"))),
    (slugs.STALE_SAVED_BACKEND, "a deleted key in a saved profile, and AWS_PROFILE names a good one", Scene(sts_says(), saved={"profile": "old"}, environ={"AWS_PROFILE": "new"}, credentials=profile("old", GONE) + profile("new"))),
    (slugs.UNKNOWN_ACCESS_KEY, "a deleted key in the environment", Scene(sts_says(), environ=keys())),
    (slugs.UNKNOWN_ACCESS_KEY, "a deleted key in a profile, at a data source", Scene(DATA_NOT_KNOWN, main=PROVIDER % "", credentials=profile("default", GONE))),
    (slugs.UNKNOWN_ACCESS_KEY, "the lock table does not know it", Scene(boxed("Error acquiring the state lock", "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error UnrecognizedClientException: The security token included in the request is invalid."), environ=keys())),
    (slugs.WRONG_SECRET, "in the environment", Scene(sts_says(MISMATCH), environ=keys(GOOD, "x" * 40))),
    (slugs.WRONG_SECRET, "in a profile, offline", Scene(sts_says(MISMATCH, IN_PROVIDER), main=PROVIDER % "", credentials=profile("default", GOOD, "x" * 40), sts=None)),
    (slugs.EXPIRED_SESSION, "in the environment", Scene(sts_says(EXPIRED), environ=keys(SESSION, token=TOKEN), sts=Sts({SESSION: Known(token=TOKEN, code="ExpiredToken")}))),
    (slugs.EXPIRED_SESSION, "of a role in a profile, at a data source", Scene(boxed(f"reading IAM Role (r): operation error IAM: GetRole, api error {EXPIRED}", IN_DATA), main=PROVIDER % "", credentials=profile("default", SESSION, token=TOKEN), sts=None)),
    (slugs.EXPIRED_SESSION, "a HEAD of S3's that hides it", Scene(boxed("Error refreshing state: " + HEAD % 400 + "BadRequest: Bad Request"), environ=keys(SESSION, token=TOKEN), sts=Sts({SESSION: Known(token=TOKEN, code="ExpiredToken")}))),
    (slugs.SSO_LOGIN_REQUIRED, "nobody has logged in", Scene(nothing_found(f"{REFRESH}failed to read cached SSO token file, open {CACHE}: no such file or directory"), config=SSO, environ={"AWS_PROFILE": "s"})),
    (slugs.SSO_LOGIN_REQUIRED, "the portal refuses the token, the provider", Scene(nothing_found(f"{REFRESH}operation error SSO: GetRoleCredentials, https response error StatusCode: 401, RequestID: , UnauthorizedException: Session token not found or invalid", IN_PROVIDER), main=PROVIDER % '  profile = "s"\n', config=SSO)),
    (slugs.PROFILE_NOT_FOUND, "a letter is wrong in AWS_PROFILE", Scene(boxed("failed to get shared config profile, lba"), environ={"AWS_PROFILE": "lba"}, credentials=profile("lab"))),
    (slugs.PROFILE_NOT_FOUND, "the source of a role", Scene(boxed(f"failed to load assume role {ROLE}, of profile gone, failed to get shared config profile, gone"), environ={"AWS_PROFILE": "p"}, config=f"[profile p]\nrole_arn = {ROLE}\nsource_profile = gone\n")),
    (slugs.PROFILE_INCOMPLETE, "half a pair", Scene(boxed("error fetching config from profile, h, Error using profile: \n 1, partial credentials found for profile profile h"), environ={"AWS_PROFILE": "h"}, credentials=f"[h]\naws_access_key_id = {GOOD}\n")),
    (slugs.PROFILE_INCOMPLETE, "the source of a role is there and has no keys, as aws-vault likes it", Scene(boxed(f"failed to load assume role {ROLE}, of profile base, <nil>"), environ={"AWS_PROFILE": "p"}, config=f"[profile p]\nrole_arn = {ROLE}\nsource_profile = base\n[profile base]\nregion = us-east-1\n")),
    (slugs.PROFILE_INCOMPLETE, "a session that is not there", Scene(boxed("failed to find SSO session section, corp"), environ={"AWS_PROFILE": "s"}, config=SSO.partition("[sso-session")[0])),
    (slugs.PARTIAL_CREDENTIALS, "a key id alone in the environment", Scene(nothing_found(NO_ROLE), environ={"AWS_ACCESS_KEY_ID": GOOD})),
    (slugs.PARTIAL_CREDENTIALS, "a key id alone in the block", Scene(boxed("retrieving credentials: static credentials are empty"), main=BACKEND % f'    access_key = "{GOOD}"\n')),
    (slugs.MFA_REQUIRED, "the backend", Scene(boxed("assume role with MFA enabled, but AssumeRoleTokenProvider session option not set."), environ={"AWS_PROFILE": "p"}, config=MFA, credentials=profile("base"))),
    (slugs.MFA_REQUIRED, "the provider, 1.0", Scene(plain("error configuring Terraform AWS Provider: Error creating AWS session: AssumeRoleTokenProviderNotSetError: assume role with MFA enabled, but AssumeRoleTokenProvider session option not set.", IN_PROVIDER), main=PROVIDER % '  profile = "p"\n', config=MFA, credentials=profile("base"))),
    (slugs.ASSUME_ROLE_DENIED, "of the backend's block", Scene(CANNOT, main=BACKEND % f'    assume_role = {{ role_arn = "{ROLE}" }}\n', environ=keys(GOOD))),
    (slugs.ASSUME_ROLE_DENIED, "of a profile, the provider", Scene(nothing_found(f"{REFRESH}{ASSUME}AccessDenied: {DENIED}", IN_PROVIDER), main=PROVIDER % '  profile = "p"\n', config=f"[profile p]\nrole_arn = {ROLE}\nsource_profile = base\n", credentials=profile("base"))),
    (slugs.WEB_IDENTITY_INVALID, "an audience that is not AWS's", Scene(nothing_found(f"{REFRESH}failed to retrieve credentials, {WEB}InvalidIdentityToken: Incorrect token audience"), environ={"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": ROLE})),
    (slugs.WEB_IDENTITY_INVALID, "a file that is not there", Scene(nothing_found(f"{REFRESH}failed to retrieve jwt from provide source, unable to read file at /nonexistent: open /nonexistent: no such file or directory", IN_PROVIDER), main=PROVIDER % "", environ={"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": ROLE})),
    (slugs.WEB_IDENTITY_INVALID, "a token that is over", Scene(nothing_found(f"{REFRESH}failed to retrieve credentials, {WEB}ExpiredTokenException: Token expired: current date/time 2 must be before the expiration date/time 1"), environ={"AWS_WEB_IDENTITY_TOKEN_FILE": "/nonexistent", "AWS_ROLE_ARN": ROLE})),
    (slugs.CREDENTIAL_PROCESS_FAILED, "it fails", Scene(nothing_found(f"{REFRESH}process provider error: error in credential_process: exit status 1"), environ={"AWS_PROFILE": "p"}, config="[profile p]\ncredential_process = false\n")),
    (slugs.CREDENTIAL_PROCESS_FAILED, "it writes something else, the provider", Scene(nothing_found(f"{REFRESH}process provider error: parse failed of process output: hello, error: invalid character", IN_PROVIDER), main=PROVIDER % '  profile = "p"\n', config="[profile p]\ncredential_process = echo hello\n")),
    (slugs.NO_CREDENTIALS, "nothing anywhere", Scene(nothing_found(NO_ROLE))),
    (slugs.NO_CREDENTIALS, "the provider, 0.12", Scene(plain("No valid credential sources found for AWS Provider.\n\tPlease see the documentation", IN_PROVIDER), main=PROVIDER % "")),
    (slugs.REGION_NOT_ENABLED, "the home region accepts the key", Scene(sts_says(), main=(BACKEND % "").replace("us-east-1", "me-south-1"), environ=keys(GOOD), sts=Sts({GOOD: Known(regions=("us-east-1",))}))),
    (slugs.UNKNOWN_ACCESS_KEY, "the home region does not answer", Scene(sts_says(), main=IN_BAHRAIN, environ=keys(GOOD), sts=Sts({GOOD: Known(regions=("us-east-1",))}, silent=("us-east-1",)))),
    (slugs.NEW_KEY_NOT_PROPAGATED, "of a process that has just made it", Scene(sts_says(), environ={"AWS_PROFILE": "p"}, config="[profile p]\ncredential_process = make-a-key\n")),
    (slugs.STATE_LEFT_BEHIND, "a lock that may not be let go", Scene(boxed("Error releasing the state lock", "", f"Error message: failed to delete the lock file: operation error S3: DeleteObject, https response error StatusCode: 403, RequestID: {ID}, api error AccessDenied: Access Denied\n{LOCK}"), words=("apply",), environ=keys(GOOD))),
    (slugs.DAMAGED_CREDENTIALS, "a key id in small letters", Scene(sts_says(), main=BACKEND % f'    access_key = "{GOOD.lower()}"\n    secret_key = "{SECRET}"\n')),
    (slugs.REGION_NOT_ENABLED, "AWS says so", Scene(boxed(f"{LIST}RegionDisabledException: STS is not activated in this region for account:111111111111."), main=(BACKEND % "").replace("us-east-1", "me-south-1"), environ=keys(GOOD))),
    (slugs.WRONG_PARTITION, "China accepts the key", Scene(sts_says(), environ=keys(GOOD), sts=Sts({GOOD: Known(regions=("cn-north-1",))}))),
    (slugs.WRONG_PARTITION, "GovCloud accepts the provider's", Scene(sts_says(place=IN_PROVIDER), main=PROVIDER % "", credentials=profile("default"), sts=Sts({GOOD: Known(regions=("us-gov-west-1",))}))),
    (slugs.CLOCK_SKEW, "AWS says so and dates its answer so", Scene(sts_says(SKEWED), environ=keys(GOOD), sts=Sts({GOOD: Known(code="SignatureDoesNotMatch", message="Signature expired: x")}, skew=20_000))),
    (slugs.CLOCK_SKEW, "at S3, offline", Scene(boxed(LIST + "RequestTimeTooSkewed: The difference between the request time and the current time is too large."), environ=keys(GOOD), sts=None)),
    (slugs.NEW_KEY_NOT_PROPAGATED, "STS accepts it a moment later", Scene(sts_says(), environ=keys(GOOD))),
    (slugs.NEW_KEY_NOT_PROPAGATED, "S3 did not know it, STS does", Scene(boxed(LIST + "InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records."), credentials=profile("default"))),
    (slugs.EMULATOR_CREDENTIALS, "LocalStack's test", Scene(sts_says(), environ=keys("test", "test"))),
    (slugs.EMULATOR_CREDENTIALS, "moto's, in the provider's block", Scene(sts_says(place=IN_PROVIDER), main=PROVIDER % '  access_key = "testing"\n  secret_key = "testing"\n')),
    (slugs.CONTAINER_CREDENTIALS, "a host that may not be asked", Scene(nothing_found(f"{REFRESH}invalid endpoint host, \"192.0.2.1\", only loopback/ecs/eks hosts are allowed"), environ={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/x"})),
    (slugs.CONTAINER_CREDENTIALS, "no answer, the provider", Scene(nothing_found(f"{REFRESH}failed to load credentials, exceeded maximum number of attempts, 3, request send failed", IN_PROVIDER), main=PROVIDER % "", environ={"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/x"})),
    (slugs.BACKEND_PROVIDER_MISMATCH, "the backend may not list the bucket of the provider's account", Scene(boxed(LIST + "AccessDenied: Access Denied"), main=IN_BOTH, environ=keys(GOOD), saved={"access_key": OTHER, "secret_key": SECRET})),
    (slugs.BACKEND_PROVIDER_MISMATCH, "a HEAD is refused, the accounts differ", Scene(boxed("Error refreshing state: " + HEAD % 403 + "Forbidden: Forbidden"), main=IN_BOTH, environ=keys(GOOD), saved={"access_key": OTHER, "secret_key": SECRET})),
    (slugs.ACCOUNT_NOT_ALLOWED, "the backend", Scene(boxed("Invalid account ID", "", f"AWS account ID not allowed: {ACCOUNT}"), main=BACKEND % f'    allowed_account_ids = ["{OTHER_ACCOUNT}"]\n', environ=keys(GOOD))),
    (slugs.ACCOUNT_NOT_ALLOWED, "the provider", Scene(boxed(f"AWS account ID not allowed: {ACCOUNT}", IN_PROVIDER), main=PROVIDER % f'  allowed_account_ids = ["{OTHER_ACCOUNT}"]\n', environ=keys(GOOD))),
    (slugs.ACCESS_DENIED, "listing the bucket", Scene(boxed(f"{LIST}AccessDenied: User: {USER} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::b"), environ=keys(GOOD))),
    (slugs.ACCESS_DENIED, "the lock table", Scene(boxed("Error acquiring the state lock", "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error AccessDeniedException: User: {USER} is not authorized to perform: dynamodb:PutItem on resource: t"), environ=keys(GOOD))),
    (slugs.BACKEND_CHANGED, "the block was changed", Scene(CHANGED, saved={"bucket": "another"}, environ=keys(GOOD))),
    (slugs.BACKEND_CHANGED, "the saved one cannot be decoded", Scene(boxed("Failed to decode current backend config", "", "The backend configuration created by the most recent run of \"terraform init\" could not be decoded: unsupported attribute. Run \"terraform init -reconfigure\"."), saved={}, environ=keys(GOOD))),
    (slugs.HIDDEN_S3_STATUS, "403, the key is good", Scene(boxed("Error refreshing state: " + HEAD % 403 + "Forbidden: Forbidden"), environ=keys(GOOD))),
    (slugs.HIDDEN_S3_STATUS, "400, nobody could be asked", Scene(boxed("Error refreshing state: " + HEAD % 400 + "BadRequest: Bad Request"), environ=keys(GOOD), sts=None)),
    (slugs.REMOTE_EXECUTION, "a cloud block, a good key here", Scene(sts_says(place=IN_PROVIDER), main=CLOUD + PROVIDER % "", environ=keys(GOOD))),
    (slugs.REMOTE_EXECUTION, "no key here at all", Scene(nothing_found(NO_ROLE, IN_PROVIDER), main=CLOUD + PROVIDER % "")),
    (slugs.STATE_LEFT_BEHIND, "a session that ended in the middle of an apply", Scene(NOT_SAVED + PERSIST + RELEASING, words=("apply",), environ=keys(SESSION, token=TOKEN), sts=Sts({SESSION: Known(token=TOKEN, code="ExpiredToken")}), files={"errored.tfstate": "{}"})),
    (slugs.STATE_LEFT_BEHIND, "only the lock is left", Scene(RELEASING, words=("apply",), environ=keys(GOOD))),
    (slugs.UNKNOWN, "a refusal that nothing explains", Scene(boxed(f"error loading state: {STS}MissingAuthenticationToken: Request is missing Authentication Token"), environ=keys(GOOD))),
    (slugs.UNKNOWN, "a region that is missing", Scene(boxed("Missing region value", "", 'The "region" attribute or the "AWS_REGION" or "AWS_DEFAULT_REGION" environment variables must be set.'), environ=keys(GOOD))),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "scene"), [pytest.param(row[0], row[2], id=f"{row[0]}: {row[1]}") for row in ROWS])
def test_the_first_cause_named_is_the_right_one(slug: str, scene: Scene, tmp_path: Path) -> None:
    found = scene.diagnose(tmp_path)
    assert found.cause == slug, found
    assert found.evidence
    assert all(found.evidence)
    assert found.remedies
    assert all(remedy.command or remedy.does for remedy in found.remedies)
    shown = repr(found)
    assert not [secret for secret in (SECRET, TOKEN, GONE, GOOD, OTHER, SESSION) if secret in shown]


def test_every_cause_has_at_least_two_situations() -> None:
    counted = {slug: [row[0] for row in ROWS].count(slug) for slug in slugs.EVERY}
    assert {slug: times for slug, times in counted.items() if times < 2} == {}


def test_of_several_providers_the_one_that_sts_rejects_is_looked_at(tmp_path: Path) -> None:
    """A data source does not say which provider it uses."""
    west = PROVIDER.replace('provider "aws" {', 'provider "aws" {\n  alias = "west"').partition("data ")[0]
    second = 'data "aws_iam_role" "s" {\n  provider = aws.west\n  name = "s"\n}\n'
    main = PROVIDER % "" + west % f'  access_key = "{GONE}"\n  secret_key = "{SECRET}"\n' + second
    asked: list[tuple[str, str]] = []
    scene = Scene(DATA_NOT_KNOWN, main=main, environ=keys(GOOD), sts=Sts({GOOD: Known()}, asked=asked))
    case = scene.case(tmp_path)
    assert case.consumer
    assert case.consumer.name == "provider.aws.west"
    assert len(asked) <= 8


def test_where_the_home_region_is_silent_nothing_is_certain(tmp_path: Path) -> None:
    """A region that accounts have to enable answers as if the key were unknown."""
    silent = Sts({GOOD: Known(regions=("us-east-1",))}, silent=("us-east-1",))
    found = Scene(sts_says(), main=IN_BAHRAIN, environ=keys(GOOD), sts=silent).diagnose(tmp_path)
    assert (found.cause, found.confidence) == (slugs.UNKNOWN_ACCESS_KEY, "likely")
    assert [(other.cause, other.confidence) for other in found.also] == [(slugs.REGION_NOT_ENABLED, "possible")]


def test_a_missing_region_is_not_said_to_be_a_rejection(tmp_path: Path) -> None:
    """AWS was never asked."""
    row = next(row[2] for row in ROWS if row[1] == "a region that is missing")
    found = row.diagnose(tmp_path)
    assert "rejected" not in found.title
    assert any("AWS_REGION" in remedy.command for remedy in found.remedies)


@pytest.mark.parametrize(
    ("reason", "saved", "options"),
    [
        pytest.param("Backend configuration block has changed", {"bucket": "another"}, ["-migrate-state", "-reconfigure"], id="another bucket"),
        pytest.param("Backend configuration block has changed", {"encrypt": True}, ["-reconfigure"], id="the same place"),
        pytest.param('Unsetting the previously set backend "s3"', {}, ["-migrate-state"], id="the block is gone"),
        pytest.param('Backend type changed from "local" to "s3"', {}, ["-migrate-state", "-reconfigure"], id="another type"),
    ],
)  # fmt: skip
def test_the_init_that_is_named_loses_no_state(
    reason: str, saved: dict[str, object], options: list[str], tmp_path: Path
) -> None:
    """`-reconfigure` points Terraform at the new place and leaves the state at the old one."""
    text = boxed('Backend initialization required: please run "terraform init"', "", f"Reason: {reason}\n\nThe")
    found = Scene(text, saved=saved, environ=keys(GOOD)).diagnose(tmp_path)
    assert found.cause == slugs.BACKEND_CHANGED
    assert [remedy.command.split()[-1] for remedy in found.remedies] == options


def test_of_several_steps_each_has_its_number_and_the_ids_are_filled_in(tmp_path: Path) -> None:
    named = NOT_SAVED + PERSIST + RELEASING
    found = Scene(
        named, words=("apply",), environ=keys(SESSION, token=TOKEN), files={"errored.tfstate": "{}"}
    ).diagnose(tmp_path)
    assert [remedy.step for remedy in found.remedies] == [1, 2, 3, 4]
    assert found.remedies[1].command == f"terraform force-unlock {ID}"
    assert "forked state" in "".join(found.evidence)


def test_what_the_evidence_says_is_not_said_again(tmp_path: Path) -> None:
    """Nor is what STS rejects called innocent."""
    for number, (_, _, scene) in enumerate(ROWS):
        found = scene.diagnose(tmp_path / str(number))
        assert not set(found.evidence) & set(found.checked)
        assert not [line for line in found.checked if "uses" in line and "STS answers" in line], found
