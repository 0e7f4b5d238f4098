"""Builds yggdrasil.c, and runs it with the native library that the package `yggdrasil-engine` carries."""
import os
import subprocess
import sys
import tempfile

import yggdrasil_engine

here = os.path.dirname(os.path.abspath(__file__))
library = os.path.join(os.path.dirname(yggdrasil_engine.__file__), "lib", "libyggdrasilffi.so")
with tempfile.TemporaryDirectory() as folder:
    program = os.path.join(folder, "yggdrasil")
    subprocess.run(
        [os.environ.get("CC", "clang"), "-O2", "-o", program, os.path.join(here, "yggdrasil.c"), "-ldl"], check=True)
    sys.exit(subprocess.run([program, library]).returncode)
