#!/bin/sh
# Each system call that creates, writes, syncs or renames fails once, in each
# responder and in the helper, for each kind of request: tests/lib/faults.py. Only in
# a build with --enable-fault-injection.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

grep -q '^#define STOA_FAULT_INJECTION 1' "$top_builddir/config.h" ||
	skip_all "a build without --enable-fault-injection"
mkmod "$T/up" --latest --branch main example.com/Up/m@v1.0.0 example.com/Up/m@v1.1.0
helper_mode=oneshot
new_conf "upstream = file://$T/up" 'list_stale = 0' 'list_ttl = 1d'
sed 's/^sync = no/sync = yes/' "$T/stoa.conf" >"$T/stoa.conf.new"
mv "$T/stoa.conf.new" "$T/stoa.conf"
"$PYTHON" "$lib/faults.py"
