/* tests/unit/test_verify.c: what was published first counts: verify.c, record.c,
 * quarantine.c and pull.c's way around wrong bytes, by whole jobs against two
 * folders and a web server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "cache/cache.h"
#include "cache/refusal.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "fetch/quarantine.h"
#include "fetch/record.h"
#include "tests/unit/cachetest.h"
#include "tests/unit/unit.h"
#include "tests/unit/web.h"
#include "tests/unit/zipmake.h"

#include "base/banned.h"

#define M "example.com/M"
#define V "v1.0.0-RC1"
#define P M "@" V "/"
#define FILE_OF(suffix) "example.com/!m/@v/v1.0.0-!r!c1" suffix

struct site {
	struct cache cache;
	struct config *config;
	int a, b;		/* the sources' folders */
	struct err err;
};

static void site_release(struct site *s)
{
	cache_release(&s->cache);
	config_free(s->config);
	err_release(&s->err);
	fd_close(&s->a);
	fd_close(&s->b);
}

static void site_conf(struct site *s, const char *upstream, const char *more)
{
	static char *const env[] = { NULL };
	CLEANUP(buf_release) struct buf conf = BUF(1000);

	buf_printf(&conf, "upstream = %s\nsync = no\nsumdb = off\n%s\n", upstream, more);
	config_free(s->config);
	ck_assert_msg(config_load_text("test", conf.p, env, false, &s->config, &s->err) == 0, "%s",
		      s->err.text.p);
}

/* Two folders beside the cache: "a,b". */
static void site_open(struct site *s, const char *more)
{
	char here[2048];
	CLEANUP(buf_release) struct buf up = BUF(8192);

	*s = (struct site){ .cache = test_cache(), .a = -1, .b = -1, .err = ERR() };
	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_eq(io_mkdirs(AT_FDCWD, "a/example.com/!m/@v"), 0);
	ck_assert_int_eq(io_mkdirs(AT_FDCWD, "b/example.com/!m/@v"), 0);
	s->a = io_open(AT_FDCWD, "a", O_RDONLY, 0);
	s->b = io_open(AT_FDCWD, "b", O_RDONLY, 0);
	buf_printf(&up, "file://%s/a,file://%s/b", here, here);
	site_conf(s, up.p, more);
}

static enum fault run(struct site *s, enum kind kind)
{
	CLEANUP(key_release) struct key k = test_key(kind, M, V);
	const struct settings *settings = config_global(s->config);
	CLEANUP(net_release) struct net net = NET(settings);
	CLEANUP(job_release) struct job j;

	job_init(&j, &s->cache, settings, config_child_env(s->config), &net);
	err_reset(&s->err);
	return job_run(&j, &k, &s->err) == 0 ? FAULT_NONE : s->err.fault;
}

/* The source offers a zip with one file of this text. */
static void offer(int dir, const char *text)
{
	const struct ent e[] = { { .name = P "file", .text = text }, { .name = NULL } };
	CLEANUP(buf_release) struct buf zip = BUF(65536);

	zipmake(e, NULL, &zip);
	CLEANUP(fd_close) int fd = io_open(dir, FILE_OF(".zip"), O_WRONLY | O_CREAT | O_TRUNC, 0666);
	ck_assert_int_eq(io_write_all(fd, zip.p, zip.n), 0);
}

static void remove_file(struct site *s, const char *path)
{
	ck_assert_int_eq(io_unlink(s->cache.root, path), 0);
}

static void text_of(struct site *s, const char *path, struct buf *ret)
{
	buf_reset(ret);
	ck_assert_int_eq(io_read_file(s->cache.root, path, ret), 0);
}

static int count_one(void *ctx, const char *id, struct err *err)
{
	(void)id;
	(void)err;
	++*(int *)ctx;
	return 0;
}

static int in_quarantine(struct site *s)
{
	CLEANUP(err_release) struct err err = ERR();
	int n = 0;

	ck_assert_msg(quarantine_each(&s->cache, count_one, &n, &err) == 0, "%s", err.text.p);
	return n;
}

static int take_id(void *ctx, const char *id, struct err *err)
{
	(void)err;
	snprintf(ctx, QUARANTINE_ID_SIZE + 1, "%s", id);
	return 0;
}

/* The hashes of zips with "one" and "two", which were not made by our code. */
#define H1_ONE "h1:t7NcPLrKKAqCyNgK6A957DAu8vKB5d4wI35iSDG6RLg="
#define H1_TWO "h1:vCeavXS9WvM8Ye3lqFnQrC5GXk/UALDzVcFNnIEcwMM="

