#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# install.sh on source trees that are made up here.  usage: install_test.sh
# INSTALL.SH; the first line of what went wrong is printed, and the status is 1.

set -eu
LC_ALL=C
export LC_ALL

install=$1
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
chmod 755 "$work"
checks=0

wrong() {
	echo "install_test.sh: $*" >&2
	[ ! -s "$work/out" ] || sed 's/^/    /' "$work/out" >&2
	exit 1
}

# make_tree NAME VERSION: as much of a source tree as is looked at.
make_tree() {
	tree=$work/$1
	mkdir -p "$tree/sys/sys" "$tree/sys/conf" "$tree/sys/net"
	printf '#undef __FreeBSD_version\n#define __FreeBSD_version %s\t/* x */\n' \
	    "$2" >"$tree/sys/sys/param.h"
	printf 'TYPE="FreeBSD"\nREVISION="%s"\n' "$1" >"$tree/sys/conf/newvers.sh"
	for f in append_bytes append_mbuf free init ioctl_sblen uiomove; do
		echo "	bpf_buffer_$f(d);"
	done >"$tree/sys/net/bpf.c"
	for f in append_bytes append_mbuf buf_reclaimed buffull bufheld \
	    canfreebuf canwritebuf free ioctl_getzmax ioctl_rotzbuf \
	    ioctl_setzbuf; do
		echo "	bpf_zerocopy_$f(d);"
	done >>"$tree/sys/net/bpf.c"
	echo '/* bpf.h */' >"$tree/sys/net/bpf.h"
	echo 'int bd_hbuf_in_use;' >"$tree/sys/net/bpfdesc.h"
	[ "$2" -lt 1600000 ] ||
	    echo '#define BPFD_HBUF_INUSE 1' >"$tree/sys/net/bpfdesc.h"
	for f in bpf_buffer.c bpf_buffer.h bpf_zerocopy.c bpf_zerocopy.h; do
		echo "the original $f" >"$tree/sys/net/$f"
		touch -d '2023-04-07 00:00:00' "$tree/sys/net/$f"
	done
	chmod 640 "$tree/sys/net/bpf_buffer.c"
	remember
}

# All of the tree: names, modes, times of files, contents.
fingerprint() {
	(cd "$tree" && find . -type f -exec ls -l --time-style=+%s {} + |
	    sort -k 7 && find . -type d | sort && find . -type f -exec cksum {} + |
	    sort)
}

remember() {
	fingerprint >"$work/before"
}

unchanged() {
	fingerprint >"$work/after"
	cmp -s "$work/before" "$work/after" ||
	    wrong "$1: the tree is not as it was: $(diff "$work/before" "$work/after")"
}

succeeds() {
	checks=$((checks + 1))
	sh "$install" --src "$tree" "$@" >"$work/out" 2>&1 ||
	    wrong "failed: install.sh --src $tree $*"
}

# refuses WORDS OPTIONS...: fails, says WORDS, changes nothing.
refuses() {
	checks=$((checks + 1))
	words=$1
	shift
	remember
	! sh "$install" --src "$tree" "$@" >"$work/out" 2>&1 ||
	    wrong "did not refuse: install.sh --src $tree $*"
	grep -q "$words" "$work/out" || wrong "did not say \"$words\": $tree $*"
	unchanged "refused ($words)"
}

# ---- Every release, there and back ----

