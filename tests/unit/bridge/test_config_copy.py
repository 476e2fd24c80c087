"""The copy of a config file: the bridged profile is a credential process in it, and all else is as it was."""

from __future__ import annotations

import configparser

import pytest

from tfwrap.aws import config as awsconfig
from tfwrap.aws import inifile
from tfwrap.bridge.config_copy import rewritten
from tfwrap.recovery.refresh.outcome import NotRefreshed

ASK = "/bin/sh /run/b/ask 0"
COMMANDS = {"prod": ASK}
ROLE = "role_arn = arn:aws:iam::222222222222:role/guarded\nsource_profile = base\nmfa_serial = made-up\n"


def copied(text: str, commands: dict[str, str] | None = None) -> str:
    return rewritten(text.encode(), COMMANDS if commands is None else commands).decode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            f"[profile prod]\n{ROLE}region = r\n", "[profile prod]\nCP\nregion = r\n", id="what makes credentials goes"
        ),
        pytest.param(f"[profile prod]\n{ROLE}", "[profile prod]\nCP\n", id="nothing else is in it"),
        pytest.param("[profile prod]", "[profile prod]\nCP", id="without a line break at the end"),
        pytest.param(
            f"[default]\nregion = d\n\n[profile prod]\n{ROLE}\n[profile base]\naws_access_key_id = k\n",
            "[default]\nregion = d\n\n[profile prod]\nCP\n\n[profile base]\naws_access_key_id = k\n",
            id="other profiles stay, their keys too",
        ),
        pytest.param(
            "[profile prod]\nROLE_ARN = x\nSource_Profile=b\nregion=r\n",
            "[profile prod]\nCP\nregion=r\n",
            id="keys in upper case, which the second SDK takes",
        ),
        pytest.param("[profile prod]\nrole_arn: x\nregion: r\n", "[profile prod]\nCP\nregion: r\n", id="colons"),
        pytest.param(
            "[profile prod]\r\nrole_arn = x\r\nregion = r\r\n",
            "[profile prod]\r\nCP\r\nregion = r\r\n",
            id="carriage returns",
        ),
        pytest.param(
            "# mine\n[profile prod] # role_arn = no\n; role_arn = x\nrole_arn = x\n  # note\nregion = r # here\n",
            "# mine\n[profile prod] # role_arn = no\nCP\n; role_arn = x\n  # note\nregion = r # here\n",
            id="comments stay, behind the header too",
        ),
        pytest.param(
            "[profile prod]\nrole_arn = x\n  continued\n\n  and more\nregion = r\n",
            "[profile prod]\nCP\n\nregion = r\n",
            id="what goes on with a value goes with it, behind an empty line too",
        ),
        pytest.param(
            "[profile prod]\n  role_arn = x\n  region = r\n",
            "[profile prod]\n  CP\n  region = r\n",
            id="indented, and so is the new line: else botocore would take the next for a part of it",
        ),
        pytest.param(
            "[profile prod]\nrole_arn = x\ns3 =\n  max_concurrent_requests = 10\n  addressing_style = path\n",
            "[profile prod]\nCP\ns3 =\n  max_concurrent_requests = 10\n  addressing_style = path\n",
            id="nested settings",
        ),
        pytest.param(
            "[prod]\nrole_arn = a\n[profile prod]\nrole_arn = b\n",
            "[prod]\nCP\n[profile prod]\nCP\n",
            id="both names, of which each SDK takes another",
        ),
        pytest.param(
            "[profile prod]\nrole_arn = a\n[x]\na = 1\n[profile prod]\nregion = r\nmfa_serial = m\n",
            "[profile prod]\nCP\n[x]\na = 1\n[profile prod]\nCP\nregion = r\n",
            id="a section twice, which the SDKs merge",
        ),
        pytest.param(
            "[profile\tprod]\nrole_arn = a\n", "[profile\tprod]\nCP\n", id="a tab, which the second SDK takes"
        ),
        pytest.param("  [ profile prod ]\nrole_arn = a\n", "  [ profile prod ]\nCP\n", id="blanks in the header"),
        pytest.param(
            "[profile prod]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = r\noutput = json\n"
            "[sso-session corp]\nsso_start_url = u\nsso_region = r\nsso_registration_scopes = s\n",
            "[profile prod]\nCP\noutput = json\n"
            "[sso-session corp]\nsso_start_url = u\nsso_region = r\nsso_registration_scopes = s\n",
            id="an sso-session stays: the AWS CLI needs it",
        ),
        pytest.param(
            "[profile prod]\nlogin_session = arn\nservices = s\n[services s]\ns3 =\n  endpoint_url = u\n",
            "[profile prod]\nCP\nservices = s\n[services s]\ns3 =\n  endpoint_url = u\n",
            id="a login session, and services",
        ),
        pytest.param(
            "[profile prod]\ncredential_process = other\nduration_seconds = 900\nexternal_id = e\n",
            "[profile prod]\nCP\n",
            id="an own credential process gives way",
        ),
    ],
)
def test_the_profile_is_a_credential_process(text: str, expected: str) -> None:
    assert copied(text) == expected.replace("CP", f"credential_process = {ASK}")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("\n\n", id="empty lines"),
        pytest.param(f"[profile production]\n{ROLE}", id="a longer name"),
        pytest.param(f"[profile Prod]\n{ROLE}", id="upper case counts"),
        pytest.param(f"# [profile prod]\n[profile x]\n{ROLE}", id="in a comment"),
        pytest.param(f"[profile x]\nnote = [profile prod]\n{ROLE}", id="in a value"),
        pytest.param(f"[sso-session prod]\n{ROLE}", id="a session of that name"),
        pytest.param(f"\ufeff[profile prod]\n{ROLE}", id="behind a byte order mark the SDKs find nothing"),
        pytest.param("role_arn = x\n[profile x]\nregion = r", id="settings in front of all sections"),
        pytest.param("not = ini [\n]]\n\x00\n", id="no ini file"),
    ],
)
def test_what_is_not_the_profile_stays_byte_for_byte(text: str) -> None:
    assert copied(text) == text


