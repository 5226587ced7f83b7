#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# One place for each thing: adds an event, a request, a counter, a key of scenarios and a revision to a copy of the
# project, counts the files that had to change for each, and shows that the copy knows the new things and that what
# was left out does not compile.
#
#   one_place.sh WORK [build]     WORK: a folder for the copy, which is made anew
#
# With "build" it also builds the command of the copy (without optimizing) and the rooms of the window that have
# something to say of each event, where there is a Qt, and asks the command. That takes minutes.
# shellcheck disable=SC1003 # lines of macros end in a backslash
set -eu
project=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
work=${1:?the folder to work in}
rm -rf "$work"
mkdir -p "$work"
work=$(CDPATH='' cd -- "$work" && pwd)
copy=$work/copy

die() { printf 'one_place: %s\n' "$*" >&2; exit 1; }

copy_of() { (cd "$1" && tar -cf - --exclude=./build --exclude=./.git .) | (mkdir "$2" && cd "$2" && tar -xf -); }

# put after|before FILE PATTERN TEXT...: TEXT, a line each, beside the first line that has the pattern. FILE is of the copy.
put() {
  where=$1 file=$copy/$2 pattern=$3
  shift 3
  WHERE=$where PATTERN=$pattern TEXT=$(printf '%s\n' "$@") awk '
    function put() { print ENVIRON["TEXT"]; done = 1 }
    { here = !done && $0 ~ ENVIRON["PATTERN"] }
    here && ENVIRON["WHERE"] == "before" { put() }
    { print }
    here && ENVIRON["WHERE"] == "after" { put() }
    END { exit !done }' "$file" >"$work/edited" || die "$file has no line like $pattern: write this edit anew"
  cat "$work/edited" >"$file"
}

# adding WHAT MOST: counts the files that differ from those before, which become those after.
adding() {
  changed=$(diff -rq "$work/before" "$copy" | wc -l)
  diff -rq "$work/before" "$copy" | sed "s,.* and $copy/,  ," | sed 's, differ,,'
  printf '%s: %d files, at most %d\n' "$1" "$changed" "$2"
  if [ "$changed" -lt 1 ] || [ "$changed" -gt "$2" ]; then die "$1 needs $changed files; expected at most $2"; fi
  rm -rf "$work/before"
  copy_of "$copy" "$work/before"
}

# compile FILE: nothing but that. FILE is of the copy.
compile() {
  command=$(python3 - "$copy/build/debug" "$copy/$1" <<'END'
import json, sys
print(next(e["command"] for e in json.load(open(sys.argv[1] + "/compile_commands.json")) if e["file"] == sys.argv[2]))
END
  ) || die "nothing compiles $1"
  (cd "$copy/build/debug" && eval "${command%% -o *} -fsyntax-only ${command##* -o * }") >"$work/compiled" 2>&1
}

# missed FILE WHAT: it does not compile, because of WHAT.
missed() {
  if compile "$1"; then die "$1 compiles, though it does not know $2"; fi
  grep -q "$2" "$work/compiled" || { cat "$work/compiled" >&2; die "$1 does not compile, but not because of $2"; }
  printf '  %s does not compile without %s\n' "$1" "$2"
}

copy_of "$project" "$copy"
copy_of "$project" "$work/before"
(cd "$copy" && cmake --preset debug -DZBUF_TESTS=OFF >"$work/configured") || die "the copy could not be configured"
built="zbuf"
faces="core/trace/fold.cpp"
if grep -q 'gui/explain/pseudo_code' "$copy/build/debug/compile_commands.json"; then
  built="$built zbuf_gui_explain zbuf_gui_stage zbuf_gui_model"
  faces="$faces gui/explain/pseudo_code.cpp gui/explain/captions_settings.cpp"
  # Files that a build makes, and that these include.
  cmake --build "$copy/build/debug" --target zbuf_gui_explain_autogen >"$work/built" 2>&1
fi
mv "$copy/build" "$work/build" # not to be counted
restore() { mv "$work/build" "$copy/build"; }

# ---- An event ----
put after kernel/engine/event.h '^#define.ZB_DESCRIPTOR_EVENTS' \
  '	X(33, NUDGED, "nudged", "somebody nudged the kernel",		\' \
  '	    descriptor, none, none, ZB_IS_MOMENT,			\' \
  '	    ("force", number, "of the nudge"), ZB_UNUSED, ZB_UNUSED,	\' \
  '	    ZB_UNUSED, "The kernel was nudged with force {force}")	\'
