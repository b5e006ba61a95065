/* tests/unit/test_job.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "module/key.h"
#include "tests/unit/unit.h"
#include "tests/unit/web.h"

#include "base/banned.h"

#define M "example.com/m"
#define PSEUDO "v0.0.0-20200101000000-abcdefabcdef"

#define INFO(v) WEB_OK("{\"Version\":\"" v "\",\"Time\":\"2020-01-01T00:00:00Z\"}")
#define MOD WEB_OK("module " M "\n")
#define ABSENT WEB_STATUS("404 Not Found")
#define BROKEN WEB_STATUS("500 Internal Server Error")

/* A cache, and one job after the other against the same source. */
struct site {
	struct web web;
	struct cache cache;
	struct config *config;
	struct err err;
};

static void site_open(struct site *s, const struct web_reply *replies, const char *more)
{
	static const char *const folders[] = { "mod", "state/stage", "state/refused",
					       "state/query", "state/sumdb" };
	static char *const env[] = { NULL };
	CLEANUP(buf_release) struct buf conf = BUF(1000);

	s->err = ERR();
	web_start(&s->web, replies);
	s->cache = (struct cache){ unit_folder(), xstrdup("/") };
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		ck_assert_int_eq(io_mkdirs(s->cache.root, folders[i]), 0);
	buf_printf(&conf, "upstream = http://127.0.0.1:%d%s\nsync = no\nsumdb = off\n", s->web.port, more);
	ck_assert_msg(config_load_text("test", conf.p, env, false, &s->config, &s->err) == 0, "%s",
		      s->err.text.p);
}

static void site_close(struct site *s)
{
	web_stop(&s->web);
	buf_release(&s->web.seen);
	cache_release(&s->cache);
	config_free(s->config);
	err_release(&s->err);
}

static void set_key(struct key *k, enum kind kind, const char *module, const char *version)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_msg(key_set_plain(k, kind, str_of(module), str_of(version), &err) == 0, "%s",
		      err.text.p);
}

static enum fault run(struct site *s, enum kind kind, const char *module, const char *version)
{
	CLEANUP(key_release) struct key k = KEY();
	const struct settings *settings = config_global(s->config);
	CLEANUP(net_release) struct net net = NET(settings);
	CLEANUP(job_release) struct job j;
	CLEANUP(err_release) struct err refused = ERR();

	set_key(&k, kind, module, version);
	job_init(&j, &s->cache, settings, config_child_env(s->config), &net);
	err_reset(&s->err);
	if (job_run(&j, &k, &s->err) == 0) {
		ck_assert_int_eq(s->err.fault, FAULT_NONE);
		ck_assert(cache_has(&s->cache, &k));
		ck_assert_int_eq(refusal_find(&s->cache, &k, &refused),
				 j.composed && !settings->offline);
		return FAULT_NONE;
	}
	if (fault_row(s->err.fault)->lifetime) {
		ck_assert(refusal_find(&s->cache, &k, &refused));
		unit_eq(buf_view(&refused.text), buf_view(&s->err.text));
	}
	return s->err.fault;
}

static bool has(struct site *s, enum kind kind, const char *module, const char *version)
{
	CLEANUP(key_release) struct key k = KEY();

	set_key(&k, kind, module, version);
	return cache_has(&s->cache, &k);
}

/* The file's text; "stale" in front when its time says so. */
static void holds(struct site *s, enum kind kind, const char *version, const char *want)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(entry_release) struct entry e = ENTRY();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf got = BUF(65536);

	set_key(&k, kind, M, version);
	ck_assert_int_eq(cache_lookup(&s->cache, &k, &e, &err), 0);
	ck_assert_int_ge(e.fd, 0);
	if (e.mtime.tv_sec == CACHE_COMPOSED)
		buf_puts(&got, "stale ");
	ck_assert_int_eq(io_read_all(e.fd, &got), 0);
	unit_eq(buf_view(&got), str_of(want));
}

