# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for vmcore-capture(8)

_vmcore_capture()
{
	# shellcheck disable=SC2034 # _init_completion fills them all
	local cur prev words cword split
	local options='--compress --dry-run --dump-dmesg --exit-code --force --help --json --log --message-level --no-log --num-threads --partial-dmesg --progress --show-stats --verbose --version -D -E -F -L -c -d -f -l -p -v -z'

	_init_completion -s || return
	case $prev in
	--compress) mapfile -t COMPREPLY < <(compgen -W 'zlib lzo snappy zstd none' -- "$cur") ;;
	--progress) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") ;;
	--exit-code) mapfile -t COMPREPLY < <(compgen -W 'exact usable' -- "$cur") ;;
	-d) mapfile -t COMPREPLY < <(compgen -W '0 1 17 31 1,31' -- "$cur") ;;
	--num-threads | --message-level | -L) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			_filedir
		fi
		;;
	esac
}

complete -F _vmcore_capture vmcore-capture
