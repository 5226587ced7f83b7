# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
# shellcheck disable=SC2154 # root is the caller's
# Sourced by ./lab, ./check and cmake/lint.sh: says things, installs what is missing, and builds.
# Needs: $root, the folder of the project.

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 2; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    die "Installing packages needs root, and there is no sudo here. As root, run: $*"
  fi
}

# packages COLUMN NEED...: the names in that column for these needs, each once.
packages() {
  column=$1; shift
  awk -F '\t' -v column="$column" -v needs="$*" '
    BEGIN { n = split(needs, list, " "); for (i = 1; i <= n; i++) wanted[list[i]] = 1 }
    /^#/ { next }
    wanted[$1] && $column != "-" && !seen[$column]++ { print $column }' "$root/cmake/packages.tsv"
}

install_debian() {
  missing=
  for package in $(packages 2 "$@"); do
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
      missing="$missing $package"
  done
  [ -z "$missing" ] && return
  say "Installing:$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    die "apt-get could not install:$missing"
}

install_freebsd() {
  missing=
  for package in $(packages 3 "$@"); do
    pkg info -e "$package" 2>/dev/null || missing="$missing $package"
  done
  [ -z "$missing" ] && return
  say "Installing:$missing"
  # shellcheck disable=SC2086
  as_root pkg install -y $missing || die "pkg could not install:$missing"
}

# install_packages NEED...: of build, gui, test, lint, kernel.
install_packages() {
  if [ "$(uname -s)" = FreeBSD ]; then
    install_freebsd "$@"
  elif command -v apt-get >/dev/null 2>&1; then
    install_debian "$@"
  else
    say "Neither apt-get nor FreeBSD's pkg is here. Needed are: $(packages 2 "$@" | tr '\n' ' ')"
  fi
}

jobs() { nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2; }

# configure PRESET [again]: only once; CMake itself notices what changes later, but for what was installed since.
configure() {
  [ -f "$root/build/$1/build.ninja" ] && [ "${2:-}" != again ] && return
  log="$root/build/$1.configure.log"
  mkdir -p "$root/build"
  (cd "$root" && cmake --preset "$1") >"$log" 2>&1 || { cat "$log" >&2; die "cmake could not configure the preset $1."; }
}
