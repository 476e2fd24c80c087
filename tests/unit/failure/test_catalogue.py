"""Every row of the catalogue with the literal text that it is for, as recorded where a Terraform could be made to."""

# Rows of recorded text are easier to compare on one line.
# ruff: noqa: E501

from __future__ import annotations

import itertools
import re
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testing.fuzzing import fuzzed
from tests.unit.boxes import boxed, json_line, plain
from tfwrap.failure import failure
from tfwrap.failure.catalogue import FACTS, ROWS
from tfwrap.failure.codes import CREDENTIAL_CODES, HIDDEN_CODES, REFUSAL_CODES
from tfwrap.failure.failure import BACKEND, CLI, LOCK, PROVIDER, RESOURCE, STATE

ID = "efd9cc30-f3a6-4462-b29a-33510cae53e5"
ROLE = "arn:aws:iam::111111111111:role/x"
USER = "arn:aws:iam::111111111111:user/deployer"
DENIED = f"User: {USER} is not authorized to perform: sts:AssumeRole on resource: {ROLE}"
STS = f"operation error STS: GetCallerIdentity, https response error StatusCode: 403, RequestID: {ID}, "
ASSUME = f"operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: {ID}, "
WEB = f"operation error STS: AssumeRoleWithWebIdentity, https response error StatusCode: 400, RequestID: {ID}, "
HEAD = f"operation error S3: HeadObject, https response error StatusCode: %s, RequestID: {ID}, HostID: stand, "
LIST = (
    'Unable to list objects in S3 bucket "states" with prefix "env:/": operation error S3: ListObjectsV2, https response error StatusCode: %s, RequestID: '
    + ID
    + ", HostID: stand, "
)
SEE = "Please see https://developer.hashicorp.com/terraform/language/backend/s3\nfor more information about providing credentials.\n\nError: "
REFRESH = f"{SEE}failed to refresh cached credentials, "
NOT_FOUND = "No valid credential sources found"
V1 = "error configuring S3 Backend: "
V1_NOT_FOUND = f"{V1}no valid credential sources for S3 Backend found."
V1_SEE = "Please see https://www.terraform.io/docs/language/settings/backends/s3.html\nfor more information about providing credentials.\n\nError: "
OLD_NOT_FOUND = "No valid credential sources found for AWS Provider.\n\tPlease see https://terraform.io/docs/providers/aws/index.html for more information on\n\tproviding credentials for the AWS Provider"
CACHE = "/h/.aws/sso/cache/3947de8b16688092197fa616c34e01335f21d256.json"
CAUSES = "There are a number of possible causes of this - the most common are:\n  * The credentials used in order to assume the role are invalid\n  * The role ARN is not valid\n\nError: "
CANNOT = f"IAM Role ({ROLE}) cannot be assumed.\n\n{CAUSES}"
CANNOT_WEB = f"IAM Role ({ROLE}) cannot be assumed with web identity token.\n\n{CAUSES}"
IN_PROVIDER = '  with provider["registry.terraform.io/hashicorp/aws"],\n  on main.tf line 1, in provider "aws":\n   1: provider "aws" {'
IN_OLD_PROVIDER = '  on main.tf line 1, in provider "aws":\n   1: provider "aws" {'
IN_TERRAFORM = '  on main.tf line 2, in terraform:\n   2:   backend "s3" {'
IN_BUCKET = (
    '  with data.aws_s3_bucket.b,\n  on main.tf line 8, in data "aws_s3_bucket" "b":\n   8: data "aws_s3_bucket" "b" {'
)
IN_ROLE = (
    '  with data.aws_iam_role.r,\n  on main.tf line 8, in data "aws_iam_role" "r":\n   8: data "aws_iam_role" "r" {'
)
ACQUIRING = "Error acquiring the state lock"
LOCK_ADVICE = (
    "\n\nTerraform acquires a state lock to protect the state from being written\nby multiple users at the same time."
)
LOCK_INFO = f"Lock Info:\n  ID:        {ID}\n  Path:      states/k\n  Operation: OperationTypeApply\n  Who:       u@host\n  Version:   1.11.4\n  Created:   2026-11-24 04:05:06.583801915 +0000 UTC\n  Info:      \n"
REQUIRED = 'Backend initialization required%s please run "terraform init"'
THE_BACKEND_IS = '\n\nThe "backend" is the interface that Terraform uses to store state,\nperform operations, etc.'
NO_ACCOUNT = f"AWS account ID not previously found and failed retrieving via all available methods. See https://www.terraform.io/docs/providers/aws/index.html#skip_requesting_account_id for workaround and implications. Errors: 2 errors occurred:\n\t* retrieving caller identity from STS: {STS}"
PERSIST = 'The error shown above has prevented Terraform from writing the updated state\nto the configured backend. To allow for recovery, the state has been written\nto the file "errored.tfstate" in the current working directory.\n\nRunning "terraform apply" again at this point will create a forked state,\nmaking it harder to recover.\n\nTo retry writing this state, use the following command:\n    terraform state push errored.tfstate'