def test_bytes_that_are_no_utf_8_stay() -> None:
    content = b"[profile caf\xe9]\nregion = r\xff\n[profile prod]\nrole_arn = x\nnote = \xfe\n"
    expected = (
        b"[profile caf\xe9]\nregion = r\xff\n[profile prod]\ncredential_process = /bin/sh /run/b/ask 0\nnote = \xfe\n"
    )
    assert rewritten(content, COMMANDS) == expected


def test_default_and_several_profiles() -> None:
    text = "[default]\nrole_arn = a\n[profile default]\nrole_arn = b\n[profile x]\nrole_arn = c\n"
    expected = "[default]\nCP0\n[profile default]\nCP0\n[profile x]\nCP1\n"
    for number in "01":
        expected = expected.replace(f"CP{number}", f"credential_process = ask {number}")
    assert copied(text, {"default": "ask 0", "x": "ask 1"}) == expected


def test_a_section_that_only_the_first_sdk_sees_is_declined() -> None:
    """To the second one its lines are the section's before: `profile a` would get the credentials of `prod`."""
    text = "[profile a]\nregion = r\n[prod] behind\nrole_arn = x\n"
    with pytest.raises(NotRefreshed, match="something stands behind the section"):
        copied(text)
    assert copied("[x] behind\na = b\n[profile prod]\n") != ""


AWKWARD = (
    f"[default]\nregion = d\n[prod]\nrole_arn = z\n[profile prod]\n{ROLE}region = r\n  s3 =\n[profile base]\nx = y\n"
)


@pytest.mark.parametrize("sdk", [inifile.FIRST_SDK, inifile.SECOND_SDK])
def test_both_sdks_read_the_copy_as_meant(sdk: int) -> None:
    before, after = inifile.parse(AWKWARD, sdk), inifile.parse(copied(AWKWARD), sdk)
    assert after.keys() == before.keys()
    for section in ("prod", "profile prod"):
        assert after[section]["credential_process"] == ASK
        assert "role_arn" not in after[section]
    assert after["profile prod"]["region"] == "r"
    assert after["profile base"] == before["profile base"]


@pytest.mark.parametrize(
    "text", [f"[profile prod]\n{ROLE}region = r\n", "[profile prod]\n  role_arn = x\n  region = r\n"]
)
def test_botocore_reads_the_copy_as_well(text: str) -> None:
    """A program that Terraform starts (`aws eks get-token`) finds the same file."""
    parser = configparser.RawConfigParser(default_section="\0")
    parser.read_string(copied(text))
    assert dict(parser["profile prod"]) == {"credential_process": ASK, "region": "r"}


def test_the_largest_file_that_is_read_is_copied_in_time() -> None:
    text = f"[profile prod]\n{ROLE}" + "[profile x]\nregion = r\n" * 1000
    assert len(text) < awsconfig.LARGEST
    assert copied(text).count("region = r") == 1000
