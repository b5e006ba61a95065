/* tests/unit/test_route.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "serve/route.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *path;
	enum kind kind;
	const char *file;
} keys[] = {
	{ "/example.com/m/@v/list", KIND_LIST, "mod/example.com/m/@v/list" },
	{ "/example.com/m/@latest", KIND_LATEST, "mod/example.com/m/@latest" },
	{ "/example.com/m/@v/v1.0.0.info", KIND_INFO, "mod/example.com/m/@v/v1.0.0.info" },
	{ "/example.com/m/@v/v1.0.0.mod", KIND_MOD, "mod/example.com/m/@v/v1.0.0.mod" },
	{ "/example.com/m/@v/v1.0.0.zip", KIND_ZIP, "mod/example.com/m/@v/v1.0.0.zip" },
	{ "/example.com/!big/@v/v1.0.0-!r!c1.zip", KIND_ZIP,
	  "mod/example.com/!big/@v/v1.0.0-!r!c1.zip" },
	{ "/example.com/m/@v/v2.0.0+incompatible.mod", KIND_MOD,
	  "mod/example.com/m/@v/v2.0.0+incompatible.mod" },
	{ "/example.com/m/@v/master.info", KIND_QUERY, "state/query/example.com/m/@v/master" },
	{ "/example.com/m/@v/!h!e!a!d.info", KIND_QUERY, "state/query/example.com/m/@v/!h!e!a!d" },
	{ "/example.com/m/@v/v1.info", KIND_QUERY, "state/query/example.com/m/@v/v1" },
	{ "/example.com/m/@v/v2.0.0.info", KIND_QUERY, "state/query/example.com/m/@v/v2.0.0" },
	{ "/example.com/m/@v/list.info", KIND_QUERY, "state/query/example.com/m/@v/list" },
	{ "/golang.org/toolchain/@v/v0.0.1-go1.23.4.linux-amd64.zip", KIND_ZIP,
	  "mod/golang.org/toolchain/@v/v0.0.1-go1.23.4.linux-amd64.zip" },
	{ "/sumdb/sum.golang.org/supported", KIND_SUMDB_SUPPORTED,
	  "state/sumdb/sum.golang.org/supported" },
	{ "/sumdb/sum.golang.org/latest", KIND_SUMDB_LATEST, "state/sumdb/sum.golang.org/latest" },
	{ "/sumdb/a.example/sumdb/latest", KIND_SUMDB_LATEST,
	  "state/sumdb/a.example/sumdb/latest" },
	{ "/sumdb/a.example/lookup/example.com/!m@v1.0.0", KIND_SUMDB_LOOKUP,
	  "state/sumdb/a.example/lookup/example.com/!m@v1.0.0" },
	{ "/sumdb/a.example/lookup/example.com/tile/x@v1.0.0", KIND_SUMDB_LOOKUP,
	  "state/sumdb/a.example/lookup/example.com/tile/x@v1.0.0" },
	{ "/sumdb/a.example/tile/8/0/x001/234.p/17", KIND_SUMDB_TILE,
	  "state/sumdb/a.example/tile/8/0/x001/234.p/17" },
};

START_TEST(path_becomes_a_key)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	enum route route = ROUTE_HOME;

	ck_assert_msg(route_parse(str_of(keys[_i].path), &route, &k, &err) == 0, "%s", err.text.p);
	ck_assert_int_eq(route, ROUTE_KEY);
	ck_assert_int_eq(k.kind, keys[_i].kind);
	key_file(&k, &file);
	unit_eq(buf_view(&file), str_of(keys[_i].file));
}
END_TEST

static const struct {
	const char *path;
	enum route route;
} pages[] = {
	{ "/", ROUTE_HOME },
	{ "/healthz", ROUTE_HEALTHZ },
	{ "/readyz", ROUTE_READYZ },
	{ "/version", ROUTE_VERSION },
};

START_TEST(path_names_a_page)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	enum route route = ROUTE_KEY;

	ck_assert_int_eq(route_parse(str_of(pages[_i].path), &route, &k, &err), 0);
	ck_assert_int_eq(route, pages[_i].route);
}
END_TEST

static const char *const unknown[] = {
	"/x",
	"/healthz/x",
	"/@latest",
	"/@v/list",
	"/example.com",
	"/example.com/m",
	"/example.com/m/@v",
	"/example.com/m/@v/v1.0.0",
	"/example.com/m/@v/v1.0.0.ziphash",
	"/example.com/m/@v/v1.0.0.lock",
	"/example.com/m/@v/.info",
	"/example.com/m/@v/a/b.info",
	"/example.com/m/@v/list/x",
	"/example.com/m/@v/latest.info",
	"/example.com/m/@v/upgrade.info",
	"/example.com/m/@v/patch.info",
	"/example.com/m/@v/v1.0.zip",
	"/example.com/m/@v/master.mod",
	"/example.com/m/@v/v2.0.0.mod",
	"/example.com/m/v2/@v/v1.0.0.mod",
	"/example.com/M/@v/list",
	"/example.com/!M/@v/list",
	"/example.com/m!/@v/list",
	"/example.com/.m/@v/list",
	"/example.com/m./@v/list",
	"/example.com/con/@v/list",
	"/localhost/m/@v/list",
	"/example.com/m/v1/@v/list",
	"/gopkg.in/yaml/@v/list",
	"/sumdb/",
	"/sumdb/sum.golang.org",
	"/sumdb/sum.golang.org/x",
	"/sumdb/Sum.golang.org/latest",
	"/sumdb/sum/latest",
	"/sumdb//supported",
	"/sumdb/a.example/lookup/",
	"/sumdb/a.example/lookup/example.com/m",
	"/sumdb/a.example/lookup/example.com/m@",
	"/sumdb/a.example/lookup/example.com/m@master",
	"/sumdb/a.example/lookup/example.com/M@v1.0.0",
	"/sumdb/a.example/tile/",
	"/sumdb/a.example/tile/9/0/001",
	"/sumdb/a.example/tile/8/0/1",
	"/sumdb/a.example/tile/8/0/x001",
	"/sumdb/a.example/tile/8/0/x000/001",
	"/sumdb/a.example/tile/8/0/001.p/0",
	"/sumdb/a.example/tile/8/0/001.p/256",
	"/sumdb/a.example/tile/8/0/001.p/01",
	"/sumdb/a.example/tile/8/64/001",
};

START_TEST(anything_else_is_not_found)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	enum route route = ROUTE_HOME;

	ck_assert_msg(route_parse(str_of(unknown[_i]), &route, &k, &err) < 0, "%s", unknown[_i]);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	ck_assert_uint_gt(err.text.n, 0);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(path_becomes_a_key, keys),
		UNIT_EACH(path_names_a_page, pages),
		UNIT_EACH(anything_else_is_not_found, unknown),
	};

	return unit_run("route", tests, ARRAY_SIZE(tests));
}
