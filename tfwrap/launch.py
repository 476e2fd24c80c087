"""What a shim starts: `python -I -S launch.py terraform plan …`, with nothing on the path but tfwrap's own packages."""

from __future__ import annotations

import os
import sys

sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

if __name__ == "__main__":
    from tfwrap.main import main

    os._exit(main(sys.argv[1], sys.argv[2:]))  # nothing is buffered, and tearing an interpreter down takes 3 ms
