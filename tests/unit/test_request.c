/* tests/unit/test_request.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "http/request.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

struct vars {
	const char *method;
	const char *uri;
	const char *script;
};

static const char *var(void *ctx, const char *name)
{
	const struct vars *v = ctx;

	if (strcmp(name, "REQUEST_METHOD") == 0)
		return v->method;
	if (strcmp(name, "REQUEST_URI") == 0)
		return v->uri;
	return strcmp(name, "SCRIPT_NAME") == 0 ? v->script : NULL;
}

static const struct {
	const char *uri;
	const char *script;
	const char *prefix;
	const char *path;
} good[] = {
	{ "/a.b/@v/list", "", "auto", "/a.b/@v/list" },
	{ "/a.b/@v/list?x=/../%2F", "", "auto", "/a.b/@v/list" },
	{ "/a.b/%21q/@v/v1.0.0%2Bincompatible.zip", "", "auto",
	  "/a.b/!q/@v/v1.0.0+incompatible.zip" },
	{ "/a.b/%2521q", "", "auto", "/a.b/%21q" },
	{ "http://host:80/a.b/@latest", "", "auto", "/a.b/@latest" },
	{ "https://host", "", "auto", "/" },
	{ "/", "", "auto", "/" },
	{ "/?x", "", "auto", "/" },
	{ "/go/a.b/@latest", "/go", "auto", "/a.b/@latest" },
	{ "/go/a.b/@latest", "/go/", "auto", "/go/a.b/@latest" },
	{ "/go", "/go", "auto", "/" },
	{ "/go/", "/go", "auto", "/" },
	{ "/gone.x/a/@latest", "/go", "auto", "/gone.x/a/@latest" },
	{ "/a.b/@latest", "/stoa.fcgi", "auto", "/a.b/@latest" },
	{ "/%67o/a.b/@latest", "/go", "auto", "/a.b/@latest" },
	{ "/go/a.b/@latest", NULL, "/go", "/a.b/@latest" },
	{ "/go/a.b/@latest", "/go", "/", "/go/a.b/@latest" },
	{ "/go/a.b/@latest", "/other", "/go", "/a.b/@latest" },
	{ "/a...b/x", "", "auto", "/a...b/x" },
};

START_TEST(good_uri_becomes_a_path)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(request_release) struct request rq = REQUEST();
	struct vars v = { "GET", good[_i].uri, good[_i].script };

	ck_assert_msg(request_parse(&rq, var, &v, good[_i].prefix, &err) == 0, "%s", err.text.p);
	unit_eq(buf_view(&rq.path), str_of(good[_i].path));
}
END_TEST

static const struct {
	const char *uri;
	const char *prefix;
	enum fault fault;
} bad[] = {
	{ "", "auto", FAULT_BAD_REQUEST },
	{ "a.b/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "*", "auto", FAULT_BAD_REQUEST },
	{ "//a.b/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b//@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/@v/list/", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/@v/list//", "auto", FAULT_BAD_REQUEST },
	{ "/./a.b/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/../a.b/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/..", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%2e%2e/x", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/.%2E/x", "auto", FAULT_BAD_REQUEST },
	{ "/a.b%2Fx/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b%2fx/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%00/@v/list", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/@v/list%00", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%zz", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%1", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%0a", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/%7f", "auto", FAULT_BAD_REQUEST },
	{ "/a.b/\tx", "auto", FAULT_BAD_REQUEST },
	{ "/go/../a.b/@latest", "/go", FAULT_BAD_REQUEST },
	{ "/other/a.b/@latest", "/go", FAULT_NOT_FOUND },
	{ "/gox/a.b/@latest", "/go", FAULT_NOT_FOUND },
	{ NULL, "auto", FAULT_BAD_REQUEST },
};

START_TEST(bad_uri_is_refused)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(request_release) struct request rq = REQUEST();
	struct vars v = { "GET", bad[_i].uri, "" };

	ck_assert_int_lt(request_parse(&rq, var, &v, bad[_i].prefix, &err), 0);
	ck_assert_int_eq(err.fault, bad[_i].fault);
	ck_assert_uint_gt(err.text.n, 0);
}
END_TEST

START_TEST(uri_that_is_too_long_is_refused)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf uri = BUF(2 * MAX_URI);

	while (uri.n <= MAX_URI)
		buf_puts(&uri, "/a");
	ck_assert_int_lt(request_path(buf_view(&uri), &path, &err), 0);
	ck_assert_int_eq(err.fault, FAULT_BAD_REQUEST);
}
END_TEST

static const struct {
	const char *name;
	bool ok;
} methods[] = {
	{ "GET", true }, { "HEAD", true }, { "get", false }, { "POST", false },
	{ "OPTIONS", false }, { "", false }, { NULL, false },
};

START_TEST(only_get_and_head_are_methods)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(request_release) struct request rq = REQUEST();
	struct vars v = { methods[_i].name, "/", "" };

	int rc = request_parse(&rq, var, &v, "auto", &err);
	ck_assert_int_eq(rc == 0, methods[_i].ok);
	if (rc < 0)
		ck_assert_int_eq(err.fault, FAULT_METHOD);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(good_uri_becomes_a_path, good),
		UNIT_EACH(bad_uri_is_refused, bad),
		UNIT(uri_that_is_too_long_is_refused),
		UNIT_EACH(only_get_and_head_are_methods, methods),
	};

	return unit_run("request", tests, ARRAY_SIZE(tests));
}
