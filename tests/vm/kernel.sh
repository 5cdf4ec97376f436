#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Fetches the newest kernel of a Debian suite into the cache and prints its release.
#
#   kernel.sh [--debug] SUITE ARCH       e.g. kernel.sh bookworm amd64, kernel.sh trixie arm64-16k
#
# The kernel is in $VMCORE_CACHE/kernels/RELEASE: vmlinuz, modules/ (what depmod and modprobe want), System.map, version (of the
# package). --debug adds vmlinux with debug information: a download of about 850 MB, of which only that file is kept.
# Exit 77 when the suite cannot be reached and nothing of it is cached.

set -euo pipefail
. "$(dirname "$0")/lib.sh"

debug=
[ "${1:-}" = --debug ] && debug=yes && shift
[ $# = 2 ] || die "usage: kernel.sh [--debug] SUITE ARCH"
suite=$1 flavour=$2 arch=${2%%-*}
mkdir -p "$CACHE/kernels"
newest=$CACHE/kernels/newest-$suite-$flavour

# The meta-package linux-image-FLAVOUR depends on the image of the newest release.
if apt_root "$suite" "$arch" && closure=$(apt_closure "linux-image-$flavour"); then
	read -r release version < <(sed -n 's/^linux-image-\([0-9].*\) /\1 /p' <<<"$closure") || die "no kernel in $suite for $flavour"
	echo "$release" >"$newest"
elif [ -e "$newest" ]; then
	release=$(<"$newest") version=$(<"$CACHE/kernels/$release/version")
	say "$suite cannot be reached, using the cached $release"
else
	skip "no kernel: $(unreachable "$suite"), and nothing of it is cached"
fi

dir=$CACHE/kernels/$release
exec 9>"$dir.lock"
flock 9

# Packages may be rebuilt under an unchanged release: image and vmlinux must come from the same build.
if [ "$(cat "$dir/version" 2>/dev/null)" != "$version" ]; then
	say "fetching the kernel $release ($suite, package $version)"
	rm -rf "$dir" "$dir.new"
	# One package until 6.x, split into linux-binary, linux-modules and linux-base since 7.x; all carry the release in their name.
	mapfile -t packages < <(sed -n "s/^\(linux-[a-z]*-${release//./\\.}\) .*/\1/p" <<<"$closure")
	unpack "$dir.new" "${packages[@]}" || { rm -rf "$dir.new"; skip "the packages of $release cannot be downloaded"; }
	cd "$dir.new"
	ln -s "$(find . -path "./boot/vmlinu*" -o -path "./usr/lib/modules/$release/vmlinu*" | head -1)" vmlinuz
	ln -s "$(find . -name "System.map*" | head -1)" System.map
	mkdir -p modules/lib
	modules=lib/modules
	[ -d "$modules" ] || modules=usr/lib/modules
	ln -s "../../$modules" modules/lib/modules
	depmod -b "$PWD/modules" "$release"
	echo "$version" >version
	mv "$dir.new" "$dir"
fi

if [ -n "$debug" ] && [ ! -e "$dir/vmlinux" ]; then
	say "fetching the debug information of $release: about 850 MB, only vmlinux is kept"
	tmp=$(mktemp -d "$CACHE/debug.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	(cd "$tmp" && apt_ download "linux-image-$release-dbg" >/dev/null) || skip "linux-image-$release-dbg cannot be downloaded"
	dpkg-deb --fsys-tarfile "$tmp"/*.deb | tar -x -C "$tmp" --wildcards --no-anchored "vmlinux*"
	mv "$(find "$tmp" -type f -name 'vmlinux*' | head -1)" "$dir/vmlinux"
fi

echo "$release"