# what, summary, place, detail, scope, code, some of the facts
TEXTS = [
    ("STS rejects the backend", f"validating provider credentials: retrieving caller identity from STS: {STS}api error InvalidClientTokenId: The security token included in the request is invalid.", "", "", BACKEND, "InvalidClientTokenId", {"operation": "STS: GetCallerIdentity", "status": "403"}),
    ("STS rejects the provider", f"Retrieving AWS account details: validating provider credentials: retrieving caller identity from STS: {STS}api error ExpiredToken: The security token included in the request is expired", IN_PROVIDER, "", PROVIDER, "ExpiredToken", {}),
    ("STS rejects, 0.12", f"error using credentials to get account ID: error calling sts:GetCallerIdentity: InvalidClientTokenId: The security token included in the request is invalid.\n\tstatus code: 403, request id: {ID}", "", "", BACKEND, "InvalidClientTokenId", {"operation": "sts:GetCallerIdentity", "status": "403"}),
    ("STS rejects, 1.0", f"{V1}error validating provider credentials: error calling sts:GetCallerIdentity: SignatureDoesNotMatch: The request signature we calculated does not match\n\tstatus code: 403, request id: {ID}", "", "", BACKEND, "SignatureDoesNotMatch", {}),
    ("a clock, at S3", LIST % 403 + "api error RequestTimeTooSkewed: The difference between the request time and the current time is too large.", "", "", BACKEND, "RequestTimeTooSkewed", {"bucket": "states"}),
    ("skip_credentials_validation", f"Retrieving AWS account details: {NO_ACCOUNT}api error InvalidClientTokenId: The security token", "", "", BACKEND, "InvalidClientTokenId", {}),
    ("no account, no code", f"Retrieving AWS account details: {NO_ACCOUNT}request failed", "", "", BACKEND, "AccountUnknown", {}),
    ("key id and secret swapped, at S3", LIST % 400 + 'api error AuthorizationHeaderMalformed: The authorization header is malformed; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".', "", "", BACKEND, "AuthorizationHeaderMalformed", {}),
    ("nothing found", NOT_FOUND, "", f'{REFRESH}no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled to EC2 IMDS via client option, or "AWS_EC2_METADATA_DISABLED" environment variable', BACKEND, "NoCredentialSources", {}),
    ("nothing found for the provider", NOT_FOUND, IN_PROVIDER, f"{REFRESH}no EC2 IMDS role found, operation error ec2imds: GetMetadata, request canceled", PROVIDER, "NoCredentialSources", {}),
    ("nothing found, at a resource", "reading IAM Role (r): operation error IAM: GetRole, get identity: get credentials: failed to refresh cached credentials, no EC2 IMDS role found", IN_ROLE, "", RESOURCE, "NoCredentialSources", {}),
    ("nothing found, 0.12", OLD_NOT_FOUND, "", "", BACKEND, "NoCredentialSources", {}),
    ("nothing found, provider 2", OLD_NOT_FOUND, IN_OLD_PROVIDER, "", PROVIDER, "NoCredentialSources", {}),
    ("nothing found, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}NoCredentialProviders: no valid providers in chain. Deprecated.\n\tFor verbose messaging see aws.Config.CredentialsChainVerboseErrors", BACKEND, "NoCredentialSources", {}),
    ("nothing found, provider 3", "error configuring Terraform AWS Provider: no valid credential sources for Terraform AWS Provider found.", IN_PROVIDER, f"{V1_SEE}NoCredentialProviders: no valid providers in chain. Deprecated.", PROVIDER, "NoCredentialSources", {}),
    ("profile missing", "failed to get shared config profile, nowhere", "", "", BACKEND, "ProfileNotFound", {"profile": "nowhere"}),
    ("profile missing, with keys in the block", "loading configuration: failed to get shared config profile, nowhere", "", "", BACKEND, "ProfileNotFound", {"profile": "nowhere"}),
    ("profile missing, provider", "failed to get shared config profile, nowhere", IN_PROVIDER, "", PROVIDER, "ProfileNotFound", {"profile": "nowhere"}),
    ("bad source_profile", f"failed to load assume role {ROLE}, of profile gone, failed to get shared config profile, gone", "", "", BACKEND, "SourceProfileNotFound", {"profile": "gone", "role_arn": ROLE}),
    ("bad source_profile, 1.0", f"{V1}Error creating AWS session: SharedConfigAssumeRoleError: failed to load assume role for {ROLE}, source profile gone has no shared credentials", "", "", BACKEND, "SourceProfileNotFound", {"profile": "gone", "role_arn": ROLE}),
    ("half a pair in a profile", "error fetching config from profile, h, Error using profile: \n 1, partial credentials found for profile profile h", "", "", BACKEND, "PartialCredentials", {"profile": "h"}),
    ("half a pair in the block", "retrieving credentials: static credentials are empty", "", "", BACKEND, "StaticCredentialsEmpty", {}),
    ("credential_source without keys", NOT_FOUND, "", f"{REFRESH}operation error STS: AssumeRole, get identity: get credentials: static credentials are empty", BACKEND, "StaticCredentialsEmpty", {}),
    ("credential_source without keys, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}EmptyStaticCreds: static credentials are empty", BACKEND, "StaticCredentialsEmpty", {}),
    ("sso-session, no token", NOT_FOUND, "", f"{REFRESH}failed to read cached SSO token file, open {CACHE}: no such file or directory", BACKEND, "SSOTokenMissing", {"path": CACHE}),
    ("sso-session, expired", NOT_FOUND, "", f"{REFRESH}refresh cached SSO token failed, cached SSO token is expired, or not present, and cannot be refreshed", BACKEND, "SSOTokenExpired", {}),
    ("sso-session, not refreshed", NOT_FOUND, "", f"{REFRESH}refresh cached SSO token failed, unable to refresh SSO token, operation error SSO OIDC: CreateToken, https response error StatusCode: 400, RequestID: {ID}, InvalidGrantException: Invalid refresh token provided", BACKEND, "InvalidGrantException", {}),
    ("legacy SSO, no token", NOT_FOUND, "", f"{REFRESH}the SSO session has expired or is invalid: failed to read cached SSO token file, open {CACHE}: no such file or directory", BACKEND, "SSOTokenMissing", {"path": CACHE}),
    ("legacy SSO, expired", NOT_FOUND, "", f"{REFRESH}the SSO session has expired or is invalid", BACKEND, "SSOTokenExpired", {}),
    ("legacy SSO, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}SSOProviderInvalidToken: the SSO session has expired or is invalid\ncaused by: open {CACHE}: no such file or directory", BACKEND, "SSOTokenMissing", {"path": CACHE}),
    ("legacy SSO, 1.0, expired", V1_NOT_FOUND, "", f"{V1_SEE}SSOProviderInvalidToken: the SSO session has expired or is invalid", BACKEND, "SSOTokenExpired", {}),
    ("SSO portal 401", NOT_FOUND, "", f"{REFRESH}operation error SSO: GetRoleCredentials, https response error StatusCode: 401, RequestID: , UnauthorizedException: Session token not found or invalid", BACKEND, "UnauthorizedException", {"operation": "SSO: GetRoleCredentials", "status": "401"}),
    ("SSO portal 403", NOT_FOUND, "", f"{REFRESH}operation error SSO: GetRoleCredentials, https response error StatusCode: 403, RequestID: {ID}, ForbiddenException: No access", BACKEND, "ForbiddenException", {}),
    ("sso-session that is not there", "failed to find SSO session section, zz", "", "", BACKEND, "SSOSessionNotFound", {"sso_session": "zz"}),
    ("sso-session on 0.15 to 1.5", f'{V1}Error creating AWS session: profile "s" is configured to use SSO but is missing required configuration: sso_region, sso_start_url', "", "", BACKEND, "SSOConfigurationIncomplete", {"profile": "s"}),
    ("aws login, no token, 1.15", NOT_FOUND, "", f"{REFRESH}load login token: token file not found, please reauthenticate", BACKEND, "LoginTokenMissing", {}),
    ("credential_process fails", NOT_FOUND, "", f"{REFRESH}process provider error: error in credential_process: exit status 1", BACKEND, "ProcessProviderError", {"process": "error in credential_process: exit status 1"}),
    ("credential_process writes no JSON", NOT_FOUND, "", f"{REFRESH}process provider error: parse failed of process output: hello\n, error: invalid character 'h' looking for beginning of value", BACKEND, "ProcessProviderError", {}),
    ("credential_process, another version", NOT_FOUND, IN_PROVIDER, f"{REFRESH}process provider error: wrong version in process output (not 1)", PROVIDER, "ProcessProviderError", {}),
    ("credential_process, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}ProcessProviderExecutionError: error in credential_process\ncaused by: exit status 127", BACKEND, "ProcessProviderError", {"process": "error in credential_process caused by: exit status 127"}),
    ("credential_process without keys, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}ProcessProviderRequiredError: missing AccessKeyId in process output", BACKEND, "ProcessProviderError", {}),
    ("MFA profile", "assume role with MFA enabled, but AssumeRoleTokenProvider session option not set.", "", "", BACKEND, "MFARequired", {}),
    ("MFA profile, 1.0", f"{V1}Error creating AWS session: AssumeRoleTokenProviderNotSetError: assume role with MFA enabled, but AssumeRoleTokenProvider session option not set.", "", "", BACKEND, "MFARequired", {}),
    ("assume_role denied", "Cannot assume IAM Role", "", f"{CANNOT}{ASSUME}api error AccessDenied: {DENIED}", BACKEND, "AccessDenied", {"role_arn": ROLE, "who": USER, "action": "sts:AssumeRole"}),
    ("assume_role denied, provider", "Cannot assume IAM Role", IN_PROVIDER, f"{CANNOT}{ASSUME}api error AccessDenied: {DENIED}", PROVIDER, "AccessDenied", {"role_arn": ROLE, "who": USER}),
    ("assume_role of a profile denied", NOT_FOUND, "", f"{REFRESH}{ASSUME}api error AccessDenied: {DENIED}", BACKEND, "AccessDenied", {"role_arn": ROLE}),
    ("assume_role, no word why", "Cannot assume IAM Role", "", f"{CANNOT}operation error STS: AssumeRole, request send failed", BACKEND, "CannotAssumeRole", {"role_arn": ROLE}),
    ("assume_role, 0.12", f'The role "{ROLE}" cannot be assumed.\n\n  There are a number of possible causes of this - the most common are:\n    * The role ARN is not valid', "", "", BACKEND, "CannotAssumeRole", {"role_arn": ROLE}),
    ("assume_role, 1.0", f"{V1}{CANNOT}NoCredentialProviders: no valid providers in chain. Deprecated.", "", "", BACKEND, "CannotAssumeRole", {"role_arn": ROLE}),
    ("web identity, argument", "Cannot assume IAM Role with web identity", "", f"{CANNOT_WEB}failed to retrieve credentials, {WEB}InvalidIdentityToken: The ID Token provided is not a valid JWT.", BACKEND, "InvalidIdentityToken", {"role_arn": ROLE}),
    ("web identity, token over", NOT_FOUND, "", f"{REFRESH}failed to retrieve credentials, {WEB}ExpiredTokenException: Token expired: current date/time 1795492829 must be before the expiration date/time 1", BACKEND, "ExpiredTokenException", {}),
    ("web identity, rejected claim", NOT_FOUND, "", f"{REFRESH}failed to retrieve credentials, {WEB}IDPRejectedClaim: Not authorized", BACKEND, "IDPRejectedClaim", {}),
    ("web identity, no file", NOT_FOUND, "", f"{REFRESH}failed to retrieve jwt from provide source, unable to read file at /no/token: open /no/token: no such file or directory", BACKEND, "WebIdentityTokenUnreadable", {"path": "/no/token"}),
    ("web identity, no file, 1.0", V1_NOT_FOUND, "", f"{V1_SEE}WebIdentityErr: failed fetching WebIdentity token: \ncaused by: WebIdentityErr: unable to read file at /no/token\ncaused by: open /no/token: no such file or directory", BACKEND, "WebIdentityTokenUnreadable", {"path": "/no/token"}),
    ("web identity, no role", "role ARN is not set", "", "", BACKEND, "WebIdentityRoleMissing", {}),
    ("web identity, no role, 0.12", "error creating EC2 Metadata session: WebIdentityErr: role ARN is not set", "", "", BACKEND, "WebIdentityRoleMissing", {}),
    ("container, no answer", NOT_FOUND, "", f'{REFRESH}failed to load credentials, exceeded maximum number of attempts, 3, request send failed, Get "http://127.0.0.1:9/x": dial tcp 127.0.0.1:9: connect: connection refused', BACKEND, "ContainerCredentialsError", {}),
    ("container, a host of its own", 'invalid endpoint host, "10.1.2.3", only loopback/ecs/eks hosts are allowed', "", "", BACKEND, "ContainerCredentialsError", {}),
    ("a profile and keys of the environment", f"{NOT_FOUND}", IN_PROVIDER, 'A Profile was specified along with the environment variables "AWS_ACCESS_KEY_ID" and "AWS_SECRET_ACCESS_KEY". The Profile is now used instead of the environment variable credentials.\n\nAWS Error: profile is empty', PROVIDER, "NoCredentialSources", {}),
    ("a profile and keys of the environment, another summary", "configuring the provider", IN_PROVIDER, 'A Profile was specified along with the environment variables "AWS_ACCESS_KEY_ID" and "AWS_SECRET_ACCESS_KEY".', PROVIDER, "ProfileOverridesEnvironment", {}),
    ("a line end in the key id", f"validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, decomposing request: {'net/http'}: invalid header field value for \"Authorization\"", "", "", BACKEND, "InvalidHeaderValue", {"header": "Authorization"}),
    ("a line end in the token", 'operation error STS: GetCallerIdentity, decomposing request: net/http: invalid header field value for "X-Amz-Security-Token"', "", "", BACKEND, "InvalidHeaderValue", {"header": "X-Amz-Security-Token"}),
    ("a line end in the key id, 1.0", f'{V1}error validating provider credentials: error calling sts:GetCallerIdentity: RequestError: send request failed\ncaused by: Post "https://sts.amazonaws.com/": net/http: invalid header field value "AWS4-HMAC-SHA256 Credential=AKIAMADEUPBYATEST000\\n/20261124/us-east-1/sts/aws4_request, Signature=00ff" for key Authorization', "", "", BACKEND, "InvalidHeaderValue", {"header": "Authorization"}),
    ("wrong account, backend", "Invalid account ID", "", "AWS account ID not allowed: 111111111111", BACKEND, "AccountNotAllowed", {"account": "111111111111"}),
    ("wrong account, provider", "AWS account ID not allowed: 111111111111", IN_PROVIDER, "", PROVIDER, "AccountNotAllowed", {"account": "111111111111"}),
    ("wrong account, provider 2", "AWS Account ID not allowed: 111111111111", IN_OLD_PROVIDER, "", PROVIDER, "AccountNotAllowed", {"account": "111111111111"}),
    ("no region", "Missing region value", IN_TERRAFORM, 'The "region" attribute or the "AWS_REGION" or "AWS_DEFAULT_REGION" environment variables must be set.', BACKEND, "MissingRegion", {}),
    ("no region, 0.12 and 1.0", '"region": required field is not set', "", "", BACKEND, "MissingRegion", {}),
    ("no region, provider", "invalid AWS Region: ", IN_PROVIDER, "", PROVIDER, "MissingRegion", {}),
    ("no region, provider 3", "Missing required argument", IN_PROVIDER, 'The argument "region" is required, but no definition was found.', PROVIDER, "MissingRegion", {}),
    ("S3 list, init", "Failed to get existing workspaces: " + LIST % 400 + "api error ExpiredToken: The provided token has expired.", "", "", BACKEND, "ExpiredToken", {"bucket": "states", "status": "400"}),
    ("S3 list, plan", "error loading state: " + LIST % 403 + "api error InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.", "", "", BACKEND, "InvalidAccessKeyId", {}),
    ("S3 list, plan on 1.15", LIST % 403 + "api error SignatureDoesNotMatch: The request signature we calculated", "", "", BACKEND, "SignatureDoesNotMatch", {}),
    ("S3 list, output", "Failed to load state: " + LIST % 403 + "api error AccessDenied: Access Denied", "", "", BACKEND, "AccessDenied", {}),
    ("S3 list, plan on 1.0", f"Error loading state: ExpiredToken: The provided token has expired.\n\tstatus code: 400, request id: {ID}, host id: stand", "", "", BACKEND, "ExpiredToken", {}),
    ("state read, HEAD", "Error refreshing state: Unable to access object \"k\" in S3 bucket \"b\": " + HEAD % 403 + "api error Forbidden: Forbidden", "", "", STATE, "Forbidden", {"key": "k", "bucket": "b", "status": "403"}),
    ("state read, HEAD, the session is over", "Error refreshing state: Unable to access object \"k\" in S3 bucket \"b\": " + HEAD % 400 + "api error BadRequest: Bad Request", "", "", STATE, "BadRequest", {"status": "400"}),
    ("state read, HEAD, in the detail", "Error refreshing state", "", 'Unable to access object "k" in S3 bucket "b": ' + HEAD % 403 + "api error Forbidden: Forbidden", STATE, "Forbidden", {}),
    ("STS is off in the region", f"validating provider credentials: {STS}api error RegionDisabledException: STS is not activated in this region", "", "", BACKEND, "RegionDisabledException", {}),
    ("a region not opted in", f"validating provider credentials: {STS}api error OptInRequired: You are not subscribed to this service.", IN_PROVIDER, "", PROVIDER, "OptInRequired", {}),
    ("lock table, unknown key", ACQUIRING, "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error UnrecognizedClientException: The security token included in the request is invalid.{LOCK_ADVICE}", LOCK, "UnrecognizedClientException", {"operation": "DynamoDB: PutItem"}),
    ("lock table, the session is over", ACQUIRING, "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error ExpiredTokenException: The security token included in the request is expired{LOCK_ADVICE}", LOCK, "ExpiredTokenException", {}),
    ("lock table, wrong secret", ACQUIRING, "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error InvalidSignatureException: The request signature we calculated does not match{LOCK_ADVICE}", LOCK, "InvalidSignatureException", {}),
    ("lock table, 1.0", ACQUIRING, "", f"Error message: 2 errors occurred:\n\t* UnrecognizedClientException: The security token included in the request is\ninvalid.\n\tstatus code: 400, request id: {ID}\n\t* UnrecognizedClientException: The security token included in the request is\ninvalid.", LOCK, "UnrecognizedClientException", {}),
    ("lock table, denied", ACQUIRING, "", f"Error message: operation error DynamoDB: PutItem, https response error StatusCode: 400, RequestID: {ID}, api error AccessDeniedException: User: {USER} is not authorized to perform: dynamodb:PutItem{LOCK_ADVICE}", LOCK, "AccessDeniedException", {"action": "dynamodb:PutItem"}),
    ("resource", f"reading IAM Role (r): operation error IAM: GetRole, https response error StatusCode: 403, RequestID: {ID}, api error InvalidClientTokenId: The security token included in the request is invalid.", IN_ROLE, "", RESOURCE, "InvalidClientTokenId", {"operation": "IAM: GetRole"}),
    ("resource, provider 2", f"Error reading IAM Role r: ExpiredToken: The security token included in the request is expired\n\tstatus code: 403, request id: {ID}", '  on main.tf line 8, in data "aws_iam_role" "r":\n   8: data "aws_iam_role" "r" {', "", RESOURCE, "ExpiredToken", {}),
    ("an S3 bucket by HEAD", "reading S3 Bucket (here): empty result", IN_BUCKET, "", RESOURCE, "EmptyResult", {}),
    ("state not saved", "Failed to save state", "", f"Error saving state: failed to upload state: operation error S3: PutObject, https response error StatusCode: 400, RequestID: {ID}, HostID: stand, api error ExpiredToken: The provided token has expired.", STATE, "ExpiredToken", {}),
    ("state not saved, HEAD", "Failed to save state", "", "Error saving state: failed to upload state: " + HEAD % 400 + "api error BadRequest: Bad Request", STATE, "BadRequest", {}),
    ("backend changed", REQUIRED % ":", "", f"Reason: Backend configuration block has changed{THE_BACKEND_IS}", CLI, "BackendChanged", {"reason": "Backend configuration block has changed"}),
    ("backend changed, 1.15", REQUIRED % ",", "", f"Reason: Backend configuration block has changed{THE_BACKEND_IS}", CLI, "BackendChanged", {}),
    ("backend changed, 1.0", REQUIRED % ",", "", f'Reason: Backend configuration changed for "s3"{THE_BACKEND_IS}', CLI, "BackendChanged", {}),
    ("backend of another type", REQUIRED % ":", "", f'Reason: Backend type changed from "s3" to "local"{THE_BACKEND_IS}', CLI, "BackendChanged", {}),
    ("backend block gone", REQUIRED % ",", "", f'Reason: Unsetting the previously set backend "s3"{THE_BACKEND_IS}', CLI, "BackendChanged", {}),
    ("backend changed, tofu", 'Backend initialization required, please run "tofu init"', "", f"Reason: Backend configuration block has changed{THE_BACKEND_IS}", CLI, "BackendChanged", {}),
    ("state store changed, 1.15", 'State store initialization required, please run "terraform init"', "", "Reason: State store configuration has changed", CLI, "BackendChanged", {}),
    ("backend changed, at init", "Backend configuration changed", "", "A change in the backend configuration has been detected, which may require\nmigrating existing state.", CLI, "BackendChanged", {}),
    ("saved backend unreadable", "Failed to decode current backend config", "", 'The backend configuration created by the most recent run of "terraform init" could not be decoded. Run "terraform init -reconfigure" to re-initialize the backend.', CLI, "SavedBackendUnreadable", {}),
    ("a module from S3", "Failed to download module", '  on main.tf line 1:\n   1: module "m" {', "Could not download module \"m\" (main.tf:1) source code from \"s3::https://s3.amazonaws.com/b/m.zip\": error downloading 'https://s3.amazonaws.com/b/m.zip': InvalidAccessKeyId: The AWS Access Key Id you provided does not exist in our records.", CLI, "InvalidAccessKeyId", {}),
]  # fmt: skip
BARE = [
    ("state list", "Error loading the state: " + LIST % 403 + "api error InvalidAccessKeyId: The AWS Access Key Id\n\nPlease ensure that your Terraform state exists and that you've\nconfigured it properly.", BACKEND, "InvalidAccessKeyId"),
    ("workspace list", LIST % 400 + "api error ExpiredToken: The provided token has expired.", BACKEND, "ExpiredToken"),
    ("taint, force-unlock", "Failed to load state: " + LIST % 403 + "api error SignatureDoesNotMatch: The request signature", BACKEND, "SignatureDoesNotMatch"),
    ("old init", f"Error refreshing state: AccessDenied: Access Denied\n\tstatus code: 403, request id: {ID}, host id: stand", STATE, "AccessDenied"),
    ("old init, wrong secret", f"Error refreshing state: SignatureDoesNotMatch: The request signature we calculated\n\tstatus code: 403, request id: {ID}", STATE, "SignatureDoesNotMatch"),
    ("0.12 to 0.14, backend changed", 'Backend reinitialization required. Please run "terraform init".\nReason: Backend configuration changed for "s3"\n\nThe "backend" is the interface', CLI, "BackendChanged"),
]  # fmt: skip
FORMS = {"boxed": boxed, "plain": plain}


