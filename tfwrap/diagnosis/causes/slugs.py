"""The names of the causes. They are stable: a name is never given to something else."""

from __future__ import annotations

STALE_SAVED_BACKEND = "stale-saved-backend"
SAVED_PLAN_CREDENTIALS = "saved-plan-credentials"
ENVIRONMENT_OVERRIDES_PROFILE = "environment-overrides-profile"
DAMAGED_CREDENTIALS = "damaged-credentials"
SWAPPED_CREDENTIALS = "swapped-credentials"
PLACEHOLDER_CREDENTIALS = "placeholder-credentials"
MISSING_SESSION_TOKEN = "missing-session-token"  # noqa: S105 - a name
STRAY_SESSION_TOKEN = "stray-session-token"  # noqa: S105 - a name
UNKNOWN_ACCESS_KEY = "unknown-access-key"
WRONG_SECRET = "wrong-secret"  # noqa: S105 - a name
EXPIRED_SESSION = "expired-session"
SSO_LOGIN_REQUIRED = "sso-login-required"
PROFILE_NOT_FOUND = "profile-not-found"
PROFILE_INCOMPLETE = "profile-incomplete"
PARTIAL_CREDENTIALS = "partial-credentials"
MFA_REQUIRED = "mfa-required"
ASSUME_ROLE_DENIED = "assume-role-denied"
WEB_IDENTITY_INVALID = "web-identity-invalid"
CREDENTIAL_PROCESS_FAILED = "credential-process-failed"
NO_CREDENTIALS = "no-credentials"
REGION_NOT_ENABLED = "region-not-enabled"
WRONG_PARTITION = "wrong-partition"
CLOCK_SKEW = "clock-skew"
NEW_KEY_NOT_PROPAGATED = "new-key-not-propagated"
EMULATOR_CREDENTIALS = "emulator-credentials"
CONTAINER_CREDENTIALS = "container-credentials"
BACKEND_PROVIDER_MISMATCH = "backend-provider-mismatch"
ACCOUNT_NOT_ALLOWED = "account-not-allowed"
ACCESS_DENIED = "access-denied"
BACKEND_CHANGED = "backend-changed"
HIDDEN_S3_STATUS = "hidden-s3-status"
REMOTE_EXECUTION = "remote-execution"
STATE_LEFT_BEHIND = "state-left-behind"
UNKNOWN = "unknown"

EVERY = tuple(sorted(value for name, value in list(globals().items()) if name.isupper() and isinstance(value, str)))
