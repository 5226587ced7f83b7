#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
#
# Puts the drop-in buffer models and the protocol engine into a FreeBSD source
# tree, and takes them out again.  All or nothing: everything is prepared beside
# its place and checked, the originals are kept, and what is interrupted is put
# back.  sys/conf/files stays as it is.

set -eu
LC_ALL=C
export LC_ALL

usage() {
	cat <<-'EOF'
	usage: install.sh --src DIR           install into the source tree DIR
	       install.sh --src DIR --undo    put the original files back
	       install.sh --src DIR --check   say what would happen, change nothing

	DIR is usually /usr/src: the tree of FreeBSD 13.2 to 16.
	EOF
}

fail() {
	echo "install.sh: $*" >&2
	exit 1
}

# ---- What goes where ----

replaced="bpf_buffer.c bpf_buffer.h bpf_zerocopy.c bpf_zerocopy.h"
added="bpf_zbuf_compat.h"
engine_files="abi.h buffer.c buffer.h event.h host.h requests.h revision.c
    revision.h shared_header.h types.h"
# The entry points that we have; a bpf.c that calls others is not known.
entry_points="bpf_buffer_append_bytes bpf_buffer_append_mbuf bpf_buffer_free
    bpf_buffer_init bpf_buffer_ioctl_sblen bpf_buffer_uiomove
    bpf_zerocopy_append_bytes bpf_zerocopy_append_mbuf
    bpf_zerocopy_buf_reclaimed bpf_zerocopy_buffull bpf_zerocopy_bufheld
    bpf_zerocopy_canfreebuf bpf_zerocopy_canwritebuf bpf_zerocopy_free
    bpf_zerocopy_ioctl_getzmax bpf_zerocopy_ioctl_rotzbuf
    bpf_zerocopy_ioctl_setzbuf"

here=$(cd "$(dirname "$0")" && pwd)
ours=$here/sys/net
engine=$here/../engine

# ---- Arguments ----

src=''
action=install
while [ $# -gt 0 ]; do
	case $1 in
	--src)
		[ $# -gt 1 ] || fail "--src needs a folder, usually /usr/src"
		src=$2
		shift
		;;
	--undo)	action=undo ;;
	--check) action=check ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		fail "\"$1\" is not an option"
		;;
	esac
	shift
done
if [ -z "$src" ]; then
	usage >&2
	fail "--src is missing"
fi
net=$src/sys/net
undo=$net/.zbuf-undo	# the originals; there from before the first change
new=$net/.zbuf-new	# being prepared; also keeps two of us apart

# ---- The tree ----

version_of_tree() {
	awk '$1 == "#define" && $2 == "__FreeBSD_version" { print $3; exit }' \
	    "$src/sys/sys/param.h"
}

name_of_tree() {
	sed -n 's/^REVISION="\(.*\)"$/FreeBSD \1/p' "$src/sys/conf/newvers.sh" \
	    2>/dev/null | head -1
}

# Known: 13.2 and later of 13, and the releases of 14, 15 and 16.
check_release() {
	[ -f "$src/sys/sys/param.h" ] ||
	    fail "$src: no sys/sys/param.h there; expected a FreeBSD source tree"
	version=$(version_of_tree)
	case $version in
	'' | *[!0-9]*)
		fail "$src/sys/sys/param.h: found no __FreeBSD_version in it"
		;;
	esac
	name=$(name_of_tree)
	name=${name:-FreeBSD} # a tree may have no newvers.sh
	[ "$version" -ge 1302000 ] ||
	    fail "$name ($version) is older than 13.2: its bpf.c is another; nothing changed"
	[ "$version" -lt 1700000 ] ||
	    fail "$name ($version) is newer than 16: its bpf.c is not known; nothing changed"
}

# The interface to bpf.c, read from bpf.c: the version number alone says little
# of a tree between two releases.
check_interface() {
	for f in bpf.c bpf.h bpfdesc.h $replaced; do
		[ -f "$net/$f" ] ||
		    fail "$net/$f is missing; expected a whole source tree"
	done
	for f in $(grep -E -o 'bpf_(zerocopy|buffer)_[a-z_]*\(' "$net/bpf.c" |
	    tr -d '(' | sort -u); do
		known=no
		for e in $entry_points; do
			[ "$e" != "$f" ] || known=yes
		done
		[ $known = yes ] ||
		    fail "$net/bpf.c calls $f(), which is not known here; nothing changed"
	done
	for f in $entry_points; do
		grep -q "$f(" "$net/bpf.c" ||
		    fail "$net/bpf.c does not call $f(): not a bpf.c that is known; nothing changed"
	done
	in_use=bd_hbuf_in_use
	[ "$version" -lt 1600000 ] || in_use=BPFD_HBUF_INUSE
	grep -q "$in_use" "$net/bpfdesc.h" ||
	    fail "$net/bpfdesc.h has no $in_use, which $name ($version) should; nothing changed"
}

