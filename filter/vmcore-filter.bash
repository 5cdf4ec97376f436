# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for vmcore-filter(8)

_vmcore_filter()
{
	# shellcheck disable=SC2034 # _init_completion fills them all
	local cur prev words cword split
	local options='--compress --dry-run --dump-dmesg --exclude --exit-code --force --help --info --json --keep --keep-going --mem-usage --message-level --num-threads --partial-dmesg --per-node --progress --show-stats --verbose --version --vtop -D -E -F -L -c -d -f -i -l -p -v -z'

	_init_completion -s || return
	case $prev in
	--compress) mapfile -t COMPREPLY < <(compgen -W 'zlib lzo snappy zstd none' -- "$cur") ;;
	--progress) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") ;;
	--exit-code) mapfile -t COMPREPLY < <(compgen -W 'exact usable' -- "$cur") ;;
	-d) mapfile -t COMPREPLY < <(compgen -W '0 1 17 31 1,31' -- "$cur") ;;
	--exclude) mapfile -t COMPREPLY < <(compgen -W 'zero cache private-cache user free zsmalloc pagetable-user pcp-free' -- "$cur") ;;
	--keep) mapfile -t COMPREPLY < <(compgen -W 'task: user-stacks range:' -- "$cur") ;;
	--num-threads | --message-level | --vtop | -L) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			_filedir
		fi
		;;
	esac
}

complete -F _vmcore_filter vmcore-filter