@pytest.mark.parametrize(
    ("summary", "place", "detail", "scope", "code", "facts"), [pytest.param(*row[1:], id=row[0]) for row in TEXTS]
)
@pytest.mark.parametrize("form", FORMS)
def test_every_text_of_terraforms_is_recognised(
    form: str, summary: str, place: str, detail: str, scope: str, code: str, facts: dict[str, str]
) -> None:
    found = failure.recognise(FORMS[form](summary, place, detail).encode())
    assert found
    assert (found.scope, found.code) == (scope, code)
    assert {name: found.facts.get(name) for name in facts} == facts


@pytest.mark.parametrize(
    ("summary", "place", "detail", "scope", "code", "facts"), [pytest.param(*row[1:], id=row[0]) for row in TEXTS]
)
def test_every_text_is_recognised_as_json(
    summary: str, place: str, detail: str, scope: str, code: str, facts: dict[str, str]
) -> None:
    address = re.search(r"with (.*),\n", place)
    context = re.search(r", in (.*):\n", place)
    line = json_line(summary, detail, address[1] if address else "", context[1] if context else "")
    found = failure.recognise(line.encode())
    assert found
    assert (found.scope, found.code) == (scope, code)


@pytest.mark.parametrize(("text", "scope", "code"), [pytest.param(*row[1:], id=row[0]) for row in BARE])
@pytest.mark.parametrize("colour", [True, False], ids=["colour", "plain"])
def test_an_error_without_the_word_is_recognised(colour: bool, text: str, scope: str, code: str) -> None:
    found = failure.recognise((f"\x1b[31m{text}\x1b[0m\x1b[0m\n" if colour else f"{text}\n").encode())
    assert found
    assert (found.scope, found.code) == (scope, code)


