"""What the hardware says that we run on."""

from __future__ import annotations

import os

SIGNS_OF_EC2 = ("sys/devices/virtual/dmi/id/sys_vendor", "sys/devices/virtual/dmi/id/bios_version")


def is_ec2(root: str = os.sep) -> bool:
    """Whether it is an EC2 instance: its vendor ("Amazon EC2", Nitro) or the version of its BIOS ("4.11.amazon", Xen)
    shows through a container.
    """
    return any(b"amazon" in _first_bytes(os.path.join(root, name)).lower() for name in SIGNS_OF_EC2)


def _first_bytes(path: str) -> bytes:
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(64)
    except OSError:
        return b""
