"""A module that was initialised with keys, and a program in the place of Terraform that does as it is told."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.unit.recovery import cases
from tfwrap import invocation
from tfwrap.recovery import reconfigure
from tfwrap.recovery.reconfigure import VALUES_FILE
from tfwrap.terraform import saved_backend
from tfwrap.terraform.saved_backend import SavedBackend

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tfwrap.recovery.reconfigure import Result

SECRET = "made/up/by+the/tests/canary"
CUSTOMER_KEY = "bWFkZSB1cCBieSB0aGUgdGVzdHM="
NESTED = {"s3": "http://127.0.0.1:9", "sts": None}

REAL = f"""#!{sys.executable} -IS
import json, os, pathlib, sys
folder = pathlib.Path(__file__).parent
data = pathlib.Path(os.environ.get("TF_DATA_DIR", ".terraform"))
values = data / "{VALUES_FILE}"
if "workspace" in sys.argv:
    file = data / "environment"
    selected = os.environ.get("TF_WORKSPACE") or (file.read_text() if file.exists() else "default")
    there = ["default", *(folder / "workspaces").read_text().split()]
    print("\\n".join(("* " if name == selected else "  ") + name for name in there))
    sys.exit()
record = {{"argv": sys.argv[1:], "environ": dict(os.environ), "cwd": os.getcwd(), "files": sorted(os.listdir(data)),
          "values": values.read_text() if values.exists() else None,
          "mode": oct(values.stat().st_mode & 0o777) if values.exists() else None}}
(folder / "record.json").write_text(json.dumps(record))
exec((folder / "does.py").read_text())
"""

SAVES = """
print("Initializing the backend...")
(data / "terraform.tfstate").write_text((folder / "after.json").read_text())
"""


class Stage(NamedTuple):
    """A module that was initialised with keys, and the program that plays Terraform."""

    root: Path

    @property
    def real(self) -> Path:
        return self.root / "bin" / "terraform"

    @property
    def saved_file(self) -> Path:
        return self.root / "net" / ".terraform" / "terraform.tfstate"

    @property
    def environment_file(self) -> Path:
        return self.saved_file.with_name("environment")

    @property
    def data(self) -> list[str]:
        """The names of what lies in the data directory."""
        return sorted(path.name for path in self.saved_file.parent.iterdir())

    def record(self) -> dict[str, Any]:
        """What the program saw."""
        found: dict[str, Any] = json.loads((self.root / "bin" / "record.json").read_text())
        return found

    def has(self, *workspaces: str) -> None:
        """Which workspaces there are beside `default`."""
        (self.root / "bin" / "workspaces").write_text(" ".join(workspaces))

    def does(self, code: str, after: Mapping[str, object] | None = None) -> None:
        """What the program does; `after` are the values that `SAVES` saves."""
        (self.root / "bin" / "does.py").write_text(code)
        (self.root / "bin" / "after.json").write_bytes(document(after if after is not None else without_keys()))

    def plan(self, *typed: str, environ: dict[str, str] | None = None) -> reconfigure.Plan:
        """The plan of a reconfiguration for a command typed in the module."""
        words = typed or ("plan",)
        cwd = self.root if any(word.startswith("-chdir") for word in words) else self.root / "net"
        read = invocation.read("terraform", words, environ or {}, str(cwd))
        held = saved_backend.read(read.data_dir, read.shown_from)
        assert isinstance(held, SavedBackend)
        return reconfigure.plan(read, held, cases.block(), environ or {})

    def run(self, *typed: str, environ: dict[str, str] | None = None) -> Result:
        """Reconfigure for a command typed in the module."""
        return reconfigure.run(self.plan(*typed, environ=environ), str(self.real), environ or {}, print)


CONFIG: dict[str, object] = {
    "bucket": "states",
    "key": "net/terraform.tfstate",
    "region": "us-east-1",
    "encrypt": True,
    "max_retries": 5,
    "access_key": cases.OLD_KEY,
    "secret_key": SECRET,
    "token": f"{SECRET}/token",
    "profile": "old",
    "endpoints": NESTED,
    "workspace_key_prefix": "a${b}c%{d}e$${f}",
    "sse_customer_key": CUSTOMER_KEY,
    "allowed_account_ids": ["111111111111"],
    "kms_key_id": None,
}
WHO = ("access_key", "secret_key", "token", "profile")


def without_keys(**changes: object) -> dict[str, object]:
    return {**CONFIG, **dict.fromkeys(WHO), **changes}


def document(config: Mapping[str, object], kind: str = "s3") -> bytes:
    backend = {"type": kind, "config": dict(config), "hash": 12345}
    return json.dumps({"version": 3, "terraform_version": "1.11.4", "backend": backend}, indent=4).encode()
