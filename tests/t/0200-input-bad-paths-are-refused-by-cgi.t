#!/bin/sh
# Every request of tests/data/badpaths gets a 4xx with a reason; nothing is asked
# of the upstream and nothing is written.
# SPDX-License-Identifier: Apache-2.0
. "${top_srcdir:-.}/tests/lib/tap.sh"

start_upstream
# whatever is asked for would be there
rule '{"path": "info$", "body": "{\"Version\":\"v1.0.0\"}"}'
rule '{"path": ".", "body": "v1.0.0\n"}'
conf "upstream = $up_url"
cgi GET /healthz	# makes the cache's folders
"$PYTHON" "$lib/badpaths.py" "$top_srcdir/tests/data/badpaths" cgi
