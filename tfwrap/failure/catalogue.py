"""The catalogue of credential failures: a row for each text by which Terraform says that one happened.

A row's code is AWS's own, or where AWS gave none one of tfwrap's in the same style. Recorded with Terraform 0.12.29,
1.0.3, 1.11.4 and 1.15.5 and AWS provider 2.70, 3.39 and 5.100. Order matters: what AWS answered says more than what
the SDK made of it, and that more than the sentence that Terraform puts around it.
"""

from __future__ import annotations

import re

from tfwrap.failure.codes import CREDENTIAL_CODES, HIDDEN_CODES, REFUSAL_CODES
from tfwrap.failure.diagnostics import BACKEND, CLI, LOCK, PROVIDER, RESOURCE, STATE
from tfwrap.lean import NamedTuple

_CONFIGURING = (BACKEND, PROVIDER, LOCK, STATE, CLI)
_EVERYWHERE = (*_CONFIGURING, RESOURCE)
_THE_STATES = (BACKEND, LOCK, STATE)
# `api error CODE: ` in the SDK's second version, `CODE: ` in the first and in modelled errors.
_SAID = r"(?:\bapi error |^|[:,*-] |[(\[])"


class Row(NamedTuple):
    """A text and what it means: the code, where the pattern has no group `code`, and the scopes in which it counts."""

    code: str
    pattern: re.Pattern[str]
    scopes: tuple[str, ...] = _EVERYWHERE


class Fact(NamedTuple):
    """Something that a text names: the group `value` of the pattern."""

    name: str
    pattern: re.Pattern[str]


def _row(code: str, pattern: str, scopes: tuple[str, ...] = _EVERYWHERE) -> Row:
    return Row(code, re.compile(pattern, re.MULTILINE), scopes)


def _codes(codes: tuple[str, ...], scopes: tuple[str, ...], unless: str = "") -> Row:
    return _row("", rf"{_SAID}(?P<code>{'|'.join(codes)}):(?: |$){unless}", scopes)


ROWS = (
    # EC2 says AuthFailure also to those who may not use an image, and S3 to a header signed for another region.
    _codes(CREDENTIAL_CODES, _EVERYWHERE, "(?!Not authorized |Unauthorized attempt )"),
    _row("AuthorizationHeaderMalformed", rf"{_SAID}AuthorizationHeaderMalformed: .*?Credential is mal-?formed"),
    _codes(REFUSAL_CODES, _CONFIGURING),
    _codes(HIDDEN_CODES, _THE_STATES, "(?:Forbidden|Bad Request)"),
    # IAM Identity Center
    _row("SSOTokenMissing", r"failed to read cached SSO token file|SSOProviderInvalidToken: .* no such file"),
    _row("SSOTokenExpired", r"refresh cached SSO token failed|cached SSO token is expired|unable to refresh SSO token"),
    _row("SSOTokenExpired", r"the SSO session has expired or is invalid"),
    _row("SSOSessionNotFound", r"failed to find SSO session section, "),
    _row("SSOConfigurationIncomplete", r"is configured to use SSO but is missing required configuration: "),
    _row("LoginTokenMissing", r"failed to refresh cached credentials, load login token: "),
    # profiles
    _row("SourceProfileNotFound", r"failed to load assume role \S+, of profile |SharedConfigAssumeRoleError: "),
    _row("ProfileNotFound", r"(?:^Error: |: |, )failed to get shared config profile, "),
    _row("PartialCredentials", r"partial credentials found for profile "),
    _row("StaticCredentialsEmpty", r"(?:credentials|EmptyStaticCreds): static credentials are empty"),
    _row("MFARequired", r"assume role with MFA enabled, but AssumeRoleTokenProvider session option not set"),
    _row("ProcessProviderError", r"\bprocess provider error: |\bProcessProvider\w{2,20}Error: "),
    # the machine's own
    _row(
        "WebIdentityTokenUnreadable", r"failed to retrieve jwt from provide source|WebIdentityErr: unable to read file"
    ),
    _row("WebIdentityRoleMissing", r"(?:^Error: |WebIdentityErr: )role ARN is not set$"),
    _row("ContainerCredentialsError", r"failed to refresh cached credentials, failed to load credentials, "),
    _row("ContainerCredentialsError", r"invalid endpoint host, .{0,300}?, only loopback/ecs/eks hosts are allowed"),
    # what the keys may not be, or not be for
    _row("InvalidHeaderValue", r"invalid header field value .*\b(?:Authorization|X-Amz-Security-Token)\b"),
    _row("AccountNotAllowed", r"AWS [Aa]ccount ID not allowed: \d"),
    _row("MissingRegion", r"^Error: (?:Missing region value|\"region\": required field is not set$)", (BACKEND,)),
    _row("MissingRegion", r"^Error: invalid AWS Region: *$|^The argument \"region\" is required, but", (PROVIDER,)),
    # A HEAD that S3 refused; the provider says `couldn't find resource` where there is none (tried with 5.100).
    _row("EmptyResult", r"^Error: reading S3 Bucket \([^)]+\): empty result$", (RESOURCE,)),
    # Terraform's own sentences around an error that says no more
    _row("CannotAssumeRole", r"\b[Rr]ole [(\"]arn:\S+[)\"] cannot be assumed"),
    _row("NoCredentialSources", r"(?i:^Error: .{0,80}no valid credential sources )|\bNoCredentialProviders: "),
    _row("NoCredentialSources", r"failed to refresh cached credentials, |no EC2 IMDS role found"),
    _row("AccountUnknown", r"AWS account ID not previously found and failed retrieving via all available methods"),
    _row("ProfileOverridesEnvironment", r"A Profile was specified along with the environment variables "),
    # A directory that was never initialised is nothing that tfwrap could explain better.
    _row(
        "BackendChanged", r"^Reason: (?:Backend|State store) .*\bchanged\b|^Reason: Unsetting the previously ", (CLI,)
    ),
    _row("BackendChanged", r"^(?:Error: )?Backend reinitialization required\b.*Reason: .*\bchanged\b", (CLI,)),
    _row("BackendChanged", r"^Error: Backend configuration changed$", (CLI,)),
    _row("SavedBackendUnreadable", r"^Error: Failed to decode current backend config\b", (CLI,)),
)


