#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unpacks Debian 13's qemu-system-x86_64 beside the system, since that of Debian 12 cannot write mapped-ram files (QEMU 9.0), and
# prints the command to run it. It runs with its own libraries by its own dynamic linker; nothing is installed.
# Exit 77 when it cannot be fetched or does not run.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=trixie
dir=$CACHE/peers/qemu-$suite
mkdir -p "$CACHE/peers"
exec 9>"$dir.lock"
flock 9

if [ ! -e "$dir" ]; then
	[ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] || skip "this machine is no amd64"
	apt_root $suite amd64 || skip "$(unreachable $suite)"
	say "fetching QEMU of Debian $suite"
	rm -rf "$dir.new"
	mapfile -t packages < <(apt_closure qemu-system-x86 | sed -n 's/^\(lib[^ ]*\|zlib1g\|qemu-system-[^ ]*\|seabios\|ipxe-qemu\) .*/\1/p' | sort -u)
	unpack "$dir.new" "${packages[@]}" || skip "the packages of $suite cannot be downloaded"
	mkdir "$dir.new/run"
	cat >"$dir.new/run/qemu-system-x86_64" <<-'END'
		#!/bin/sh
		root=$(dirname "$0")/..
		libs=$root/usr/lib/x86_64-linux-gnu
		exec "$libs"/ld-linux-x86-64.so.2 --library-path "$libs" "$root"/usr/bin/qemu-system-x86_64 -L "$root"/usr/share/qemu -L "$root"/usr/share/seabios "$@"
	END
	chmod +x "$dir.new/run/qemu-system-x86_64"
	"$dir.new/run/qemu-system-x86_64" --version >/dev/null 2>&1 || skip "QEMU of $suite does not run on this machine"
	mv "$dir.new" "$dir"
fi

echo "$dir/run/qemu-system-x86_64"
