/* tests/unit/test_origin.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/origin.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static struct origin parsed(const char *url)
{
	CLEANUP(err_release) struct err err = ERR();
	struct origin o = ORIGIN();

	ck_assert_msg(origin_parse(url, &o, &err) == 0, "%s: %s", url, err.text.p);
	return o;
}

START_TEST(takes_a_url_apart)
{
	CLEANUP(origin_release) struct origin o =
		parsed("HTTPS://us%40er:p%3Aw@Up.Example/mod/../x%21y?q=1#f");

	ck_assert_str_eq(o.scheme, "https");
	ck_assert_str_eq(o.host, "up.example");
	ck_assert_str_eq(o.port, "443");
	ck_assert_str_eq(o.user, "us@er");
	ck_assert_str_eq(o.password, "p:w");
	ck_assert_ptr_null(strchr(o.url, '@'));
	ck_assert_ptr_nonnull(strstr(o.url, "/mod/../x%21y?q=1"));
	ck_assert_ptr_null(strchr(o.url, '#'));
}
END_TEST

static const char *const refused[] = {
	"", "up.example/mod", "/mod", "file:///etc/passwd", "ftp://up.example/", "gopher://x/",
	"javascript:alert(1)", "http://", "http://up.example:99999/",
};

START_TEST(only_http_and_https)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(origin_release) struct origin o = ORIGIN();

	ck_assert_msg(origin_parse(refused[_i], &o, &err) < 0, "%s", refused[_i]);
	ck_assert_int_eq(err.fault, FAULT_UPSTREAM);
	ck_assert_ptr_null(o.url);
}
END_TEST

static const struct {
	const char *a, *b;
	bool same;
} pairs[] = {
	{ "https://h/a", "https://h/b?c", true },
	{ "https://h/a", "https://h:443/b", true },
	{ "http://h/", "http://h:80/", true },
	{ "https://h/", "https://H/", true },
	{ "https://h/", "http://h/", false },
	{ "https://h/", "https://h:8443/", false },
	{ "https://h/", "https://h.evil.example/", false },
	{ "https://h/", "https://x.h/", false },
};

START_TEST(same_is_scheme_host_and_port)
{
	CLEANUP(origin_release) struct origin a = parsed(pairs[_i].a);
	CLEANUP(origin_release) struct origin b = parsed(pairs[_i].b);

	ck_assert(origin_same(&a, &b) == pairs[_i].same);
	ck_assert(origin_same(&b, &a) == pairs[_i].same);
}
END_TEST

static const struct {
	const char *from, *to;
	bool allowed;
} redirects[] = {
	{ "https://h/", "https://other/x", true },
	{ "http://h/", "http://other/x", true },
	{ "http://h/", "https://other/x", true },
	{ "https://h/", "http://h/x", false },
	{ "https://h/", "http://other/x", false },
	{ "http://h/", "file:///etc/passwd", false },
	{ "http://h/", "ftp://h/", false },
};

START_TEST(redirects_keep_https)
{
	CLEANUP(origin_release) struct origin from = parsed(redirects[_i].from);
	CLEANUP(origin_release) struct origin to = ORIGIN();
	CLEANUP(err_release) struct err err = ERR();
	int rc = origin_redirect(&from, redirects[_i].to, &to, &err);

	ck_assert_int_eq(rc, redirects[_i].allowed ? 0 : -1);
}
END_TEST

START_TEST(redirects_bring_no_credentials)
{
	CLEANUP(origin_release) struct origin from = parsed("https://a:b@h/");
	CLEANUP(origin_release) struct origin to = ORIGIN();
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(origin_redirect(&from, "https://u:secret@h/x", &to, &err), 0);
	ck_assert_ptr_null(to.user);
	ck_assert_ptr_null(to.password);
	ck_assert_ptr_null(strstr(to.url, "secret"));
}
END_TEST

static const struct {
	const char *url;
	bool loopback;
} hosts[] = {
	{ "http://localhost:8/", true },	{ "http://127.0.0.1/", true },
	{ "http://127.9.8.7:1/", true },	{ "http://[::1]:8/", true },
	{ "http://127.0.0.1.example/", false }, { "http://localhost.example/", false },
	{ "http://10.0.0.1/", false },		{ "http://[::2]/", false },
};

START_TEST(knows_the_loopback)
{
	CLEANUP(origin_release) struct origin o = parsed(hosts[_i].url);

	ck_assert(origin_is_loopback(&o) == hosts[_i].loopback);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(takes_a_url_apart),
		UNIT_EACH(only_http_and_https, refused),
		UNIT_EACH(same_is_scheme_host_and_port, pairs),
		UNIT_EACH(redirects_keep_https, redirects),
		UNIT(redirects_bring_no_credentials),
		UNIT_EACH(knows_the_loopback, hosts),
	};
	return unit_run("origin", tests, ARRAY_SIZE(tests));
}