@pytest.mark.parametrize("width", [20, 40, 60, 78, 200])
@pytest.mark.parametrize(
    ("summary", "place", "detail", "code"), [pytest.param(*row[1:4], row[5], id=row[0]) for row in TEXTS]
)
def test_a_text_may_be_broken_at_any_blank(width: int, summary: str, place: str, detail: str, code: str) -> None:
    """A terminal wraps the summary as well; names and codes are never broken, whatever the width."""
    break_up = {"width": width, "break_long_words": False, "break_on_hyphens": False}
    lines = [textwrap.fill(line, **break_up) for line in detail.split("\n")]  # type: ignore[arg-type]
    found = failure.recognise(boxed(textwrap.fill(summary, **break_up), place, "\n".join(lines)).encode())  # type: ignore[arg-type]
    assert found
    assert found.code == code


def test_every_row_has_its_text() -> None:
    """A row that no text needs is one that nobody has seen fire."""
    written = [boxed(*row[1:4]) for row in TEXTS] + [f"{row[1]}\n" for row in BARE]
    fired = set()
    for diagnostic in itertools.chain.from_iterable(failure.diagnostics(text.encode()) for text in written):
        words = "\n".join(diagnostic.paragraphs)
        fired.add(next(n for n, row in enumerate(ROWS) if diagnostic.scope in row.scopes and row.pattern.search(words)))
    assert [ROWS[n] for n in range(len(ROWS)) if n not in fired] == []


