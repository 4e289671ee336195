"""The portable Pythons of uv and conda, and Amazon Linux 2's: made for a C library without memfd."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from lacking import Lacking, install

install([Lacking("os", {name for name in vars(os) if name == "memfd_create" or name.startswith("MFD_")})])
