"""Processes whose clock is wrong."""

import functools
import pathlib
import shutil
import subprocess

from .process import ROOT


@functools.cache
def library():
    """What moves the clock of a process, as a library that is loaded before others. Built with the compiler that comes with Swift."""
    source = pathlib.Path(__file__).with_name("skewed_clock.c")
    compiler = shutil.which("clang") or str(pathlib.Path(shutil.which("swift")).resolve().parent / "clang")
    made = ROOT / ".build" / "skewed_clock.so"
    made.parent.mkdir(exist_ok=True)
    subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", f"{made}.new", str(source)], check=True, capture_output=True)
    pathlib.Path(f"{made}.new").rename(made)
    return made


def skewed(seconds):
    """The settings of a process whose clock is that far ahead."""
    return {"LD_PRELOAD": str(library()), "SKEWED_CLOCK": str(seconds)}