START_TEST(a_zip_gets_a_ziphash_and_a_record)
{
	CLEANUP(site_release) struct site s;
	CLEANUP(buf_release) struct buf text = BUF(1000);
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, M, V);
	struct record r;
	struct stat st;

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	text_of(&s, "mod/" FILE_OF(".ziphash"), &text);
	unit_eq(buf_view(&text), STR(H1_ONE));
	ck_assert_int_eq(record_read(&s.cache, &k, &r, &err), 1);
	ck_assert_str_eq(r.h1, H1_ONE);
	ck_assert(r.has_sum);
	ck_assert_int_eq(fstatat(s.a, FILE_OF(".zip"), &st, 0), 0);
	ck_assert_int_eq(r.size, st.st_size);
}
END_TEST

START_TEST(a_record_that_is_damaged_counts_as_none)
{
	static const char *const texts[] = {
		"", "\n", H1_ONE, "h1:x\n", H1_ONE "\nsha256 00\nsize 1\n", H1_ONE "\nsha256 ",
	};
	CLEANUP(site_release) struct site s;
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_MOD, M, V);
	struct record r;

	site_open(&s, "");
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		test_write(&s.cache, "state/first/" FILE_OF(".mod"), texts[i]);
		ck_assert_int_eq(record_read(&s.cache, &k, &r, &err), 0);
	}
	test_write(&s.cache, "state/first/" FILE_OF(".mod"), H1_ONE "\n");
	ck_assert_int_eq(record_read(&s.cache, &k, &r, &err), 1);
	ck_assert(!r.has_sum);
}
END_TEST

/* What is lost of the version, and still the first one counts. */
static const struct {
	bool record, ziphash;
} lost[] = { { false, false }, { true, false }, { false, true } };

START_TEST(a_pruned_zip_comes_back_as_it_was_or_not_at_all)
{
	CLEANUP(site_release) struct site s;
	CLEANUP(err_release) struct err refused = ERR();
	CLEANUP(key_release) struct key k = test_key(KIND_ZIP, M, V);

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".zip"));
	if (lost[_i].record)
		remove_file(&s, "state/first/" FILE_OF(".zip"));
	if (lost[_i].ziphash)
		remove_file(&s, "mod/" FILE_OF(".ziphash"));
	offer(s.a, "two");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_INTEGRITY);
	ck_assert_ptr_nonnull(strstr(s.err.text.p, "wanted " H1_ONE ", got " H1_TWO));
	ck_assert(!cache_has(&s.cache, &k));
	ck_assert(refusal_find(&s.cache, &k, &refused));
	ck_assert_int_eq(refused.fault, FAULT_INTEGRITY);
	ck_assert_int_eq(in_quarantine(&s), 1);
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	ck_assert(cache_has(&s.cache, &k));
	ck_assert(!refusal_find(&s.cache, &k, &refused));
}
END_TEST

START_TEST(what_is_published_goes_on_being_served)
{
	CLEANUP(site_release) struct site s;

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	offer(s.a, "two");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	ck_assert_int_eq(in_quarantine(&s), 0);
}
END_TEST

START_TEST(a_comma_passes_wrong_bytes)
{
	CLEANUP(site_release) struct site s;

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".zip"));
	offer(s.a, "two");
	offer(s.b, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	ck_assert_int_eq(in_quarantine(&s), 1);
}
END_TEST

START_TEST(the_report_says_what_where_and_why)
{
	CLEANUP(site_release) struct site s;
	CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf was = BUF(65536);
	CLEANUP(buf_release) struct buf kept = BUF(65536);
	CLEANUP(fd_close) int fd = -1;
	char id[QUARANTINE_ID_SIZE + 1] = "";

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".zip"));
	offer(s.a, "two");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_INTEGRITY);
	ck_assert_int_eq(quarantine_each(&s.cache, take_id, id, &err), 0);
	ck_assert_msg(quarantine_read(&s.cache, id, &q, &err) == 1, "%s", err.text.p);
	unit_eq(buf_view(&q.key.path), STR(M));
	unit_eq(buf_view(&q.key.version), STR(V));
	ck_assert_int_eq(q.key.kind, KIND_ZIP);
	unit_eq(buf_view(&q.source), STR("file source"));
	unit_eq(buf_view(&q.h1), STR(H1_TWO));
	ck_assert_ptr_nonnull(strstr(q.text.p, "wanted " H1_ONE ", got " H1_TWO));
	ck_assert_int_gt(q.time, 1700000000);
	ck_assert_int_eq(quarantine_open(&s.cache, id, &fd, &err), 0);
	ck_assert_int_eq(io_read_all(fd, &kept), 0);
	ck_assert_int_eq(io_read_file(s.a, FILE_OF(".zip"), &was), 0);
	unit_eq(buf_view(&kept), buf_view(&was));
	ck_assert_int_eq(q.size, (int64_t)was.n);
	ck_assert_int_eq(quarantine_drop(&s.cache, id, &err), 0);
	ck_assert_int_eq(in_quarantine(&s), 0);
}
END_TEST

