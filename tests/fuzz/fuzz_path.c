/* tests/fuzz/fuzz_path.c: a request's URI, down to the file that it names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/must.h"
#include "http/request.h"
#include "serve/route.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

void fuzz_one(struct str input)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf file = BUF(4 * MAX_URI);
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(key_release) struct key back = KEY();
	enum route route = ROUTE_HOME;

	if (memchr(input.p, '\0', input.n))
		return; /* a variable of the environment ends there */
	if (request_path(input, &path, &err) < 0 ||
	    route_parse(buf_view(&path), &route, &k, &err) < 0 || route != ROUTE_KEY)
		return;
	key_file(&k, &file);
	must(!file.over && file.p[0] != '/' && !strstr(file.p, "//") && !strstr(file.p, "/../"));
	must(str_starts(buf_view(&file), STR("mod/")) || str_starts(buf_view(&file), STR("state/")));
	if (k.kind == KIND_INFO || k.kind == KIND_MOD || k.kind == KIND_ZIP) {
		must(key_set_file(&back, buf_view(&file), &err) == 0 && back.kind == k.kind);
		must(str_eq(buf_view(&back.version), buf_view(&k.version)));
	}
}
