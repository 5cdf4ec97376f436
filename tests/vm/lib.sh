# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the scripts of tests/vm share; sourced, never run.
#
#   VMCORE_CACHE   where everything fetched or made is kept (default: .cache in the repository, ignored by git)
#   VMCORE_MIRROR  Debian mirror to use instead of the one apt is configured with

# shellcheck disable=SC2034  # used by the scripts that source this
VM=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TOP=$(cd "$VM/../.." && pwd)
# Debian keeps tools like debugfs, modprobe and makedumpfile where only root looks.
PATH=$PATH:/usr/sbin:/sbin
CACHE=${VMCORE_CACHE:-$TOP/.cache}
# Scripts that call each other count from one start and write into one cache.
export VMCORE_CACHE=$CACHE VM_START=${VM_START:-$(date +%s)}

# Narration goes to stderr, so that stdout can be used by the caller.
say() { printf '[%3d s] %s\n' "$(($(date +%s) - VM_START))" "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }
# Exit 77 is "skipped" to the test runner: counted, and never taken for a pass.
skip() { printf '%s: SKIP: %s\n' "${0##*/}" "$*" >&2; exit 77; }

unreachable() { echo "the Debian suite $1 cannot be reached (needs apt-get, and a mirror: VMCORE_MIRROR can name one)"; }

# sources SUITE: lines for sources.list, from the mirrors that this machine already uses for Debian, whatever their names are:
# the suite and its security updates, which is where the newest kernel of a stable suite is.
sources() {
	local key=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e $key ] && key="[signed-by=$key]" || key=
	if [ -n "${VMCORE_MIRROR:-}" ]; then
		echo "deb $key $VMCORE_MIRROR $1 main"
		return
	fi
	# shellcheck disable=SC2016  # apt's own variables
	apt-get indextargets --format '$(SITE) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null |
		awk -v here="$(. /etc/os-release && echo "${VERSION_CODENAME:-}")" -v suite="$1" -v key="$key" '
			$3 == "main" && $2 == here && !main++ { print "deb", key, $1, suite, "main" }
			$3 == "main" && $2 == here "-security" && !sec++ { print "deb", key, $1, suite "-security", "main" }'
}

# apt_root SUITE ARCH: from here on apt_ works on a private apt root that knows that suite only and believes nothing is installed.
# The machine's own apt state is neither used nor changed. Fails when the package lists cannot be had.
apt_root() {
	APT_ROOT=$CACHE/apt/$1-$2
	command -v apt-get >/dev/null || return 1
	mkdir -p "$APT_ROOT"/lists/partial "$APT_ROOT"/cache/archives/partial || return 1
	: >"$APT_ROOT/status"
	(
		flock 7
		# A day is fresh enough: the kernel of a suite changes a few times a month.
		[ -z "$(find "$APT_ROOT/updated" -mtime -1 2>/dev/null)" ] || exit 0
		say "reading the package lists of $1 ($2)"
		sources "$1" >"$APT_ROOT/sources.list"
		[ -s "$APT_ROOT/sources.list" ] || exit 1
		# Not every suite has security updates (sid has none, an old one no longer has).
		if ! apt_ update 2>/dev/null; then
			sed -i '/-security /d' "$APT_ROOT/sources.list"
			apt_ update || exit 1
		fi
		touch "$APT_ROOT/updated"
	) 7>"$APT_ROOT/lock"
}

apt_() {
	apt-get -qq "$@" -o APT::Architecture="${APT_ROOT##*-}" -o APT::Architectures="${APT_ROOT##*-}" -o APT::Sandbox::User=root \
		-o Dir::Etc::SourceList="$APT_ROOT/sources.list" -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State::Lists="$APT_ROOT/lists" -o Dir::State::status="$APT_ROOT/status" -o Dir::Cache="$APT_ROOT/cache" \
		-o APT::Update::Error-Mode=any -o Acquire::Languages=none
}

# apt_closure PACKAGE: every "name version" that installing it on an empty machine would bring.
apt_closure() { apt_ install -s --no-install-recommends "$1" | sed -n 's/^Inst \([^ :]*\)[^ ]* (\([^ ]*\).*/\1 \2/p'; }

# unpack DIR PACKAGE...: downloads packages and unpacks them into DIR; the .deb files are not kept. When that fails, the lists may
# name what the mirror has replaced: the next run reads them anew.
unpack() {
	local dir=$1 tmp
	shift
	tmp=$(mktemp -d "$CACHE/unpack.XXXXXX") && (cd "$tmp" && apt_ download "$@" >/dev/null) && mkdir -p "$dir" &&
		for deb in "$tmp"/*.deb; do dpkg-deb -x "$deb" "$dir" || break; done
	local rc=$?
	rm -rf "$tmp"
	[ $rc = 0 ] || rm -f "$APT_ROOT/updated"
	return $rc
}
