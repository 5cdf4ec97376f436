#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Unpacks newer readers of dumps than this machine may have, those of Debian 13, beside the system, and prints
#
#   MAKEDUMPFILE_TRIXIE=PATH
#   CRASH_TRIXIE=PATH
#
# for eval "$(peers.sh)". Each runs with its own libraries by its own dynamic linker; nothing is installed.
# Exit 77 when they cannot be fetched.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

suite=trixie
dir=$CACHE/peers/$suite
mkdir -p "$CACHE/peers"
exec 9>"$dir.lock"
flock 9

if [ ! -e "$dir" ]; then
	apt_root $suite "$(dpkg --print-architecture 2>/dev/null)" || skip "$(unreachable $suite)"
	say "fetching makedumpfile and crash of Debian $suite"
	rm -rf "$dir.new"
	mapfile -t packages < <(for package in makedumpfile crash; do apt_closure $package; done | sed -n 's/^\(lib[^ ]*\|zlib1g\) .*/\1/p' | sort -u)
	unpack "$dir.new" makedumpfile crash "${packages[@]}" || skip "the packages of $suite cannot be downloaded"
	mkdir "$dir.new/run"
	for program in makedumpfile crash; do
		cat >"$dir.new/run/$program" <<-END
			#!/bin/sh
			root=\$(dirname "\$0")/..
			libs=\$(echo "\$root"/usr/lib/*-linux-gnu*)
			exec "\$libs"/ld*.so.[0-9] --library-path "\$libs" "\$root"/usr/*bin/$program "\$@"
		END
		chmod +x "$dir.new/run/$program"
		"$dir.new/run/$program" --version >/dev/null 2>&1 || "$dir.new/run/$program" -v >/dev/null 2>&1 ||
			skip "$program of $suite does not run on this machine"
	done
	mv "$dir.new" "$dir"
fi

echo "MAKEDUMPFILE_TRIXIE=$dir/run/makedumpfile"
echo "CRASH_TRIXIE=$dir/run/crash"
