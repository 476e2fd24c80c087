"""The causes, a module a family: each row looks at a case and says that it is the cause, or None.

Several may fit. The likelier goes first, and of the equally likely the one that stands first here: what was left
behind before why, what explains more before what explains less, and a key that nobody knows last.
"""

from __future__ import annotations

from tfwrap.diagnosis.causes import keys, places, profiles, refusals, saved, sessions, state, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tfwrap.diagnosis.case import Case, Diagnosis

ROWS: tuple[Callable[[Case], Diagnosis | None], ...] = (
    state.state_left_behind,
    saved.saved_plan_credentials,
    saved.stale_saved_backend,
    saved.backend_changed,
    values.swapped,
    values.emulator,
    values.placeholder,
    values.damaged,
    places.clock_skew,
    sessions.web_identity_invalid,
    sessions.sso_login_required,
    sessions.mfa_required,
    sessions.credential_process_failed,
    sessions.container_credentials,
    profiles.profile_not_found,
    profiles.partial_credentials,
    profiles.profile_incomplete,
    refusals.remote_execution,
    profiles.environment_overrides_profile,
    keys.missing_session_token,
    keys.stray_session_token,
    places.region_not_enabled,
    places.wrong_partition,
    sessions.expired_session,
    keys.wrong_secret,
    refusals.account_not_allowed,
    refusals.assume_role_denied,
    refusals.backend_provider_mismatch,
    refusals.access_denied,
    profiles.no_credentials,
    keys.unknown_access_key,
    keys.new_key_not_propagated,
    state.hidden_s3_status,
)