restore
# shellcheck disable=SC2086
for face in $faces; do missed "$face" ZB_EV_NUDGED; done
mv "$copy/build" "$work/build"
put before core/trace/fold.cpp '^  case ZB_EV_WROTE:' '  case ZB_EV_NUDGED:' '    break;'
put before gui/explain/pseudo_code.cpp '^  case ZB_EV_WROTE:' '  case ZB_EV_NUDGED:'
put before gui/explain/captions_settings.cpp '^} // namespace$' 'template <>' \
  'Caption caption<ZB_EV_NUDGED>(const Moment& m) {' \
  '  return {Captions::tr("A nudge"), Captions::tr("Force %1.").arg(m.event.a), "1.1", manual::description()};' '}'
adding "an event" 4

# ---- A request ----
put after kernel/engine/requests.h '^#define.ZB_REQUESTS\(X' \
  '	X(BIOCNUDGE,		ZB_IOW('"'B'"', 140, uint32_t),		\' \
  '	    nudge, ZB_WHEN_LOCKED)					\'
put before kernel/engine/ioctl.c '^set_feedback' 'nudge(struct zb_descriptor *d, void *data)' '{' \
  '	zb_emit(d, ZB_EV_NUDGED, NULL, *(uint32_t *)data, 0, 0, 0);' '	return (0);' '}' '' 'static int'
adding "a request" 2

# ---- A counter ----
put before core/trace/counters.h '^  X\(injected' '  X(nudges, sum, mask_of({ZB_EV_NUDGED}), "times that somebody nudged the kernel") \'
put after core/trace/fold.cpp '^  case ZB_EV_NUDGED:' '    ++d.total.nudges;'
adding "a counter" 2

# ---- A key of scenarios ----
put before core/scenario/keys.cpp 'K::number\("hz"' \
  '      K::number("nudge", KEY_AT(nudge_force), 1, 9, "how hard the kernel is nudged"),'
put before core/emulated/kernel.h 'bool copies_through_kernel' '    std::uint32_t nudge_force = 3;'
adding "a key" 2

# ---- A revision ----
put before kernel/engine/revision.h '^	ZB_REVISIONS = ' '	ZB_NUDGED = 5,		/* freebsd, nudged */'
sed -i.old 's/ZB_REVISIONS = 5/ZB_REVISIONS = 6/' "$copy/kernel/engine/revision.h" && rm "$copy/kernel/engine/revision.h.old"
put before kernel/engine/revision.c '^	\[ZB_ZBUF\]' '	[ZB_NUDGED] = {' '		.name = "nudged",' \
  '		.when = "never",' '		.number = ZB_NUDGED,' '		.publish_once = true,' '		.has_setfnr = true,' \
  '		.record_header_constant = 26,' '		.timeout_rounding = ZB_ROUND_DOWN,' '	},'
adding "a revision" 2

# ---- The copy knows them ----
[ "${2:-}" = build ] || exit 0
restore
# shellcheck disable=SC2086
cmake --build "$copy/build/debug" --target $built >"$work/built" 2>&1 || { grep -A9 -E 'error|FAILED' "$work/built" | head -60 >&2; die "the copy does not build"; }
zbuf=$copy/build/debug/core/cli/zbuf
cd "$work"
expect() { # PATTERN in what is read
  cat >said
  grep -q -e "$1" said || { head -40 said >&2; die "expected \"$1\""; }
}
cat >run.toml <<'END'
title = "Nudged"
[kernel]
revision = "nudged"
nudge = 9
[[reader]]
mode = "zbuf"
[[chapter]]
when = "nudged"
text = "Somebody nudged the kernel"
[[check]]
expr = "nudges == 0"
text = "Nobody did"
END
"$zbuf" run run.toml | expect 'Nobody did'
sed 's/nudge = 9/nudge = 10/' run.toml >wrong.toml
"$zbuf" check wrong.toml 2>&1 | expect '"nudge" is 10; expected an integer, 1 to 9'
"$zbuf" list --keys kernel.nudge | expect 'how hard the kernel is nudged'
"$zbuf" run 4 --revision nudged | expect 'nudged'
"$zbuf" run 4 --revision nosuch 2>&1 | expect 'nudged'
grep -a -o BIOCNUDGE "$zbuf" | expect BIOCNUDGE
printf 'one place for each thing: all five are known to the copy\n'