def test_every_fact_has_its_text() -> None:
    written = "\n".join(
        diagnostic.text for row in TEXTS for diagnostic in failure.diagnostics(boxed(*row[1:4]).encode())
    )
    split = "\n".join("\n".join(d.paragraphs) for row in TEXTS for d in failure.diagnostics(boxed(*row[1:4]).encode()))
    table = f'Unable to retrieve item from DynamoDB table "locks"\n{split}\n{written}'
    assert [fact.name for fact in FACTS if not fact.pattern.search(table)] == []


def test_no_code_stands_in_two_tables() -> None:
    assert len({*CREDENTIAL_CODES, *REFUSAL_CODES, *HIDDEN_CODES}) == len(
        CREDENTIAL_CODES + REFUSAL_CODES + HIDDEN_CODES
    )


@pytest.mark.parametrize("code", [*REFUSAL_CODES, *HIDDEN_CODES])
def test_a_resource_that_is_refused_is_no_failure_of_the_credentials(code: str) -> None:
    refused = f"reading IAM Role (r): operation error IAM: GetRole, api error {code}: Forbidden"
    assert failure.recognise(boxed(refused, IN_ROLE).encode()) is None


INTERRUPTED = boxed(
    "Failed to save state",
    detail=f"Error saving state: failed to upload state: operation error S3: PutObject, https response error StatusCode: 400, RequestID: {ID}, HostID: stand, api error ExpiredToken: The provided token has expired.",
) + boxed("Failed to persist state to backend", detail=PERSIST)
RELEASING = boxed(
    "Error releasing the state lock",
    detail=f'Error message: failed to retrieve lock info for lock ID "{ID}": Unable to retrieve item from DynamoDB table "locks": operation error DynamoDB: GetItem, https response error StatusCode: 400, RequestID: {ID}, api error ExpiredTokenException: The security token included in the request is expired\n\nTerraform acquires a lock when accessing your state to prevent others',
)
HELD = boxed(
    ACQUIRING,
    detail=f"Error message: operation error S3: PutObject, https response error StatusCode: 412, RequestID: {ID}, HostID: stand, api error PreconditionFailed: At least one of the pre-conditions you specified did not hold\n{LOCK_INFO}\n{LOCK_ADVICE}",
)


