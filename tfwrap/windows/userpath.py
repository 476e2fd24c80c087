r"""The user's PATH as it stands in the registry, before anything is expanded.

Environment.SetEnvironmentVariable of .NET writes it back expanded (`%USERPROFILE%\bin` is frozen, dotnet/runtime#89695)
and setx cuts it at 1024 characters; so the raw text is read and written, with the type that it has.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_SEPARATOR = ";"


def with_first(path: str, entry: str) -> str:
    """A PATH in which the entry comes first, and once."""
    rest = without(path, entry)
    return f"{entry}{_SEPARATOR}{rest}" if rest else entry


def without(path: str, entry: str) -> str:
    r"""A PATH without the entry, in whatever case and with or without a `\` at its end; the rest as it was."""
    return _SEPARATOR.join(each for each in path.split(_SEPARATOR) if _same(each) != _same(entry))


def _same(entry: str) -> str:
    return entry.strip().strip('"').replace("/", "\\").rstrip("\\").lower()


if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

    _MACHINE = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
    _BROADCAST, _SETTING_CHANGED, _ABORT_IF_HUNG, _PATIENCE_MS = 0xFFFF, 0x1A, 0x2, 5000

    def edit(change: Callable[[str], str]) -> bool:
        """Change the user's PATH and tell the running programs; whether there was anything to change.

        Raises OSError, and TypeError where the value in the registry is no text.
        """
        access = winreg.KEY_QUERY_VALUE | winreg.KEY_SET_VALUE
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, "Environment", 0, access) as key:
            before, kind = _read(key)
            after = change(before)
            if after == before:
                return False
            if after:
                winreg.SetValueEx(key, "Path", 0, kind, after)
            else:
                winreg.DeleteValue(key, "Path")
        _tell()
        return True

    def of_machine() -> list[str]:
        """The expanded entries of the machine's PATH, all of which come before the user's."""
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _MACHINE) as key:
                text = winreg.ExpandEnvironmentStrings(_read(key)[0])
        except (OSError, TypeError):
            return []
        return [entry.strip().strip('"') for entry in text.split(_SEPARATOR) if entry.strip()]

    def _read(key: winreg.HKEYType) -> tuple[str, int]:
        try:
            value, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            return "", winreg.REG_EXPAND_SZ
        if kind not in (winreg.REG_SZ, winreg.REG_EXPAND_SZ):
            raise TypeError("the value Path in the registry is no text")
        return value, kind

    def _tell() -> None:
        """Explorer reads the environment again, so that what it starts from now on has it."""
        ctypes.WinDLL("user32").SendMessageTimeoutW(
            wintypes.HWND(_BROADCAST),
            _SETTING_CHANGED,
            wintypes.WPARAM(0),
            ctypes.c_wchar_p("Environment"),
            _ABORT_IF_HUNG,
            _PATIENCE_MS,
            None,
        )
