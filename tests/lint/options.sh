#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the built programs say of their options (--help) is what their man pages and completions say,
# and the table of letters in vmcore-tools(7) agrees; the version is that of the top of NEWS.md.
#
#   BIN=dir    where the programs are

set -u
cd "$(dirname "$0")/../.." || exit 1
BIN=${BIN-build}
export LC_ALL=C
rc=0

complain() {
	echo "$*"
	rc=1
}

# Options as they stand in a text: "-x" and "--xyz", one on a line.
options() {
	grep -oE -- "(^|[^-A-Za-z0-9_])(--[a-z][a-z-]*[a-z]|-[A-Za-z])($|[^-A-Za-z0-9_])" |
		grep -oE -- "--?[A-Za-z][a-z-]*" | sort -u
}

# Twice, because neighbours share the character between them.
all_options() {
	sed -E 's/([],=[|( ])/\1\1/g' | options
}

# The option column of --help.
of_help() {
	"$BIN/vmcore-$1" --help | sed -nE 's/^  ( {4})?(-.{0,26}).*/\2/p' |
		sed -E 's/  .*//; s/[=[].*//' | all_options
}

# The tagged paragraphs (.TP, .TQ) of the section OPTIONS.
of_man() {
	awk '/^\.SH/ { on = /^\.SH "?OPTIONS/ }
		tag && /^\.B?/ { print }
		{ tag = on && /^\.T[PQ]/ }' "man/vmcore-$1.8" |
		sed -E 's/\\-/-/g; s/\\f.//g; s/"//g; s/=.*//' | all_options
}

of_completion() {
	grep -v '^[[:space:]]*#' "$1/vmcore-$1.bash" | sed -nE "s/^[[:space:]]*local options='(.*)'/\1/p" |
		tr ' ' '\n' | sort -u
}

of_table() {
	awk -F'|' -v tool="$1" '
		/begin letters/ { on = 1; next }
		/end letters/ { on = 0 }
		on && !column { for (i = 2; i < NF; i++) if ($i == tool) column = i; next }
		on && $column == "x" { sub(/^\\/, "", $1); print $1 }' man/vmcore-tools.7 | sort -u
}

same() {
	local gone

	gone=$(diff "$tmp/$2" "$tmp/$3" | sed -n 's/^[<>]/ &/p' | tr -d '\n')
	[ -z "$gone" ] || complain "vmcore-$1: $2 (<) and $3 (>) differ:$gone"
}

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for tool in capture filter convert analyze; do
	of_help $tool >"$tmp/help"
	[ -s "$tmp/help" ] || complain "vmcore-$tool: --help lists no options"
	of_man $tool >"$tmp/man"
	of_completion $tool >"$tmp/completion"
	of_table $tool >"$tmp/table"
	grep -E '^-[A-Za-z]$' "$tmp/help" >"$tmp/letters"
	same $tool help man
	same $tool help completion
	same $tool letters table
done

version=$("$BIN/vmcore-capture" --version | sed 's/.* //')
news=$(sed -n 's/^## \([^ ]*\).*/\1/p' NEWS.md | sed 1q)
[ "$version" = "$news" ] || complain "version $version is not the top of NEWS.md, $news"
for page in man/*.[78]; do
	grep -q "^\.TH .* \"vmcore-tools $version\"" "$page" ||
		complain "$page: its .TH does not say \"vmcore-tools $version\""
done

exit $rc
