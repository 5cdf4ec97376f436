#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what is missing on this machine for the named groups, saying first what and why; silent when all is there.
#
#   deps.sh GROUP...       build, lint, vm, peers
#
# Something is there when its command runs or pkg-config knows it, wherever it came from; packages are named as in Debian. On a
# system without apt, and for a user who cannot become root, says what to install and fails.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

# Each line: package, and the command it is needed for or library:NAME as pkg-config calls it.
declare -A needs=(
[build]='compiler, libraries and unit tests
	gcc gcc
	make make
	pkgconf pkg-config
	g++ g++
	zlib1g-dev library:zlib
	liblzo2-dev library:lzo2
	libsnappy-dev library:snappy
	libzstd-dev library:libzstd
	libdeflate-dev library:libdeflate
	libcmocka-dev library:cmocka'
[lint]='make lint
	clang-format clang-format
	clang-tidy clang-tidy
	shellcheck shellcheck
	man-db man
	groff groff'
[vm]='a real kernel that crashes in an emulator, and the reader its dump is compared with
	qemu-system-x86 qemu-system-x86_64
	cpio cpio
	kmod modprobe
	e2fsprogs debugfs
	xz-utils xz
	zstd zstd
	python3 python3
	makedumpfile makedumpfile'
[peers]='other readers of dumps, to compare with
	crash crash
	python3-drgn drgn'
)

there() {
	case $1 in
	library:*) pkg-config --exists "${1#library:}" 2>/dev/null ;;
	*) command -v "$1" >/dev/null ;;
	esac
}

missing=()
why=
for group; do
	[ -n "${needs[$group]:-}" ] || die "unknown group $group, there are: ${!needs[*]}"
	list=
	while read -r package need; do
		there "$need" || list="$list $package"
	done < <(sed 1d <<<"${needs[$group]}")
	# shellcheck disable=SC2206  # words
	missing+=($list)
	[ -z "$list" ] || why="$why"$'\n'"  $group (${needs[$group]%%$'\n'*}):$list"
done
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || die "missing here, by the names of Debian's packages; install them, then run this again:$why"
install=(apt-get -y -qq -o DPkg::Lock::Timeout=600 install --no-install-recommends "${missing[@]}")
root=()
if [ "$(id -u)" != 0 ]; then
	command -v sudo >/dev/null || die "missing here:$why"$'\n'"As root: ${install[*]}"
	root=(sudo)
fi
say "installing with apt:$why"
"${root[@]}" apt-get -qq -o DPkg::Lock::Timeout=600 update || say "the package lists could not be renewed, trying with the old ones"
mkdir -p "$CACHE"
"${root[@]}" env DEBIAN_FRONTEND=noninteractive "${install[@]}" >"$CACHE/apt.log" 2>&1 </dev/null || {
	cat "$CACHE/apt.log" >&2
	die "apt could not install: ${missing[*]}"
}
say "installed"
