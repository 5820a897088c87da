# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Completion for powerbox(8): subcommands, options, files, and the profiles of this node.

# The names of the profiles in the node's folders and in the one given. compgen expands its
# words, so nothing but a profile's name may get there.
_powerbox_profiles()
{
	local file name

	for file in {/etc,/usr/share}/powerbox/profiles.d/*.json ${1:+"$1"/*.json}; do
		name=${file##*/}
		name=${name%.json}
		[[ $name =~ ^[a-z0-9]([-a-z0-9]*[a-z0-9])?$ ]] && printf '%s\n' "$name"
	done
}

_powerbox()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
	local subcommand=${COMP_WORDS[1]} folder='' i

	COMPREPLY=()
	# bash takes "--option=value" for three words.
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W \
			'check diff explain import lint list show union --help --version' -- "$cur")
		return
	fi
	case $subcommand:$prev in
	import:--caps)
		mapfile -t COMPREPLY < <(compgen -W 'docker all none' -- "$cur")
		return
		;;
	import:--arch)
		mapfile -t COMPREPLY < <(compgen -W 'SCMP_ARCH_X86_64 SCMP_ARCH_AARCH64
			SCMP_ARCH_RISCV64 SCMP_ARCH_PPC64LE SCMP_ARCH_S390X' -- "$cur")
		return
		;;
	import:--kernel | import:--summary)
		return
		;;
	union:--runtime)
		mapfile -t COMPREPLY < <(compgen -W 'runc crun none' -- "$cur")
		return
		;;
	check:--runtime | check:--output)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	union:--profile-dir)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return
		;;
	esac
	case $subcommand:$cur in
	union:-*)
		mapfile -t COMPREPLY < <(compgen -W '--profile-dir --runtime --help' -- "$cur")
		;;
	import:-*)
		mapfile -t COMPREPLY < <(compgen -W \
			'--caps --arch --kernel --summary --skip-unknown --help' -- "$cur")
		;;
	lint:-*)
		mapfile -t COMPREPLY < <(compgen -W '--strict --help' -- "$cur")
		;;
	check:-*)
		mapfile -t COMPREPLY < <(compgen -W \
			'--json --probe --runtime --output --write --help' -- "$cur")
		;;
	diff:-* | explain:-* | list:-* | show:-*)
		mapfile -t COMPREPLY < <(compgen -W '--help' -- "$cur")
		;;
	diff:* | lint:*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -W "$(_powerbox_profiles)" -- "$cur"
			compgen -f -- "$cur")
		;;
	explain:* | import:*)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	show:* | union:*)
		for ((i = 2; i < COMP_CWORD; i++)); do
			[[ ${COMP_WORDS[i]} == --profile-dir ]] || continue
			folder=${COMP_WORDS[i + 1]}
			[[ $folder != = ]] || folder=${COMP_WORDS[i + 2]}
		done
		mapfile -t COMPREPLY < <(compgen -W "$(_powerbox_profiles "$folder")" -- "$cur")
		;;
	esac
}

complete -F _powerbox powerbox