START_TEST(an_info_brings_its_mod)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/v1.0.0.mod", MOD, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	ck_assert(has(&s, KIND_MOD, M, "v1.0.0"));
	holds(&s, KIND_MOD, "v1.0.0", "module " M "\n");
	ck_assert_int_eq(run(&s, KIND_MOD, M, "v1.0.0"), FAULT_NONE);
}
END_TEST

START_TEST(an_info_does_without_its_mod)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/v1.0.0.mod", BROKEN, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	ck_assert(!has(&s, KIND_MOD, M, "v1.0.0"));
}
END_TEST

static const struct {
	enum kind kind;
	const char *bytes;
	enum fault fault;
} wrong[] = {
	{ KIND_INFO, INFO("v1.0.1"), FAULT_UPSTREAM },
	{ KIND_INFO, WEB_OK("<html>"), FAULT_UPSTREAM },
	{ KIND_INFO, WEB_OK(""), FAULT_UPSTREAM },
	{ KIND_MOD, WEB_OK("<html>"), FAULT_UPSTREAM },
	{ KIND_MOD, WEB_OK(""), FAULT_UPSTREAM },
	{ KIND_ZIP, WEB_OK("<html>"), FAULT_UPSTREAM },
	{ KIND_ZIP, WEB_OK(""), FAULT_UPSTREAM },
	{ KIND_ZIP, WEB_OK("PK\3\4"), FAULT_UPSTREAM },
	{ KIND_INFO, ABSENT, FAULT_NOT_FOUND },
	{ KIND_MOD, WEB_STATUS("410 Gone"), FAULT_GONE },
	{ KIND_ZIP, WEB_STATUS("403 Forbidden"), FAULT_AUTH },
	{ KIND_ZIP, WEB_STATUS("429 Slow"), FAULT_RATE_LIMITED },
};

START_TEST(what_does_not_pass_is_refused_and_not_kept)
{
	const char *suffix = kind_row(wrong[_i].kind)->suffix;
	CLEANUP(buf_release) struct buf path = BUF(100);
	CLEANUP(site_close) struct site s;

	buf_printf(&path, "/" M "/@v/v1.0.0%s", suffix);
	const struct web_reply replies[] = { { path.p, wrong[_i].bytes, 0 }, { NULL, NULL, 0 } };
	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, wrong[_i].kind, M, "v1.0.0"), wrong[_i].fault);
	ck_assert(str_starts(buf_view(&s.err.text), STR("http://127.0.0.1:")));
	ck_assert(!has(&s, wrong[_i].kind, M, "v1.0.0"));
}
END_TEST

START_TEST(a_query_brings_its_version)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/master.info", INFO(PSEUDO), 0 },
		{ "/" M "/@v/" PSEUDO ".mod", MOD, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_QUERY, M, "master"), FAULT_NONE);
	ck_assert(has(&s, KIND_INFO, M, PSEUDO));
	ck_assert(has(&s, KIND_MOD, M, PSEUDO));
}
END_TEST

START_TEST(a_query_must_resolve_to_a_version)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/master.info", INFO("v2.0.0"), 0 }, { NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_QUERY, M, "master"), FAULT_UPSTREAM);
}
END_TEST

START_TEST(a_list_has_what_the_cache_holds)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/" PSEUDO ".mod", MOD, 0 },
		{ "/" M "/@v/list", WEB_OK("v1.2.0\nv1.1.0\n"), 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_MOD, M, PSEUDO), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LIST, M, ""), FAULT_NONE);
	holds(&s, KIND_LIST, "", "v1.0.0\nv1.1.0\nv1.2.0\n");
}
END_TEST

/* What the source answers for the list and @latest, what the cache held before
 * ("i" v1.0.0's .info, "p" a pseudo-version's .mod, "l" a list), and what comes
 * of it. */
