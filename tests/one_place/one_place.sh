#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One place for each thing: adds an event, a request, a counter, a key of scenarios and a revision to a copy of the
# project, counts the files that had to change for each, and shows that the copy knows the new things and that what
# was left out does not compile.
#
#   one_place.sh WORK     WORK: a folder for the copy, which is made anew
#
# It builds the command of the copy (without optimizing), and the rooms of the window that have something to say of
# each event, where there is a Qt.
set -eu
project=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=${1:?the folder to work in}
rm -rf "$work"
mkdir -p "$work"
work=$(CDPATH='' cd -- "$work" && pwd)
copy=$work/copy

die() { printf 'one_place: %s\n' "$*" >&2; exit 1; }

copy_of() { (cd "$1" && tar -cf - --exclude=./build --exclude=./.git .) | (mkdir "$2" && cd "$2" && tar -xf -); }

# put FILE PATTERN TEXT...: TEXT, a line each, after the first line that has the pattern. FILE is of the copy.
put() {
  file=$copy/$1 pattern=$2
  shift 2
  text=$(printf '%s\n' "$@")
  TEXT=$text PATTERN=$pattern awk '
    { print }
    !done && $0 ~ ENVIRON["PATTERN"] { print ENVIRON["TEXT"]; done = 1 }
    END { exit !done }' "$file" >"$work/edited" || die "$file has no line like $pattern: write this edit anew"
  cat "$work/edited" >"$file"
}

# adding WHAT MOST: counts the files that differ from those before, which become those after.
adding() {
  changed=$(diff -rq "$work/before" "$copy" | wc -l)
  diff -rq "$work/before" "$copy" | sed "s,.* and $copy/,  ," | sed 's, differ,,'
  printf '%s: %d files, at most %d\n' "$1" "$changed" "$2"
  [ "$changed" -ge 1 ] && [ "$changed" -le "$2" ] || die "$1 needs $changed files; expected at most $2"
  rm -rf "$work/before"
  copy_of "$copy" "$work/before"
}
