# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Completion for powerbox(8). What there is to say it asks of powerbox itself: subcommands
# and options of their --help, and the profiles of this node of its folders.

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

# What an option takes: its word in the help, if it takes anything.
_powerbox_value()
{
	[[ $1 =~ ^--[a-z-]+$ ]] || return
	grep -oE -e "(^|[^-a-z])$1 [A-Z][A-Z.=]*" | sed -n '1s/.* //p'
}

# The value of an option, by its word in the help.
_powerbox_complete_value()
{
	case $1 in
	FILE | PATH)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		;;
	DIR)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		;;
	KIND)
		mapfile -t COMPREPLY < <(compgen -W 'runc crun none' -- "$cur")
		;;
	STATUS)
		mapfile -t COMPREPLY < <(compgen -W 'granted refused warned' -- "$cur")
		;;
	LIST)
		mapfile -t COMPREPLY < <(compgen -W 'docker all none' -- "$cur")
		;;
	ARCH)
		mapfile -t COMPREPLY < <(compgen -W 'SCMP_ARCH_X86_64 SCMP_ARCH_AARCH64
			SCMP_ARCH_RISCV64 SCMP_ARCH_PPC64LE SCMP_ARCH_S390X' -- "$cur")
		;;
	esac
}

# What stands behind the options, by the subcommand's line of usage.
_powerbox_complete_operand()
{
	local folder='' i

	for ((i = 2; i < COMP_CWORD; i++)); do
		[[ ${COMP_WORDS[i]} == --profile-dir ]] || continue
		folder=${COMP_WORDS[i + 1]}
		[[ $folder != = ]] || folder=${COMP_WORDS[i + 2]}
	done
	if [[ $1 =~ (^|[^A-Z])(NAME|A B) ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_powerbox_profiles "$folder")" -- "$cur")
	fi
	if [[ $1 =~ (^|[^A-Z])(FILE|BUNDLE|SOURCE|CONFIG|A B) ]]; then
		compopt -o filenames
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$cur")
	fi
}

_powerbox()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} help value

	COMPREPLY=()
	# bash takes "--option=value" for three words.
	if [[ $cur == = ]]; then
		cur=''
	elif [[ $prev == = ]] && ((COMP_CWORD > 2)); then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	if ((COMP_CWORD == 1)) || [[ $COMP_CWORD == 2 && $prev == help ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(powerbox --help 2>/dev/null |
			sed -n 's/^  \([a-z]*\) .*/\1/p') help --help --version" -- "$cur")
		return
	fi
	help=$(powerbox "${COMP_WORDS[1]}" --help 2>/dev/null) || return
	value=$(_powerbox_value "$prev" <<<"$help")
	if [[ $value ]]; then
		_powerbox_complete_value "$value"
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(grep -oE -e '--[a-z][a-z-]*' <<<"$help" |
			sort -u) --help" -- "$cur")
	else
		_powerbox_complete_operand "${help%%$'\n'*}"
	fi
}

complete -F _powerbox powerbox
