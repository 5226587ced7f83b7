#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Builds the Linux module for the kernel that runs, and loads it.
#
#   kernel/linux/load.sh            says what it will do, and does it
#   kernel/linux/load.sh --plan     only says it
#   kernel/linux/load.sh --unload   takes the module out again
#
# Building needs no root; installing the kernel's headers, loading and the sysctl do. Nothing is installed below
# /lib/modules, so the module is gone with the next boot.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
. "$root/cmake/setup.sh"

usage="load.sh: expected --plan, --unload or nothing"
[ $# -le 1 ] || die "$usage"
release=$(uname -r)
headers=/lib/modules/$release/build
out=$root/build/kernel-$release
enable=/proc/sys/net/bpf/zerocopy_enable
is_loaded() { [ -d /sys/module/zbuf ]; }

[ "$(uname -s)" = Linux ] || die "This is $(uname -s). On FreeBSD the drop-in takes its place: kernel/freebsd/README.md"
[ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = aarch64 ] ||
  die "This machine is $(uname -m). The layouts of /dev/bpf are those of 64-bit little-endian machines."

unload() {
  is_loaded || { say "The module is not loaded."; return; }
  say "Will run as root: rmmod zbuf"
  as_root rmmod zbuf || die "The module stays: a descriptor of /dev/bpf is open, or a packet that one has sent is under way."
}

say_plan() {
  say "For Linux $release, this will"
  [ -d "$headers" ] || say "  - install linux-headers-$release with apt-get (as root)"
  if is_loaded; then
    say "  - leave the module that is loaded as it is (load.sh --unload takes it out)"
  else
    say "  - build $out/linux/zbuf.ko from kernel/linux and kernel/engine"
    say "  - load it (as root: insmod), until the next boot. That makes /dev/bpf and /dev/bpf_trace, which root may open,"
    say "    /proc/net/bpf, and net.bpf.* of sysctl(8)"
  fi
  say "  - set net.bpf.zerocopy_enable to 1 (as root), so that descriptors may have the zero-copy mode"
}

build_module() {
  mkdir -p "$out"
  log=$out/build.log
  make -s -C "$here" "KDIR=$headers" "OUT=$out" >"$log" 2>&1 ||
    { tail -n 20 "$log" >&2; die "The module does not build for Linux $release; the whole log is $log"; }
}

load() {
  if [ ! -d "$headers" ]; then
    command -v apt-get >/dev/null 2>&1 || die "The headers of Linux $release are not in $headers, and there is no apt-get here."
    as_root apt-get update -qq
    as_root apt-get install -y -qq --no-install-recommends "linux-headers-$release" make gcc >/dev/null ||
      die "There is no package linux-headers-$release: this kernel is not the distribution's. Give its sources a build in $headers."
  fi
  if ! is_loaded; then
    build_module
    as_root insmod "$out/linux/zbuf.ko" ||
      die "The kernel does not take the module (dmesg says why). With Secure Boot it takes signed modules only."
  fi
  printf '1\n' | as_root tee "$enable" >/dev/null
  say "Loaded. zbuf attach takes it from here; kernel/linux/bpf-zbuf.4 is its manual page."
}

case "${1:-}" in
  "") say_plan; load ;;
  --plan) say_plan ;;
  --unload) unload ;;
  -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0" ;;
  *) die "$usage" ;;
esac