def test_what_an_interrupted_apply_leaves_behind_is_named() -> None:
    found = failure.recognise((INTERRUPTED + RELEASING).encode())
    assert found
    assert (found.scope, found.code) == (STATE, "ExpiredToken")
    assert found.facts["errored_state"] == "errored.tfstate"
    assert found.facts["lock_id"] == ID
    assert found.facts["interrupted"] == failure.STATE_NOT_SAVED


def test_a_lock_that_may_not_be_let_go_was_left_behind() -> None:
    denied = boxed(
        "Error releasing the state lock",
        detail=f"Error message: failed to delete the lock file: operation error S3: DeleteObject, https response error StatusCode: 403, RequestID: {ID}, HostID: stand, api error AccessDenied: Access Denied\n{LOCK_INFO}",
    )
    found = failure.recognise(denied.encode())
    assert found
    assert (found.scope, found.code) == (LOCK, "AccessDenied")
    assert found.facts["interrupted"] == failure.LOCK_NOT_RELEASED
    assert found.facts["lock_id"] == ID


def test_a_resource_that_failed_first_names_it_too() -> None:
    first = boxed(
        "creating EC2 VPC: api error RequestExpired: Request has expired.",
        '  with aws_vpc.v,\n  on main.tf line 8, in resource "aws_vpc" "v":',
    )
    found = failure.recognise((first + INTERRUPTED + RELEASING).encode())
    assert found
    assert (found.scope, found.code) == (RESOURCE, "RequestExpired")
    assert found.facts["errored_state"] == "errored.tfstate"
    assert found.facts["lock_id"] == ID