START_TEST(the_same_bytes_are_kept_once_and_eight_at_most)
{
	CLEANUP(site_release) struct site s;
	char text[2] = "a";

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".zip"));
	for (int i = 0; i < QUARANTINE_MOST + 2; i++) {
		text[0] = (char)('a' + i);
		offer(s.a, text);
		for (int twice = 0; twice < 2; twice++)
			ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_INTEGRITY);
		ck_assert_int_eq(in_quarantine(&s), i < QUARANTINE_MOST ? i + 1 : QUARANTINE_MOST);
	}
}
END_TEST

/* --- over HTTP --- */

#define MOD(more) WEB_OK("module " M "\n" more)
#define MOD_PATH "/example.com/%21m/@v/v1.0.0-%21r%21c1.mod"

/* How a source serves the .mod, which was published as MOD("") before. */
static const struct {
	const char *first, *then;
	const char *more;
	enum fault fault;
	int asked;
	int kept;
} served[] = {
	{ MOD(""), MOD("// other\n"), "", FAULT_NONE, 1, 0 },
	{ MOD("// other\n"), MOD(""), "", FAULT_NONE, 2, 0 },
	{ MOD("// other\n"), MOD("// another\n"), "", FAULT_INTEGRITY, 2, 1 },
	{ MOD("// other\n"), WEB_STATUS("404 Not Found"), "", FAULT_INTEGRITY, 2, 0 },
	{ MOD("// other\n"), MOD(""), "verify_retries = 0", FAULT_INTEGRITY, 1, 1 },
	{ MOD("// other\n"), MOD("// another\n"), "verify_retries = 3", FAULT_INTEGRITY, 4, 1 },
};

START_TEST(a_source_gets_another_chance)
{
	const struct web_reply replies[] = {
		{ MOD_PATH, MOD(""), 1 },
		{ MOD_PATH, served[_i].first, 1 },
		{ MOD_PATH, served[_i].then, 0 },
		{ NULL, NULL, 0 },
	};
	CLEANUP(site_release) struct site s;
	CLEANUP(buf_release) struct buf up = BUF(100);
	static struct web web;
	int asked = 0;

	web_start(&web, replies);
	site_open(&s, "");
	buf_printf(&up, "http://user:secret@127.0.0.1:%d", web.port);
	site_conf(&s, up.p, served[_i].more);
	ck_assert_int_eq(run(&s, KIND_MOD), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".mod"));
	ck_assert_int_eq(run(&s, KIND_MOD), served[_i].fault);
	ck_assert_ptr_null(strstr(s.err.text.p, "secret"));
	ck_assert_int_eq(in_quarantine(&s), served[_i].kept);
	if (served[_i].kept) {
		CLEANUP(quarantine_release) struct quarantine q = QUARANTINE();
		char id[QUARANTINE_ID_SIZE + 1] = "";
		CLEANUP(err_release) struct err err = ERR();

		ck_assert_int_eq(quarantine_each(&s.cache, take_id, id, &err), 0);
		ck_assert_int_eq(quarantine_read(&s.cache, id, &q, &err), 1);
		ck_assert_ptr_null(strstr(q.url.p, "secret"));
		ck_assert(str_starts(buf_view(&q.url), STR("http://127.0.0.1:")));
		ck_assert(str_ends(buf_view(&q.url), STR(".mod")));
	}
	web_stop(&web);
	for (struct str rest = buf_view(&web.seen), line; str_cut(&rest, '\n', &line);)
		asked += line.n > 0;
	ck_assert_int_eq(asked, 1 + served[_i].asked);
	buf_release(&web.seen);
}
END_TEST

START_TEST(wrong_bytes_are_never_not_found)
{
	CLEANUP(site_release) struct site s;

	site_open(&s, "");
	offer(s.a, "one");
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_NONE);
	remove_file(&s, "mod/" FILE_OF(".zip"));
	offer(s.a, "two");
	/* b has nothing: 404 */
	ck_assert_int_eq(run(&s, KIND_ZIP), FAULT_INTEGRITY);
	ck_assert_int_eq(fault_row(s.err.fault)->status, 502);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(a_zip_gets_a_ziphash_and_a_record),
		UNIT(a_record_that_is_damaged_counts_as_none),
		UNIT_EACH(a_pruned_zip_comes_back_as_it_was_or_not_at_all, lost),
		UNIT(what_is_published_goes_on_being_served),
		UNIT(a_comma_passes_wrong_bytes),
		UNIT(the_report_says_what_where_and_why),
		UNIT(the_same_bytes_are_kept_once_and_eight_at_most),
		UNIT_EACH(a_source_gets_another_chance, served),
		UNIT(wrong_bytes_are_never_not_found),
	};
	return unit_run("verify", tests, ARRAY_SIZE(tests));
}