for release in 13.2:1302001 13.5:1305000 14.3:1403000 15.0:1500068 16.0:1600018; do
	make_tree "${release%:*}" "${release#*:}"
	succeeds --check
	unchanged "--check"
	succeeds
	grep -q "FreeBSD ${release%:*}" "$work/out" || wrong "release not named"
	grep -q 'zbuf_engine/buffer.c' "$tree/sys/net/bpf_zerocopy.c" ||
	    wrong "not installed"
	cmp -s "$tree/sys/net/zbuf_engine/buffer.c" \
	    "$(dirname "$install")/../engine/buffer.c" || wrong "no engine"
	# All that the installed files include is there.
	for f in $(sed -n 's/^#include <net\/\(zbuf_engine.*\)>$/\1/p' \
	    "$tree"/sys/net/bpf_z*.[ch]) $(cd "$tree/sys/net" &&
	    sed -n 's/^#include "\(.*\)"$/zbuf_engine\/\1/p' zbuf_engine/*); do
		[ -f "$tree/sys/net/$f" ] || wrong "includes $f, not installed"
	done
	succeeds # a second time does nothing
	grep -q 'already installed' "$work/out" || wrong "not idempotent"
	succeeds --undo
	unchanged "--undo"
	refuses 'nothing to undo' --undo
done

# ---- What it does not know ----

make_tree 13.1 1301000
refuses 'older than 13.2'
make_tree 17.0 1700000
refuses 'newer than 16'
make_tree other-call 1302001
echo '	bpf_zerocopy_sing(d);' >>"$tree/sys/net/bpf.c"
refuses 'calls bpf_zerocopy_sing'
make_tree missing-call 1302001
sed -i '/buf_reclaimed/d' "$tree/sys/net/bpf.c"
refuses 'does not call bpf_zerocopy_buf_reclaimed'
make_tree early-16 1600001
echo 'int bd_hbuf_in_use;' >"$tree/sys/net/bpfdesc.h"
refuses 'has no BPFD_HBUF_INUSE'
make_tree no-version 1302001
echo 'nothing' >"$tree/sys/sys/param.h"
refuses 'no __FreeBSD_version'
make_tree no-file 1302001
rm "$tree/sys/net/bpf_buffer.h"
refuses 'bpf_buffer.h is missing'
tree=$work/nowhere
mkdir "$tree"
refuses 'expected a FreeBSD source tree'
refuses 'is not an option' --frobnicate

# ---- Half of an installation, and somebody's changes ----

make_tree leftovers 1302001
mkdir "$tree/sys/net/zbuf_engine"
refuses 'but not its originals'
refuses 'has no originals' --undo
make_tree another-run 1302001
mkdir "$tree/sys/net/.zbuf-new"
refuses 'another run'

make_tree killed 1302001
cp "$work/before" "$work/fresh"
succeeds
# As if it had been cut off between two files.
cp -p "$tree/sys/net/.zbuf-undo/original/bpf_zerocopy.c" "$tree/sys/net/"
refuses 'unfinished installation'
succeeds --undo
cp "$work/fresh" "$work/before"
unchanged "--undo of half an installation"

make_tree edited 1302001
succeeds
echo '/* mine */' >>"$tree/sys/net/bpf_zerocopy.c"
refuses 'was changed after the installation' --undo

# A disk that fills up, or a signal: a file that cannot be moved to its place.
make_tree interrupted 1302001
mkdir "$work/bin"
cat >"$work/bin/mv" <<-EOF
	#!/bin/sh
	case \$* in *place/bpf_buffer.h*) exit 1 ;; esac
	exec /bin/mv "\$@"
EOF
chmod +x "$work/bin/mv"
checks=$((checks + 1))
! PATH=$work/bin:$PATH sh "$install" --src "$tree" >"$work/out" 2>&1 ||
    wrong "did not notice that mv failed"
grep -q 'is as it was' "$work/out" || wrong "does not say that it was put back"
unchanged "interrupted"

# ---- No permission ----

as_nobody=
if [ "$(id -u)" -eq 0 ]; then
	! command -v setpriv >/dev/null 2>&1 ||
	    as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
fi
if [ "$(id -u)" -ne 0 ] || [ -n "$as_nobody" ]; then
	make_tree read-only 1302001
	chmod -R a+rX,a-w "$tree"
	remember
	checks=$((checks + 1))
	# Nobody may be unable to look where we are.
	mkdir -p "$work/kernel/freebsd"
	cp "$install" "$work/kernel/freebsd/"
	cp -R "$(dirname "$install")/sys" "$work/kernel/freebsd/"
	cp -R "$(dirname "$install")/../engine" "$work/kernel/"
	chmod -R a+rX "$work/kernel"
	# shellcheck disable=SC2086 # words of a command
	! $as_nobody sh "$work/kernel/freebsd/install.sh" --src "$tree" >"$work/out" 2>&1 ||
	    wrong "wrote where it may not"
	grep -q 'no permission to write' "$work/out" || wrong "says no reason"
	unchanged "no permission"
fi

echo "$checks passed, 0 failed"