def _fact(name: str, pattern: str) -> Fact:
    return Fact(name, re.compile(pattern, re.MULTILINE))


# What the diagnostic itself names.
FACTS = (
    _fact("operation", r"operation error (?P<value>\w+: \w+)"),
    _fact("operation", r"\bcalling (?P<value>\w+:\w+)"),
    _fact("status", r"(?:StatusCode|status code): (?P<value>\d{3})\b"),
    _fact("profile", r"shared config profile, (?P<value>[^\s,]+)"),
    _fact("profile", r"partial credentials found for profile (?:profile )?(?P<value>\S+)"),
    _fact("profile", r"profile \"(?P<value>[^\"]+)\" is configured to use SSO"),
    _fact("profile", r"source profile (?P<value>\S+) has no shared credentials"),
    _fact("sso_session", r"failed to find SSO session section, (?P<value>\S+)"),
    _fact("role_arn", r"(?P<value>arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]*[\w+=@/-])"),
    _fact("who", r"\bUser: (?P<value>arn:\S+) is not authorized"),
    _fact("action", r"not authorized to perform: (?P<value>[\w-]+:\w+)"),
    _fact("account", r"AWS [Aa]ccount ID not allowed: (?P<value>\d+)"),
    _fact("process", r"\b(?:process provider error|ProcessProvider\w{2,20}Error): (?P<value>.{1,200})"),
    _fact("path", r"\bopen (?P<value>/.*?|[A-Za-z]:\\.*?): "),
    _fact("path", r"unable to read file at (?P<value>\S+?):? "),
    _fact("bucket", r"in S3 bucket [\"'](?P<value>[^\"']+)"),
    _fact("key", r"Unable to access object \"(?P<value>[^\"]+)"),
    _fact("table", r"DynamoDB table [\"'](?P<value>[^\"']+)"),
    _fact("header", r"invalid header field value .*(?P<value>Authorization|X-Amz-Security-Token)\b"),
    _fact("reason", r"^Reason: (?P<value>.{1,200})"),
)
# What an apply that was cut off left behind; any diagnostic of the run may name it.
LEFT_BEHIND = (
    _fact("errored_state", r"to the file \"(?P<value>errored\.tfstate)\""),
    _fact("lock_id", r"\bLock Info: ID: (?P<value>[\w-]+)"),
    _fact("lock_id", r"\block ID \"(?P<value>[\w-]+)\""),
    _fact("lock_path", r"\bLock Info: .*?Path: (?P<value>\S.*?) Operation: "),
    _fact("lock_operation", r"\bLock Info: .*?Operation: (?P<value>\S+)"),
    _fact("lock_who", r"\bLock Info: .*?Who: (?P<value>\S.*?) Version: "),
    _fact("lock_created", r"\bLock Info: .*?Created: (?P<value>\S.*?)(?: Info:|$)"),
)