@pytest.mark.parametrize(
    ("output", "scope", "code"),
    [
        pytest.param(INTERRUPTED, STATE, failure.STATE_NOT_SAVED, id="the state was not saved"),
        pytest.param(INTERRUPTED + RELEASING, STATE, failure.STATE_NOT_SAVED, id="nor the lock let go"),
        pytest.param(RELEASING, LOCK, failure.LOCK_NOT_RELEASED, id="the lock alone"),
        pytest.param(boxed("Failed to save state", detail="Error saving state: no space left on device"), STATE, failure.STATE_NOT_SAVED, id="for another reason"),
        pytest.param(plain("Failed to save state", detail="Error saving state: denied"), STATE, failure.STATE_NOT_SAVED, id="without a box"),
    ],
)  # fmt: skip
def test_an_interrupted_apply_is_seen_whatever_the_reason(output: str, scope: str, code: str) -> None:
    found = failure.interrupted(output.encode())
    assert found
    assert (found.scope, found.code) == (scope, code)


@pytest.mark.parametrize(
    "output",
    [HELD, boxed(TEXTS[0][1]), "", boxed("Invalid reference")],
    ids=["a lock that is held", "a rejected key", "nothing", "a mistake"],
)
def test_nothing_was_interrupted(output: str) -> None:
    assert failure.interrupted(output.encode()) is None


