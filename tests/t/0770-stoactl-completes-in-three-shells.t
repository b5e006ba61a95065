#!/bin/sh
# bash, zsh and fish complete the commands and options that the programs take.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

ctl=$top_builddir/admin/stoactl
for s in bash zsh fish; do
	"$ctl" completion "$s" >"$T/$s"
	is "completion $s" "$?" 0
done
nok "of no other shell" "$ctl" completion csh
nok "of one shell at a time" "$ctl" completion bash zsh
commands=$("$ctl" help | sed -n 's/^  \([a-z]*\).*/\1/p' | sort | tr '\n' ' ')
like "there are commands" "$commands" "*config *faults *"
kinds="info latest list mod query sumdb-latest sumdb-lookup sumdb-supported sumdb-tile zip "
# An option that a program refuses must not be offered.
for o in $(grep -o -e '--[a-z]*' "$T/bash" | sort -u); do
	like "$o is an option" "$("$ctl" help; "$fcgi_bin" --help; "$fetch" --help)" "*$o*"
done
unlike "the build's own option is not offered" "$(cat "$T/bash" "$T/zsh" "$T/fish")" "*mdoc*"
unlike "nor one that only stoa.fcgi gives" "$(cat "$T/bash" "$T/zsh" "$T/fish")" "*--serve*"

# ---------------------------------------------------------------- bash

# bash_completes FUNCTION WORD...: what is offered for the last word
bash_completes() {
	bash --norc --noprofile -c '
		. "$1"
		f=$2
		shift 2
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		$f
		printf "%s\n" "${COMPREPLY[@]}"' bash "$T/bash" "$@" | sort | tr '\n' ' '
}

if have bash; then
	ok "bash reads it" bash -n "$T/bash"
	is "bash: commands" "$(bash_completes _stoactl stoactl '' | sed 's/--[a-z]* //g')" "$commands"
	is "bash: a command's beginning" "$(bash_completes _stoactl stoactl fa)" "faults "
	is "bash: options before a command" "$(bash_completes _stoactl stoactl --)" \
		"--conf --help --version "
	is "bash: an option's value is a file's name" "$(bash_completes _stoactl stoactl --conf fa)" " "
	is "bash: behind it" "$(bash_completes _stoactl stoactl --conf config fa)" "faults "
	is "bash: options of a command" "$(bash_completes _stoactl stoactl config --)" "--conf --sample "
	is "bash: shells" "$(bash_completes _stoactl stoactl completion '')" "bash fish zsh "
	is "bash: stoa-fetch's kinds" "$(bash_completes _stoa_fetch stoa-fetch '' | sed 's/--[a-z]* //g')" \
		"$kinds"
	is "bash: stoa.fcgi's options" "$(bash_completes _stoa_fcgi stoa.fcgi --s)" "--socket "
	is "bash: is told of them" \
		"$(bash --norc --noprofile -c '. "$1"; complete -p' bash "$T/bash" | sed 's/.* //' |
			sort | tr '\n' ' ')" \
		"stoa-fetch stoa.fcgi stoactl "
else
	skip "bash is not on this machine"
fi

# ---------------------------------------------------------------- fish

# fish_completes LINE
fish_completes() {
	fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$T/fish" "$1" |
		cut -f 1 | sort | tr '\n' ' '
}

if have fish; then
	ok "fish reads it" fish --no-config --no-execute "$T/fish"
	is "fish: commands" "$(fish_completes 'stoactl ')" "$commands"
	is "fish: options before a command" "$(fish_completes 'stoactl --')" "--conf --help --version "
	is "fish: options of a command" "$(fish_completes 'stoactl config --')" "--conf --sample "
	is "fish: shells" "$(fish_completes 'stoactl completion ')" "bash fish zsh "
	is "fish: stoa-fetch's kinds" "$(fish_completes 'stoa-fetch ')" "$kinds"
	is "fish: stoa.fcgi's options" "$(fish_completes 'stoa.fcgi --s')" "--socket "
else
	skip "fish is not on this machine"
fi

# ---------------------------------------------------------------- zsh

# zsh_completes LINE: the line as it is after TAB, or what is offered. Only an
# interactive zsh completes: one in a terminal of its own.
zsh_completes() {
	zsh -f "$T/ask.zsh" "$T/zshfpath" "$1" | tr -d '\r' | sed -n 's/^<<\(.*\)>>$/\1/p' |
		sort -u | tr '\n' ' '
}

if have zsh; then
	mkdir "$T/zshfpath"
	cp "$T/zsh" "$T/zshfpath/_stoactl"
	cat >"$T/ask.zsh" <<-'END'
	zmodload zsh/zpty || exit 1
	zpty -b shell zsh -f -i
	# What matches is printed, and nothing is put on the line.
	zpty -w shell 'PS1=; PROMPT2=; stty -echo; fpath=('$1' $fpath); autoload -U compinit; compinit -D -u
	compadd() {
		[[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]] && { builtin compadd "$@"; return }
		typeset -a __hits; builtin compadd -A __hits "$@"; (( $#__hits )) && print -l -- "" "<<"${^__hits}">>"
	}
	bindkey "^I" complete-word; zle -C complete-word complete-word _main_complete; print READY'
	zpty -r -m shell line '*READY*' || exit 1
	zpty -w -n shell "$2"$'\t'
	for ((i = 0; i < 100; i++)); do
		sleep 0.02
		while zpty -r -t shell line; do print -r -- "$line"; i=80; done
	done
	zpty -d shell
	END
	ok "zsh reads it" zsh -f -n "$T/zsh"
	is "zsh: commands" "$(zsh_completes 'stoactl ')" "$commands"
	is "zsh: options of a command" "$(zsh_completes 'stoactl config --s')" "--sample "
	is "zsh: shells" "$(zsh_completes 'stoactl completion ')" "bash fish zsh "
	is "zsh: stoa-fetch's kinds" "$(zsh_completes 'stoa-fetch ')" "$kinds"
	is "zsh: stoa.fcgi's options" "$(zsh_completes 'stoa.fcgi --s')" "--socket "
else
	skip "zsh is not on this machine"
fi
done_testing