static const struct {
	const char *list, *latest, *held;
	enum fault fault;
	const char *text;
} lists[] = {
	{ WEB_OK(""), INFO(PSEUDO), "", FAULT_NONE, "" },
	{ WEB_OK(""), ABSENT, "", FAULT_NOT_FOUND, NULL },
	{ WEB_OK(""), ABSENT, "p", FAULT_NOT_FOUND, NULL },
	{ WEB_OK(""), BROKEN, "", FAULT_UPSTREAM, NULL },
	{ WEB_OK(""), ABSENT, "i", FAULT_NONE, "v1.0.0\n" },
	{ ABSENT, INFO(PSEUDO), "", FAULT_NOT_FOUND, NULL },
	{ ABSENT, ABSENT, "p", FAULT_NOT_FOUND, NULL },
	{ ABSENT, ABSENT, "i", FAULT_NONE, "v1.0.0\n" },
	{ BROKEN, ABSENT, "", FAULT_UPSTREAM, NULL },
	{ BROKEN, ABSENT, "i", FAULT_NONE, "stale v1.0.0\n" },
	{ BROKEN, ABSENT, "p", FAULT_NONE, "stale " },
	{ BROKEN, ABSENT, "il", FAULT_UPSTREAM, "v1.0.0\n" },
};

START_TEST(a_list_makes_the_best_of_it)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/list", WEB_OK("v1.0.0\n"), strchr(lists[_i].held, 'l') ? 1 : -1 },
		{ "/" M "/@v/list", lists[_i].list, 0 },
		{ "/" M "/@latest", lists[_i].latest, 0 },
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/" PSEUDO ".mod", MOD, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	if (strchr(lists[_i].held, 'i'))
		ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	if (strchr(lists[_i].held, 'p'))
		ck_assert_int_eq(run(&s, KIND_MOD, M, PSEUDO), FAULT_NONE);
	if (strchr(lists[_i].held, 'l'))
		ck_assert_int_eq(run(&s, KIND_LIST, M, ""), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LIST, M, ""), lists[_i].fault);
	if (lists[_i].text)
		holds(&s, KIND_LIST, "", lists[_i].text);
	else
		ck_assert(!has(&s, KIND_LIST, M, ""));
}
END_TEST