check_ours() {
	for f in $replaced $added; do
		[ -f "$ours/$f" ] || fail "$ours/$f is missing: this copy of zbuf lab is not whole"
	done
	for f in $engine_files; do
		[ -f "$engine/$f" ] || fail "$engine/$f is missing: this copy of zbuf lab is not whole"
	done
}

check_writable() {
	[ -w "$net" ] || fail "no permission to write in $net; become root, or take a tree of your own"
	for f in $replaced; do
		[ -w "$net/$f" ] ||
		    fail "no permission to write $net/$f; become root, or take a tree of your own"
	done
}

# fresh, installed, or half: what an interrupted run left.
state() {
	if [ -d "$undo" ] && [ -f "$undo/complete" ]; then
		for f in $replaced $added; do
			cmp -s "$net/$f" "$undo/installed/$f" || {
				echo half
				return
			}
		done
		for f in $engine_files; do
			cmp -s "$net/zbuf_engine/$f" \
			    "$undo/installed/zbuf_engine/$f" || {
				echo half
				return
			}
		done
		echo installed
	elif [ -e "$undo" ] || [ -e "$net/zbuf_engine" ] ||
	    [ -e "$net/bpf_zbuf_compat.h" ]; then
		echo half
	else
		echo fresh
	fi
}

# ---- Undo ----

# A file that is neither ours nor the original is somebody's work.
check_untouched() {
	for f in $replaced; do
		cmp -s "$net/$f" "$undo/original/$f" ||
		    cmp -s "$net/$f" "$undo/installed/$f" ||
		    fail "$net/$f was changed after the installation; move your changes away first, nothing was undone"
	done
}

# Puts the originals back, from whatever state; can be repeated.
restore() {
	for f in $replaced; do
		cp -p "$undo/original/$f" "$net/.zbuf-restore"
		mv -f "$net/.zbuf-restore" "$net/$f"
	done
	for f in $added; do
		rm -f "$net/$f"
	done
	rm -rf "$net/zbuf_engine" "$new"
	for f in $replaced; do
		cmp -s "$net/$f" "$undo/original/$f" ||
		    fail "$net/$f could not be put back; the original is $undo/original/$f"
	done
	rm -rf "$undo"
}

undo_installation() {
	if [ ! -f "$undo/complete" ]; then
		[ "$(state)" = fresh ] &&
		    fail "$src: nothing to undo, the original files are in place"
		fail "$undo has no originals; put $net back from your source control"
	fi
	check_untouched
	check_writable
	restore
	echo "$name ($version): the original files are back in $net"
}

# ---- Install ----

give_up() {
	trap - EXIT HUP INT TERM
	if [ -f "$undo/complete" ]; then
		restore
	else
		rm -rf "$new" "$undo"
	fi
	fail "interrupted; $net is as it was"
}

same() {
	cmp -s "$1" "$2" || fail "$2 is not what was copied: is the disk full?"
}

prepare() {
	mkdir "$new" 2>/dev/null ||
	    fail "$new is there: another run is at work, or one was killed; if none runs, remove it"
	trap give_up EXIT HUP INT TERM
	mkdir -p "$new/original" "$new/installed/zbuf_engine" "$new/place"
	for f in $replaced; do
		cp -p "$net/$f" "$new/original/$f"
		same "$net/$f" "$new/original/$f"
	done
	for f in $replaced $added; do
		cp "$ours/$f" "$new/installed/$f"
		same "$ours/$f" "$new/installed/$f"
	done
	for f in $engine_files; do
		cp "$engine/$f" "$new/installed/zbuf_engine/$f"
		same "$engine/$f" "$new/installed/zbuf_engine/$f"
	done
	chmod -R u+w,go+rX "$new/installed"
	cp -R "$new/installed/." "$new/place"
	echo "$version" >"$new/complete"
}

# From the first mv on, the originals are in $undo, and give_up restores them.
put_in_place() {
	place=$undo/place
	mv "$new" "$undo"
	mv "$place/zbuf_engine" "$net/zbuf_engine"
	for f in $added $replaced; do
		mv -f "$place/$f" "$net/$f"
	done
	rmdir "$place"
	[ "$(state)" = installed ] || fail "$net is not what was prepared"
}

install_files() {
	case $(state) in
	installed)
		echo "$name ($version): already installed in $net, nothing to do"
		return
		;;
	half)
		if [ -f "$undo/complete" ]; then
			fail "$net holds another or an unfinished installation; run install.sh --src $src --undo first"
		fi
		fail "$net holds parts of an installation, but not its originals; put $net back from your source control"
		;;
	esac
	check_interface
	check_writable
	if [ "$action" = check ]; then
		echo "$name ($version): known; would replace $replaced in $net, and add $added and zbuf_engine/"
		return
	fi
	prepare
	put_in_place
	trap - EXIT HUP INT TERM
	echo "$name ($version): installed in $net; build a kernel with device bpf now"
	echo "To take it out again: install.sh --src $src --undo"
}

check_release
if [ "$action" = undo ]; then
	undo_installation
else
	check_ours
	install_files
fi
