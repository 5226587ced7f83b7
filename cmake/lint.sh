#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What tools say of the sources.
#
#   cmake/lint.sh format     clang-format, on every C++ file
#   cmake/lint.sh shell      shellcheck, on every script
#   cmake/lint.sh manual     mandoc and groff, on every manual page
#   cmake/lint.sh tidy       clang-tidy, on every C++ source that a build folder was configured for
#   cmake/lint.sh can-fail   all of them, on mistakes that are planted for them
#
# Where a tool is missing it prints "SKIPPED: ..." and succeeds.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
. "$root/cmake/setup.sh"
cd "$root"

# need TOOL...: ends here where one is missing.
need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || { say "SKIPPED: $tool is not here"; exit 0; }
  done
}

# files PATTERN: the project's files of that name, without what was built.
files() {
  find . \( -name build -o -name .git \) -prune -o -type f -name "$1" -print | sed 's,^\./,,' | sort
}

# The C of the kernels and of the readers is laid out by hand, after style(9).
cpp_files() {
  files '*.cpp'
  files '*.h' | grep -v -E '^(kernel/(freebsd/sys|include|linux)|scenarios)/|^kernel/engine/' || true
  files 'test_*.h' | grep '^kernel/engine/' || true
}

shell_files() {
  { files '*.sh'; files '*' | xargs grep -l -m 1 -E '^#! ?/.*[/ ](ba)?sh$'; } | sort -u
}

# Version 14 decides: others lay out otherwise.
check_format() { clang-format-14 --dry-run -Werror "$@"; }

check_shell() { shellcheck -x "$@"; }

check_manual() {
  wrong=0
  for page in "$@"; do
    mandoc -T lint -W warning "$page" || wrong=1
    said=$(groff -ww -mandoc -T utf8 "$page" 2>&1 >/dev/null) || wrong=1
    [ -z "$said" ] || { say "$said"; wrong=1; }
  done
  return $wrong
}

check_tidy() { clang-tidy-14 --quiet "$@" -- -std=c++20; }

# planted CHECK FILE TEXT: the check refuses a file with that text.
planted() {
  printf '%b' "$3" >"$work/$2"
  if ("check_$1" "$work/$2") >"$work/said" 2>&1; then
    die "$1 did not find the mistake that was planted for it"
  fi
  grep -q "$2" "$work/said" || { cat "$work/said"; die "$1 failed, but not for the planted mistake"; }
  say "$1 can fail"
}

# File names of the project have no blanks.
# shellcheck disable=SC2046
case "${1:-}" in
  format) need clang-format-14; check_format $(cpp_files) ;;
  shell) need shellcheck; check_shell $(shell_files) ;;
  manual) need mandoc groff; check_manual $(files '*.1') $(files '*.4') ;;
  tidy) need clang-tidy-14 clang++-14 python3; cmake/tidy.py "${2:-build/release}" ;;
  can-fail)
    need clang-format-14 shellcheck mandoc groff clang-tidy-14
    work=$(mktemp -d)
    trap 'rm -r "$work"' EXIT
    cp .clang-format .clang-tidy "$work"
    planted format planted.cpp 'int  main( ) {return 0;}\n'
    planted tidy planted_tidy.cpp 'int* nothing() { return 0; }\n'
    # shellcheck disable=SC2016 # the script's, not ours
    planted shell planted.sh '#!/bin/sh\nrm $1\n'
    planted manual planted.1 '.Dd today\n.Dt PLANTED 1\n.Os\n.Sh NAME\n.Nm planted\n.Nd page\n.Sh SYNOPSIS\n.Xx\n'
    ;;
  -h | --help) sed -n '3,11s/^# \{0,1\}//p' "$0" ;;
  *) die "cmake/lint.sh: ${1:-nothing}: unknown; --help says more" ;;
esac
