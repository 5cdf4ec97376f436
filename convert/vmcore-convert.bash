# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for vmcore-convert(8)

_vmcore_convert()
{
	# shellcheck disable=SC2034 # _init_completion fills them all
	local cur prev words cword split
	local options='--base --block-size --compress --dedupe --dry-run --exit-code --force --help --info --json --list --machine --message-level --num-threads --output --progress --salvage --split --verbose --verify --version -D -E -F -L -O -c -f -l -p -v -z'

	_init_completion -s || return
	case $prev in
	--compress) mapfile -t COMPREPLY < <(compgen -W 'zlib lzo snappy zstd none' -- "$cur") ;;
	--progress) mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") ;;
	--exit-code) mapfile -t COMPREPLY < <(compgen -W 'exact usable' -- "$cur") ;;
	-O | --output) mapfile -t COMPREPLY < <(compgen -W 'kdump elf flattened raw lime' -- "$cur") ;;
	--machine) mapfile -t COMPREPLY < <(compgen -W 'q35 pc virt-arm64 virt-arm virt-riscv64 virt-loongarch64 s390-ccw pseries' -- "$cur") ;;
	--num-threads | --message-level | -L | --base | --block-size | --split | --dedupe) ;;
	*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
		else
			_filedir
		fi
		;;
	esac
}

complete -F _vmcore_convert vmcore-convert
