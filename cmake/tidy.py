#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs clang-tidy over every C++ source of a compile database, many sources at a time.

    cmake/tidy.py BUILD [-j JOBS] [CLANG-TIDY OPTION...]

Nearly all the time of clang-tidy goes into the headers of Qt, GoogleTest and the standard library. So the sources of
a folder are checked as one, as in a unity build: in minutes what takes hours one by one. Two sources of a unit may
each have a helper of the same name; the compiler says so, and the second one moves to another unit.
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
UNIT = 24  # sources in one unit
COMPILER, TIDY = "clang++-14", "clang-tidy-14"


def sources(build):
    """Top folder -> (its sources, the options that any of them is compiled with)."""
    folders = {}
    with open(os.path.join(build, "compile_commands.json")) as file:
        for entry in json.load(file):
            name = os.path.relpath(entry["file"], ROOT)
            if not name.endswith(".cpp") or name.startswith((os.path.relpath(build, ROOT), "..")):
                continue
            names, options = folders.setdefault(name.split("/")[0], ({}, {"-I" + ROOT: "-I" + ROOT}))
            names[name] = True
            words = iter(shlex.split(entry["command"]))
            for word in words:
                if word == "-isystem":
                    folder = "-isystem" + next(words)
                    options[folder] = folder
                elif re.match(r"-[DI]|-std=|-W(?!error|no-)", word) and "_autogen" not in word:
                    options.setdefault(word.split("=")[0] if word[1] == "D" else word, word)
    return folders


def run(command):
    return subprocess.run(command, capture_output=True, text=True, check=False)


def check(names, options, tidy_options):
    """What clang-tidy finds in these sources. Those that clash with the ones before them are checked after them."""
    with tempfile.NamedTemporaryFile("w", suffix=".cpp") as unit:
        unit.write("".join(f'#include "{name}"\n' for name in names))
        unit.flush()
        compiled = run([COMPILER, "-fsyntax-only", "-ferror-limit=0", *options, "-Wno-everything", "-Werror=macro-redefined",
                        unit.name])
        if compiled.returncode == 0 or len(names) == 1:
            found = run([TIDY, "-quiet", f"--config-file={ROOT}/.clang-tidy", *tidy_options, unit.name, "--", *options])
            failed = found.returncode != 0 and not found.stdout
            return f"{names[0]}: error: clang-tidy failed: {found.stderr}\n" if failed else found.stdout
    at_fault = set(re.findall(rf"^{re.escape(ROOT)}/(\S+?):\d+:\d+: (?:fatal )?error:", compiled.stderr, re.M))
    clash = [name for name in names[1:] if name in at_fault] or names[len(names) // 2:]
    rest = [name for name in names if name not in clash]
    return check(rest, options, tidy_options) + check(clash, options, tidy_options)


def main():
    build = os.path.abspath(sys.argv[1])
    jobs, tidy_options = os.cpu_count(), sys.argv[2:]
    if tidy_options[:1] == ["-j"]:
        jobs, tidy_options = int(tidy_options[1]), tidy_options[2:]
    units = []
    for names, options in sources(build).values():
        names = sorted(names)
        units += [(names[at:at + UNIT], list(options.values())) for at in range(0, len(names), UNIT)]
    if not units:
        sys.exit(f"{build}: no C++ sources")
    findings = set()
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for report in pool.map(lambda unit: check(*unit, tidy_options), units):
            print(report, end="", flush=True)
            findings.update(re.findall(r"^\S+: (?:error|warning): .*", report, re.M))
    print(f"{sum(len(names) for names, _ in units)} sources, {len(findings)} findings")
    sys.exit(1 if findings else 0)


main()