def test_a_lock_that_is_held_names_its_holder_and_is_no_credential_failure() -> None:
    assert failure.recognise(HELD.encode()) is None
    held = failure.held_lock(HELD.encode())
    assert held
    assert (held.scope, held.code) == (LOCK, failure.LOCK_HELD)
    assert held.facts == {
        "lock_id": ID,
        "lock_path": "states/k",
        "lock_operation": "OperationTypeApply",
        "lock_who": "u@host",
        "lock_created": "2026-11-24 04:05:06.583801915 +0000 UTC",
    }


@pytest.mark.parametrize(
    "output",
    [RELEASING, INTERRUPTED, boxed(ACQUIRING, detail="Error message: denied"), ""],
    ids=["released", "interrupted", "denied", "nothing"],
)
def test_no_lock_is_held(output: str) -> None:
    assert failure.held_lock(output.encode()) is None


PIECES = st.sampled_from(
    [
        *(boxed(*row[1:4]) for row in TEXTS[:20]), *(plain(*row[1:4]) for row in TEXTS[:20]), "╷", "│ ", "╵\n", "\n\n", "Error: ",
        "Warning: ", "  with aws_vpc.a,\n", '{"diagnostic":', '{"diagnostic":{"severity":"error"}}\n', "\x1b[31m", "\x1b]0;", "api error ",
        "Lock Info: ", "ExpiredToken: ", "2026-11-24T04:12:08Z [DEBUG] ", "panic: x\n", "\r", "é", "\x00",
    ]
)  # fmt: skip


@fuzzed
@given(st.lists(PIECES | st.text(max_size=20), max_size=30).map("".join) | st.text())
def test_no_output_makes_it_stumble(output: str) -> None:
    for written in (output.encode("utf-8", "surrogatepass"), output.encode("utf-16", "surrogatepass")):
        found = failure.recognise(written)
        assert found is None or (found.scope in (BACKEND, PROVIDER, RESOURCE, LOCK, STATE, CLI) and found.code)
        failure.interrupted(written)
        failure.held_lock(written)


def test_an_error_that_is_nothing_but_a_place_is_read_past() -> None:
    """No Terraform prints it; a record may be cut so."""
    found = failure.recognise(f"Error:   with aws_vpc.a,\n  with aws_vpc.a,\n{boxed(TEXTS[0][1])}".encode())
    assert found
    assert found.code == "InvalidClientTokenId"


@fuzzed
@given(st.text(alphabet="abc │╷╵\n:.", max_size=200))
def test_prose_is_no_failure(output: str) -> None:
    assert failure.recognise(output.encode()) is None


@fuzzed
@given(st.binary(max_size=300))
def test_bytes_are_no_failure(output: bytes) -> None:
    assert failure.recognise(output) is None
