# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# bash completion for vmcore-analyze(8)

# The command on the line, if there is one already: the second operand.
_vmcore_analyze_command()
{
	local i dump=

	for ((i = 1; i < cword; i++)); do
		case ${words[i]} in
		-c | --vmcoreinfo) ((i++)) ;;
		-*) ;;
		*)
			[ -n "$dump" ] && echo "${words[i]}" && return
			dump=yes
			;;
		esac
	done
	[ -z "$dump" ] || echo none
}

_vmcore_analyze()
{
	# shellcheck disable=SC2034 # _init_completion fills them all
	local cur prev words cword split
	local options='--help --info --json --verbose --version --vmcoreinfo -c -v'
	local log_options='--caller --ctime --help --json --last --level --notime --show-level --verbose -T -c -l -m -n -t -v'
	local bt_options='--help --json --verbose -F -S -T -a -c -e -f -l -s -t -v'
	local commands='bt help log sys' choice=

	_init_completion -s || return
	case $prev in
	--info | --vmcoreinfo) _filedir && return ;;
	esac
	case $(_vmcore_analyze_command) in
	'') [[ $cur == -* ]] && choice=$options ;;
	none) [[ $cur == -* ]] && choice=$options || choice=$commands ;;
	bt)
		case $prev in
		-c | -S) return ;;
		*) choice=$bt_options ;;
		esac
		;;
	help) choice=$commands ;;
	log)
		case $prev in
		-l | --level) choice='emerg alert crit err warn notice info debug err+ warn+' ;;
		-n | --last) return ;;
		*) choice=$log_options ;;
		esac
		;;
	*) choice='--help --json --verbose -v' ;;
	esac
	if [ -n "$choice" ]; then
		mapfile -t COMPREPLY < <(compgen -W "$choice" -- "$cur")
	else
		_filedir
	fi
}

complete -F _vmcore_analyze vmcore-analyze
