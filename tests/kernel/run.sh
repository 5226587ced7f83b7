#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Builds the Linux module, boots Debian's kernel with it under QEMU, and runs the tests inside.
#
#   tests/kernel/run.sh [FOLDER [TESTS]]
#
# FOLDER: where kernel_tests was built, and where all that is made here goes (default: build/release/tests/kernel).
# TESTS: a filter of GoogleTest, for working on one of them.
# No network, no KVM, no root. Ends with 0: passed; 77: skipped, because something is not here.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
work=$(realpath -m "${1:-$root/build/release/tests/kernel}")
tests=${2:-*}
# A machine that says nothing is given up: after so many seconds of a processor, however busy the host is, or, if it
# uses none, after so many by the clock.
silence=${ZBUF_KERNEL_SILENCE:-600}
idle=900

skip() { echo "SKIPPED: $*. Needed are Debian's packages of need \"kernel\" in cmake/packages.tsv."; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
for tool in qemu-system-x86_64 busybox cpio make gcc ip tc xz; do
  command -v $tool >/dev/null || skip "$tool is not here"
done

# The newest kernel that is here with its headers. ZBUF_KERNEL_ROOT: where its package is unpacked.
release=
# shellcheck disable=SC2045 # sorted by version; names of kernels have no blanks
for image in $(ls -v "${ZBUF_KERNEL_ROOT:-}"/boot/vmlinuz-* 2>/dev/null); do
  candidate=${image##*/vmlinuz-}
  [ -d "/usr/src/linux-headers-$candidate" ] && release=$candidate
done
[ -n "$release" ] || skip "no kernel in ${ZBUF_KERNEL_ROOT:-}/boot has its headers in /usr/src"
image=${ZBUF_KERNEL_ROOT:-}/boot/vmlinuz-$release
modules=${ZBUF_KERNEL_ROOT:-}/lib/modules/$release/kernel
for program in kernel_tests kernel_victims; do
  [ -x "$work/$program" ] || { echo "$work/$program: build it first (target $program)"; exit 1; }
done

# ---- The module, without a word from compiler or sparse ----
sparse=0
if command -v sparse >/dev/null; then sparse=2; else echo "sparse is not here: not used"; fi
echo "Building zbuf.ko for $release"
make -s -C "$root/kernel/linux" "KDIR=/usr/src/linux-headers-$release" "OUT=$work/module" W=1 C=$sparse \
  >"$work/module.log" 2>&1 || { cat "$work/module.log"; exit 1; }
if grep -E -i '(warning|error):' "$work/module.log"; then
  echo "FAIL zbuf.ko builds with warnings"; exit 1
fi

# ---- The root file system: busybox, ip and tc, the tests, and the libraries that they need ----
tree=$work/initramfs
rm -rf "$tree"
mkdir -p "$tree/bin" "$tree/proc" "$tree/sys" "$tree/dev" "$tree/modules" "$tree/vectors" "$tree/root" "$tree/usr/bin"
cp "$here/init" "$tree/init"
cp "$(command -v busybox)" "$tree/bin/busybox"
for program in "$work/kernel_tests" "$(command -v ip)" "$(command -v tc)"; do
  cp "$program" "$tree/usr/bin/"
  ldd "$program" | sed -n 's/^\(.*=>\)\{0,1\}[[:space:]]*\(\/.*\) (0x.*/\2/p' | while read -r library; do
    mkdir -p "$tree$(dirname "$library")"
    cp -L "$library" "$tree$library"
  done
done
strip "$tree/usr/bin/kernel_tests"
cp "$work/kernel_victims" "$tree/usr/bin/victims"
cp "$root"/tests/vectors/freebsd-13.2/*.jsonl "$tree/vectors/"
for module in drivers/net/tun drivers/net/veth net/sched/sch_tbf; do
  if [ -f "$modules/$module.ko" ]; then
    cp "$modules/$module.ko" "$tree/modules/"
  else
    xz -dc "$modules/$module.ko.xz" >"$tree/modules/${module##*/}.ko"
  fi
done
cp "$work/module/linux/zbuf.ko" "$tree/modules/"
(cd "$tree" && find . | cpio -o -H newc --quiet) >"$work/initramfs.cpio"

# ---- Boot ----
complain='WARNING:|BUG:|Oops|Call Trace|general protection|use-after-free|INFO: (task|rcu)|rcu: INFO|Redzone|Poison|unregister_netdevice: waiting|refcount_t'
status=0

# watch PROCESS FILE: until the process has ended; ends it where the file no longer grows, and says so in gave_up.
watch() {
  gave_up='' size=0 since=0 quiet=0
  while read -r _ _ state _ _ _ _ _ _ _ _ _ _ user system _ 2>/dev/null <"/proc/$1/stat" && [ "$state" != Z ]; do
    used=$(((user + system) / $(getconf CLK_TCK)))
    now=$(wc -c <"$2")
    if [ "$now" -ne "$size" ]; then
      size=$now since=$used quiet=0
    fi
    if [ $((used - since)) -ge "$silence" ]; then
      gave_up="$silence s of processor time"
    elif [ "$quiet" -ge "$idle" ]; then
      gave_up="$idle s"
    fi
    if [ -n "$gave_up" ]; then
      kill "$1"
      return
    fi
    sleep 1
    quiet=$((quiet + 1))
  done
}

# boot NAME TESTS KERNEL-OPTIONS QEMU-OPTION...: runs those tests in a machine of its own.
boot() {
  name=$1 filter=$2 options=$3; shift 3
  console=$work/console.$name.log
  echo "Booting $release: $name"
  qemu-system-x86_64 "$@" -m 1024 -nodefaults -display none -serial stdio -monitor none -no-reboot \
    -kernel "$image" -initrd "$work/initramfs.cpio" \
    -append "console=ttyS0 panic=-1 oops=panic mitigations=off loglevel=5 hugepages=8 $options zbuf.tests=$filter" \
    </dev/null >"$console.raw" 2>&1 &
  machine=$!
  tail -n +1 -f -s 0.2 "--pid=$machine" "$console.raw" | sed -u 's,\r,,g' | tee "$console" |
    grep --line-buffered -E '^(PASS|FAIL|SKIP|SPEED|KERNEL TESTS|      )' &
  shown=$!
  watch "$machine" "$console.raw"
  wait "$machine" || true
  wait "$shown" || true
  if grep -n -E "$complain" "$console"; then
    echo "FAIL the kernel complained (above; all of it is in $console)"; status=1
  fi
  grep -q '^KERNEL TESTS: [1-9][0-9]* passed, 0 failed' "$console" || { echo "FAIL not every test passed"; status=1; }
  grep -q '^PASS the module unloads' "$console" || { echo "FAIL the module was not unloaded"; status=1; }
  grep -q '^KERNEL TESTS:' "$console" ||
    { tail -n 30 "$console"; echo "FAIL the machine did not finish${gave_up:+: given up, $gave_up without a word}"; status=1; }
}

# What the module does. What kmalloc gives is checked at its ends, and once it was freed.
behaviour() { boot tests "$1" 'slub_debug=FZP,kmalloc-*' -accel tcg,thread=multi -cpu max -smp 2; }
# What it costs: one processor, which executes instruction by instruction, and whose clocks count them. Without
# ERMS and FSRM the kernel copies eight bytes with an instruction, not one.
speed() {
  boot speed "$1" 'clocksource=tsc tsc=reliable' -accel tcg,thread=single -icount shift=0,sleep=off \
    -cpu max,-erms,-fsrm -smp 1
}
case $tests in
  '*') behaviour '-*Speed*'; speed '*Speed*' ;;
  *Speed*) speed "$tests" ;;
  *) behaviour "$tests" ;;
esac
exit $status