START_TEST(latest_brings_its_version)
{
	const struct web_reply replies[] = {
		{ "/" M "/@latest", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/v1.0.0.mod", MOD, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NONE);
	ck_assert(has(&s, KIND_INFO, M, "v1.0.0"));
	ck_assert(has(&s, KIND_MOD, M, "v1.0.0"));
}
END_TEST

#define BODY(v) "{\"Version\":\"" v "\",\"Time\":\"2020-01-01T00:00:00Z\"}"

START_TEST(latest_is_composed_of_what_is_there)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/" PSEUDO ".info", INFO(PSEUDO), 0 },
		{ "/" M "/@v/v1.1.0-rc1.info", INFO("v1.1.0-rc1"), 0 },
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
		{ "/" M "/@v/v1.9.0.mod", MOD, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NOT_FOUND);
	ck_assert_int_eq(run(&s, KIND_INFO, M, PSEUDO), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NONE);
	holds(&s, KIND_LATEST, "", "stale " BODY(PSEUDO));
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.1.0-rc1"), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NONE);
	holds(&s, KIND_LATEST, "", "stale " BODY("v1.1.0-rc1"));
	ck_assert_int_eq(run(&s, KIND_MOD, M, "v1.9.0"), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NONE);
	holds(&s, KIND_LATEST, "", "stale " BODY("v1.0.0"));
}
END_TEST

START_TEST(a_failing_latest_leaves_the_older_answer)
{
	const struct web_reply replies[] = {
		{ "/" M "/@latest", INFO("v1.0.0"), 1 },
		{ "/" M "/@latest", BROKEN, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_UPSTREAM);
	holds(&s, KIND_LATEST, "", BODY("v1.0.0"));
}
END_TEST

START_TEST(offline_asks_nobody)
{
	const struct web_reply replies[] = {
		{ "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 }, { NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "\noffline = yes");
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_UPSTREAM);
	ck_assert_int_eq(run(&s, KIND_LIST, M, ""), FAULT_NOT_FOUND);
	ck_assert_int_eq(run(&s, KIND_LATEST, M, ""), FAULT_UPSTREAM);
	unit_eq(buf_view(&s.web.seen), STR(""));
}
END_TEST

START_TEST(a_bar_passes_a_bad_answer)
{
	const struct web_reply replies[] = { { "/" M "/@v/v1.0.0.info", INFO("v1.0.1"), 0 },
					     { NULL, NULL, 0 } };
	const struct web_reply good[] = { { "/" M "/@v/v1.0.0.info", INFO("v1.0.0"), 0 },
					  { NULL, NULL, 0 } };
	CLEANUP(buf_release) struct buf more = BUF(100);
	static struct web second;
	CLEANUP(site_close) struct site s;

	web_start(&second, good);
	buf_printf(&more, "|http://127.0.0.1:%d", second.port);
	site_open(&s, replies, more.p);
	ck_assert_int_eq(run(&s, KIND_INFO, M, "v1.0.0"), FAULT_NONE);
	holds(&s, KIND_INFO, "v1.0.0", BODY("v1.0.0"));
	web_stop(&second);
	buf_release(&second.seen);
}
END_TEST

#define DB "sum.example.org"
#define NOTE "go.sum database tree\n5\nhash=\n\n\xe2\x80\x94 name sig\n"

START_TEST(a_database_is_asked_where_it_is_supported)
{
	const struct web_reply replies[] = {
		{ "/sumdb/" DB "/supported", WEB_OK("anything"), 0 },
		{ "/sumdb/" DB "/latest", WEB_OK(NOTE), 0 },
		{ "/sumdb/" DB "/lookup/a.b/m@v1.0.0", WEB_STATUS("400 Bad"), 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_SUMDB_LATEST, DB, ""), FAULT_NONE);
	ck_assert(has(&s, KIND_SUMDB_SUPPORTED, DB, ""));
	ck_assert_int_eq(run(&s, KIND_SUMDB_LATEST, DB, ""), FAULT_NONE);
	ck_assert_int_eq(run(&s, KIND_SUMDB_LOOKUP, DB, "a.b/m@v1.0.0"), FAULT_NOT_FOUND);
	web_stop(&s.web);
	unit_eq(buf_view(&s.web.seen), STR("/sumdb/" DB "/supported -\n"
					   "/sumdb/" DB "/latest -\n"
					   "/sumdb/" DB "/latest -\n"
					   "/sumdb/" DB "/lookup/a.b/m@v1.0.0 -\n"));
}
END_TEST

START_TEST(a_database_that_nobody_supports_is_asked_directly)
{
	const struct web_reply replies[] = { { NULL, NULL, 0 } };
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_SUMDB_SUPPORTED, DB, ""), FAULT_NOT_FOUND);
	ck_assert_int_eq(run(&s, KIND_SUMDB_LATEST, DB, ""), FAULT_NOT_FOUND);
}
END_TEST

START_TEST(a_failing_source_does_not_send_clients_to_the_database)
{
	const struct web_reply replies[] = { { "/sumdb/" DB "/supported", BROKEN, 0 },
					     { NULL, NULL, 0 } };
	CLEANUP(site_close) struct site s;

	site_open(&s, replies, "");
	ck_assert_int_eq(run(&s, KIND_SUMDB_SUPPORTED, DB, ""), FAULT_UPSTREAM);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(an_info_brings_its_mod),
		UNIT(an_info_does_without_its_mod),
		UNIT_EACH(what_does_not_pass_is_refused_and_not_kept, wrong),
		UNIT(a_query_brings_its_version),
		UNIT(a_query_must_resolve_to_a_version),
		UNIT(a_list_has_what_the_cache_holds),
		UNIT_EACH(a_list_makes_the_best_of_it, lists),
		UNIT(latest_brings_its_version),
		UNIT(latest_is_composed_of_what_is_there),
		UNIT(a_failing_latest_leaves_the_older_answer),
		UNIT(offline_asks_nobody),
		UNIT(a_bar_passes_a_bad_answer),
		UNIT(a_database_is_asked_where_it_is_supported),
		UNIT(a_database_that_nobody_supports_is_asked_directly),
		UNIT(a_failing_source_does_not_send_clients_to_the_database),
	};
	return unit_run("job", tests, ARRAY_SIZE(tests));
}
