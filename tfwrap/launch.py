"""What a shim starts: `python -I -S launch.py terraform plan …`, with nothing on the path but tfwrap's own packages."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # the C half: `signal` itself takes 6 ms to build its enums

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

if __name__ == "__main__":
    # A Ctrl-C before Terraform runs ends us as it would end Terraform, and not with a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    from tfwrap.main import main

    os._exit(main(sys.argv[1], sys.argv[2:]))  # nothing is buffered, and tearing an interpreter down takes 3 ms
