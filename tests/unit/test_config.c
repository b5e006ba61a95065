/* tests/unit/test_config.c: the settings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "config/config.h"

#define CHILD_PATH \
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin"

static const char *const no_env[] = { NULL };

/* environ as the C library declares it, from literals. */
static char *const *environ_of(const char *const *environment)
{
	return (char *const *)environment;
}

/* The configuration of a text that must be good. */
static struct config *load(const char *text, const char *const *environment, bool cgi)
{
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;

	ck_assert_msg(config_load_text("stoa.conf", text, environ_of(environment), cgi, &c,
				       &err) == 0,
		      "%s", err.text.p);
	return c;
}

/* The error's text of one that must be bad; to be freed. */
static char *load_error(const char *text, const char *const *environment)
{
	struct err err = ERR();
	struct config *c = NULL;

	ck_assert_msg(config_load_text("stoa.conf", text, environ_of(environment), false, &c,
				       &err) == -1,
		      "taken: %s", text);
	ck_assert_ptr_null(c);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	return buf_detach(&err.text);
}

struct want {
	const char *name;
	struct buf value;
	struct buf origin;
};

static void take(void *ctx, const char *name, struct str value, struct str from)
{
	struct want *w = ctx;

	if (strcmp(name, w->name) != 0)
		return;
	buf_str(&w->value, value);
	buf_str(&w->origin, from);
}

static void assert_shown(const struct config *c, const char *module, const char *name,
			 const char *value, const char *from)
{
	struct want w = { name, BUF(8192), BUF(8192) };
	struct str path = str_of(module);

	config_show(c, module ? &path : NULL, take, &w);
	ck_assert_str_eq(w.value.p, value);
	ck_assert_str_eq(w.origin.p, from);
	buf_release(&w.value);
	buf_release(&w.origin);
}

/* ---- values */

static const struct {
	const char *line;
	const char *name;
	const char *shown;
} good_values[] = {
	{ "cache = /srv/stoa", "cache", "/srv/stoa" },
	{ "cache = /srv/stoa//", "cache", "/srv/stoa" },
	{ "cache = /srv/my stoa", "cache", "/srv/my stoa" },
	{ "  cache=/srv/stoa  ", "cache", "/srv/stoa" },
	{ "cache = /srv/stoa ; here", "cache", "/srv/stoa" },
	{ "cache = /srv/a;b#c", "cache", "/srv/a;b#c" },
	{ "cache = /srv/a=b:c", "cache", "/srv/a=b:c" },
	{ "cache = /srv/stoa\r", "cache", "/srv/stoa" },
	{ "\xef\xbb\xbf" "cache = /srv/stoa", "cache", "/srv/stoa" },
	{ "offline = yes", "offline", "yes" },
	{ "offline = TRUE", "offline", "yes" },
	{ "offline = 0", "offline", "no" },
	{ "threads = 2", "threads", "2" },
	{ "threads = 4096", "threads", "4096" },
	{ "list_ttl = 0", "list_ttl", "0s" },
	{ "list_ttl = 90", "list_ttl", "90s" },
	{ "list_ttl = 120s", "list_ttl", "2m" },
	{ "list_ttl = 30d", "list_ttl", "30d" },
	{ "list_ttl = 36h", "list_ttl", "36h" },
	{ "connect_timeout = 1", "connect_timeout", "1s" },
	{ "send_file = x-sendFILE", "send_file", "X-Sendfile" },
	{ "log_level = Debug", "log_level", "debug" },
	{ "prefix = Auto", "prefix", "auto" },
	{ "trusted_peers = 10.0.0.0/8, unix ::1", "trusted_peers", "10.0.0.0/8, unix ::1" },
	{ "trusted_peers =", "trusted_peers", "" },
	{ "prefix = /go", "prefix", "/go" },
	{ "prefix = /go/", "prefix", "/go" },
	{ "prefix = /a/b", "prefix", "/a/b" },
	{ "prefix = /", "prefix", "/" },
	{ "send_file_prefix = /internal/", "send_file_prefix", "/internal" },
	{ "http_proxy = proxy.example:3128", "http_proxy", "http://proxy.example:3128" },
	{ "https_proxy = http://n:secret@proxy.example:3128/", "https_proxy",
	  "http://proxy.example:3128" },
	{ "https_proxy = n:secret@proxy.example", "https_proxy", "http://proxy.example" },
	{ "https_proxy = socks5h://proxy.example", "https_proxy", "socks5h://proxy.example" },
	{ "no_proxy = a.example, .b.example", "no_proxy", "a.example, .b.example" },
	{ "upstream = a.example|direct", "upstream", "https://a.example|direct" },
	{ "upstream = https://n:secret@a.example/x,off", "upstream", "https://a.example/x,off" },
	{ "upstream =", "upstream", "" },
	{ "netrc = ; none", "netrc", "" },
};

START_TEST(good_value_is_shown_in_its_one_form)
{
	struct config *c = load(good_values[_i].line, no_env, false);

	assert_shown(c, NULL, good_values[_i].name, good_values[_i].shown, "stoa.conf:1");
	config_free(c);
}
END_TEST

static const struct {
	const char *text;
	const char *error;
} bad_texts[] = {
	{ "\n\nlist_tll = 1m\n", "stoa.conf:3: unknown key \"list_tll\", did you mean "
	  "\"list_ttl\"?" },
	{ "Cache = /x\n", "stoa.conf:1: unknown key \"Cache\", did you mean \"cache\"?" },
	{ "fetch-max = 1\n", "stoa.conf:1: unknown key \"fetch-max\", did you mean "
	  "\"fetch_max\"?" },
	{ "banana = 1\n", "stoa.conf:1: unknown key \"banana\"" },
	{ "# x\n; y\ncache\n", "stoa.conf:3: neither NAME = VALUE nor [module \"PATTERN\"] nor a "
	  "comment" },
	{ "= x\n", "stoa.conf:1: neither NAME = VALUE nor [module \"PATTERN\"] nor a comment" },
	{ "upstream: https://a.example\n", "stoa.conf:1: neither NAME = VALUE nor [module "
	  "\"PATTERN\"] nor a comment" },
	{ "cache ; x = /y\n", "stoa.conf:1: neither NAME = VALUE nor [module \"PATTERN\"] nor a "
	  "comment" },
	{ "upstream = a.example,\n  b.example\n", "stoa.conf:2: neither NAME = VALUE nor [module "
	  "\"PATTERN\"] nor a comment" },
	{ "cache = /a\n\ncache = /b\n", "stoa.conf:3: \"cache\" is set a second time, after "
	  "line 1" },
	{ "[module \"x\"]\nlist_ttl = 1\nlist_ttl = 2\n", "stoa.conf:3: \"list_ttl\" is set a "
	  "second time, after line 2" },
	{ "cache = srv\n", "stoa.conf:1: cache: \"srv\" is no absolute path" },
	{ "cache =\n", "stoa.conf:1: cache: a value is missing" },
	{ "list_ttl =  ; later\n", "stoa.conf:1: list_ttl: a value is missing" },
	{ "offline = maybe\n", "stoa.conf:1: offline: \"maybe\" is neither yes nor no" },
	{ "trusted_peers = 10.0.0.0/8 10.0.0.1/8\n",
	  "stoa.conf:1: trusted_peers: \"10.0.0.1/8\" is no address, no network such as 10.0.0.0/8, nor unix" },
	{ "threads = 1\n", "stoa.conf:1: threads: \"1\" is no number from 2 to 4096" },
	{ "threads = 4097\n", "stoa.conf:1: threads: \"4097\" is no number from 2 to 4096" },
	{ "threads = -3\n", "stoa.conf:1: threads: \"-3\" is no number from 2 to 4096" },
	{ "list_ttl = 31d\n", "stoa.conf:1: list_ttl: \"31d\" is no time from 0 to 30d, such as "
	  "90s, 5m, 1h or 2d" },
	{ "idle_timeout = 0\n", "stoa.conf:1: idle_timeout: \"0\" is no time from 1s to 1h, such "
	  "as 90s, 5m, 1h or 2d" },
	{ "log_level = loud\n", "stoa.conf:1: log_level: \"loud\" is none of: error warn info "
	  "debug" },
	{ "prefix = go\n", "stoa.conf:1: prefix: \"go\" is no path of a URL such as /go, nor "
	  "auto" },
	{ "prefix = //go\n", "stoa.conf:1: prefix: \"//go\" is no path of a URL such as /go, nor "
	  "auto" },
	{ "prefix = /a/../b\n", "stoa.conf:1: prefix: \"/a/../b\" is no path of a URL such as "
	  "/go, nor auto" },
	{ "prefix = /go # x\n", "stoa.conf:1: prefix: \"/go # x\" is no path of a URL such as "
	  "/go, nor auto" },
	{ "http_proxy = ftp://n:secret@p.example\n", "stoa.conf:1: http_proxy: not the URL of a "
	  "proxy, such as http://proxy.example:3128" },
	{ "no_proxy = a\x01\n", "stoa.conf:1: no_proxy: a control byte in the value" },
	{ "upstream = a.example,ftp://n:secret@b.example\n", "stoa.conf:1: upstream: "
	  "\"ftp://b.example\" is no https, http or file URL and neither direct nor off" },
	{ "upstream = ,\n", "stoa.conf:1: upstream: a list of upstreams without entries" },
	{ "send_file = X-Accel-Redirect\n", "stoa.conf: send_file = X-Accel-Redirect needs "
	  "send_file_prefix, the internal location" },
	/* sections */
	{ "\n[module \"x\"]\n\n# nothing\n", "stoa.conf:2: a section without keys" },
	{ "[module \"x\"]\n[module \"y\"]\noffline = no\n", "stoa.conf:1: a section without "
	  "keys" },
	{ "[module \"x\"\noffline = no\n", "stoa.conf:1: the section's \"]\" is missing" },
	{ "[module\n", "stoa.conf:1: the section's \"]\" is missing" },
	{ "[module \"[a-z]\"\n", "stoa.conf:1: the section's \"]\" is missing" },
	{ "[modul \"x\"]\n", "stoa.conf:1: unknown section \"modul\", did you mean [module "
	  "\"PATTERN\"]?" },
	{ "[global]\n", "stoa.conf:1: unknown section \"global\"; only [module \"PATTERN\"] is "
	  "known" },
	{ "[module]\n", "stoa.conf:1: a pattern in quotes is missing: [module \"PATTERN\"]" },
	{ "[module x/y]\n", "stoa.conf:1: a pattern in quotes is missing: [module "
	  "\"PATTERN\"]" },
	{ "[module \"x]\n", "stoa.conf:1: a pattern in quotes is missing: [module "
	  "\"PATTERN\"]" },
	{ "[module \"\"]\n", "stoa.conf:1: the section's pattern is empty or has blanks" },
	{ "[module \" x\"]\n", "stoa.conf:1: the section's pattern is empty or has blanks" },
	{ "[module \"x\"] offline = yes\n", "stoa.conf:1: text behind the section's \"]\"" },
	{ "[module \"x/[a\"]\n", "stoa.conf:1: \"x/[a\" is no good pattern" },
	{ "[module \"x\"]\ncache = /srv\n", "stoa.conf:2: \"cache\" is a global key; it must stand "
	  "before all sections" },
	{ "[module \"x\"]\nofline = yes\n", "stoa.conf:2: unknown key \"ofline\", did you mean "
	  "\"offline\"?" },
};

START_TEST(bad_text_is_an_error_with_its_line)
{
	char *error = load_error(bad_texts[_i].text, no_env);

	ck_assert_str_eq(error, bad_texts[_i].error);
	free(error);
}
END_TEST

/* A line of "no_proxy = xxx" with n bytes in all, after an empty one. */
static char *long_line(size_t n)
{
	CLEANUP(buf_release) struct buf b = BUF(10000);

	buf_puts(&b, "\nno_proxy = ");
	while (b.n < n + 1)
		buf_putc(&b, 'x');
	return buf_detach(&b);
}

START_TEST(line_at_the_limit_is_whole)
{
	char *text = long_line(MAX_CONF_LINE);
	struct config *c = load(text, no_env, false);

	ck_assert_uint_eq(strlen(config_global(c)->no_proxy),
			  MAX_CONF_LINE - strlen("no_proxy = "));
	config_free(c);
	free(text);
}
END_TEST

START_TEST(line_past_the_limit_is_an_error)
{
	char *text = long_line(MAX_CONF_LINE + 1);
	char *error = load_error(text, no_env);

	ck_assert_str_eq(error, "stoa.conf:2: a line longer than 4096 bytes");
	free(error);
	free(text);
}
END_TEST

START_TEST(defaults_hold_without_a_file)
{
	struct config *c = load("", no_env, false);
	const struct settings *s = config_global(c);

	ck_assert_ptr_null(s->upstream);
	ck_assert(!s->offline);
	ck_assert(s->sync);
	ck_assert_int_eq(s->list_ttl, 60);
	ck_assert_int_eq(s->list_stale, 3600);
	ck_assert_int_eq(s->fetch_timeout, 600);
	ck_assert_str_eq(s->prefix, "auto");
	ck_assert_str_eq(s->netrc, "");
	ck_assert_int_eq(s->cache[0], '/');
	assert_shown(c, NULL, "list_ttl", "1m", "default");
	config_free(c);
}
END_TEST

/* ---- module sections */

static const char sections[] =
	"upstream = https://mirror.example\n"
	"list_ttl = 5m\n"
	"[module \"corp.example/*\"]\n"
	"upstream = direct\n"
	"list_ttl = 10s\n"
	"[module \"corp.example/[a-c]*\"]	; a class with a bracket\n"
	"list_ttl = 20s\n"
	"[module \"other.example,corp.example/banana/tool\"]\n"
	"offline = yes\n"
	"list_ttl = 0\n";

static const struct {
	const char *module;
	int64_t list_ttl;
	bool direct;
	bool offline;
} matches[] = {
	{ "example.com/x", 300, false, false },
	{ "corp.example", 300, false, false },
	{ "corp.example.org/x", 300, false, false },
	{ "corp.example/zoo", 10, true, false },
	{ "corp.example/zoo/deep/er", 10, true, false },
	{ "corp.example/banana", 20, true, false },
	{ "corp.example/banana/x", 20, true, false },
	{ "corp.example/banana/tool", 0, true, true },
	{ "corp.example/banana/tool/v2", 0, true, true },
	{ "other.example/x", 0, false, true },
};

START_TEST(last_section_that_matches_wins)
{
	struct config *c = load(sections, no_env, false);
	struct settings s;

	config_for(c, str_of(matches[_i].module), &s);
	ck_assert_int_eq(s.list_ttl, matches[_i].list_ttl);
	ck_assert_int_eq(s.offline, matches[_i].offline);
	ck_assert_int_eq(s.upstream->entries[0].kind,
			 matches[_i].direct ? GOPROXY_DIRECT : GOPROXY_URL);
	ck_assert_ptr_eq(s.cache, config_global(c)->cache);
	config_free(c);
}
END_TEST

START_TEST(long_pattern_is_not_cut)
{
	struct config *c = load("[module \"corp.example/a-name-of-more-than-fifty-bytes/"
				"that-inih-would-cut/x\"]\noffline = yes\n", no_env, false);
	struct settings s;

	config_for(c, STR("corp.example/a-name-of-more-than-fifty-bytes/that-inih-would-cut/x"),
		   &s);
	ck_assert(s.offline);
	config_for(c, STR("corp.example/a-name-of-more-than-fifty-bytes/that-inih-would-cut/y"),
		   &s);
	ck_assert(!s.offline);
	config_free(c);
}
END_TEST

START_TEST(origin_of_a_modules_setting_is_its_section)
{
	struct config *c = load(sections, no_env, false);

	assert_shown(c, "corp.example/zoo", "list_ttl", "10s",
		     "[module \"corp.example/*\"] at stoa.conf:5");
	assert_shown(c, "corp.example/banana", "upstream", "direct",
		     "[module \"corp.example/*\"] at stoa.conf:4");
	assert_shown(c, "corp.example/banana", "list_ttl", "20s",
		     "[module \"corp.example/[a-c]*\"] at stoa.conf:7");
	assert_shown(c, "example.com/x", "list_ttl", "5m", "stoa.conf:2");
	assert_shown(c, NULL, "list_ttl", "5m", "stoa.conf:2");
	config_free(c);
}
END_TEST

static void note_section(void *ctx, const char *pattern, const char *file, int line, bool applies)
{
	buf_printf(ctx, "%s@%s:%d%c ", pattern, file, line, applies ? '+' : '-');
}

START_TEST(sections_are_listed_with_what_applies)
{
	CLEANUP(buf_release) struct buf b = BUF(1000);
	struct config *c = load(sections, no_env, false);

	config_sections(c, STR("corp.example/zoo"), note_section, &b);
	ck_assert_str_eq(b.p, "corp.example/*@stoa.conf:3+ corp.example/[a-c]*@stoa.conf:6- "
			 "other.example,corp.example/banana/tool@stoa.conf:8- ");
	config_free(c);
}
END_TEST

/* ---- the environment */

START_TEST(environment_wins_over_the_files_global_keys)
{
	const char *const env[] = { "STOA_LIST_TTL=7s", "STOA_UPSTREAM=direct", NULL };
	struct config *c = load("list_ttl = 5m\nthreads = 3\n", env, false);

	ck_assert_int_eq(config_global(c)->list_ttl, 7);
	ck_assert_int_eq(config_global(c)->threads, 3);
	assert_shown(c, NULL, "list_ttl", "7s", "STOA_LIST_TTL in the environment");
	assert_shown(c, NULL, "upstream", "direct", "STOA_UPSTREAM in the environment");
	config_free(c);
}
END_TEST

START_TEST(section_wins_over_the_environment)
{
	const char *const env[] = { "STOA_LIST_TTL=7s", NULL };
	struct config *c = load(sections, env, false);
	struct settings s;

	config_for(c, STR("corp.example/zoo"), &s);
	ck_assert_int_eq(s.list_ttl, 10);
	config_for(c, STR("example.com"), &s);
	ck_assert_int_eq(s.list_ttl, 7);
	config_free(c);
}
END_TEST

START_TEST(first_of_two_variables_counts)
{
	const char *const env[] = { "STOA_LIST_TTL=7s", "STOA_LIST_TTL=9s", NULL };
	struct config *c = load("", env, false);
	int seen = 0;

	ck_assert_int_eq(config_global(c)->list_ttl, 7);
	for (const char *const *e = config_child_env(c); *e; e++)
		seen += strncmp(*e, "STOA_LIST_TTL=", 14) == 0;
	ck_assert_int_eq(seen, 1);
	config_free(c);
}
END_TEST

static const struct {
	const char *variable;
	const char *error;
} bad_variables[] = {
	{ "STOA_LIST_TLL=1m", "environment: unknown variable \"STOA_LIST_TLL\", did you mean "
	  "\"STOA_LIST_TTL\"?" },
	{ "STOA_CONFF=/x", "environment: unknown variable \"STOA_CONFF\", did you mean "
	  "\"STOA_CONF\"?" },
	{ "STOA_list_ttl=1m", "environment: unknown variable \"STOA_list_ttl\", did you mean "
	  "\"STOA_LIST_TTL\"?" },
	{ "STOA_BANANA=1", "environment: unknown variable \"STOA_BANANA\"" },
	{ "STOA_=1", "environment: unknown variable \"STOA_\"" },
	{ "STOA_LIST_TTL=x", "environment: STOA_LIST_TTL: \"x\" is no time from 0 to 30d, such as "
	  "90s, 5m, 1h or 2d" },
	{ "STOA_LIST_TTL=", "environment: STOA_LIST_TTL: a value is missing" },
	{ "STOA_CACHE=cache", "environment: STOA_CACHE: \"cache\" is no absolute path" },
	{ "GOPROXY=ftp://n:secret@a.example", "environment: GOPROXY: \"ftp://a.example\" is no "
	  "https, http or file URL and neither direct nor off" },
	{ "SSL_CERT_FILE=ca.pem", "environment: SSL_CERT_FILE: \"ca.pem\" is no absolute path" },
	{ "http_proxy=ftp://n:secret@p", "environment: http_proxy: not the URL of a proxy, such "
	  "as http://proxy.example:3128" },
};

START_TEST(bad_variable_is_an_error_with_its_name)
{
	const char *const env[] = { bad_variables[_i].variable, NULL };
	char *error = load_error("", env);

	ck_assert_str_eq(error, bad_variables[_i].error);
	free(error);
}
END_TEST

START_TEST(reserved_variables_are_no_keys)
{
	const char *const env[] = { "STOA_CONF=/nowhere", "STOA_TRACE=spawn",
				    "STOA_TEST_FAIL=3", "STOA=x",
			NULL };
	struct config *c = load("", env, false);

	config_free(c);
}
END_TEST

START_TEST(goproxy_counts_when_upstream_is_unset)
{
	const char *const env[] = { "GOPROXY=https://n:p@a.example,direct", NULL };
	struct config *c = load("", env, false);

	ck_assert_str_eq(config_global(c)->upstream->entries[0].url, "https://n:p@a.example");
	assert_shown(c, NULL, "upstream", "https://a.example,direct",
		     "GOPROXY in the environment");
	config_free(c);
	c = load("upstream = off\n", env, false);
	assert_shown(c, NULL, "upstream", "off", "stoa.conf:1");
	config_free(c);
}
END_TEST

static const struct {
	const char *file;
	const char *env[4];
	const char *sumdb, *nosumdb;
} databases[] = {
	{ "", { NULL }, "", "" },
	{ "", { "GOSUMDB=a.example+1+x", "GOPRIVATE=b.example" }, "a.example+1+x", "b.example" },
	{ "", { "GONOSUMDB=c.example", "GOPRIVATE=b.example" }, "", "c.example" },
	{ "", { "GONOSUMDB=", "GOPRIVATE=b.example" }, "", "b.example" },
	{ "sumdb = off\nnosumdb = d.example\n",
	  { "GOSUMDB=a.example", "GONOSUMDB=c.example", "GOPRIVATE=b.example" }, "off", "d.example" },
	{ "", { "STOA_SUMDB=off", "GOSUMDB=a.example", "STOA_NOSUMDB=d.example" }, "off",
	  "d.example" },
};

/* The helper, with what it is given, comes to the same. */
START_TEST(the_go_command_s_database_counts_when_ours_is_unset)
{
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = load(databases[_i].file, databases[_i].env, false);
	struct config *helper = NULL;

	ck_assert_int_eq(config_load_text("stoa.conf", databases[_i].file,
					  environ_of(config_child_env(c)), false, &helper, &err), 0);
	ck_assert_str_eq(config_global(c)->sumdb, databases[_i].sumdb);
	ck_assert_str_eq(config_global(c)->nosumdb, databases[_i].nosumdb);
	ck_assert_str_eq(config_global(helper)->sumdb, databases[_i].sumdb);
	ck_assert_str_eq(config_global(helper)->nosumdb, databases[_i].nosumdb);
	config_free(helper);
	config_free(c);
}
END_TEST

START_TEST(empty_goproxy_is_unset)
{
	const char *const env[] = { "GOPROXY=", NULL };
	struct config *c = load("", env, false);

	ck_assert_ptr_null(config_global(c)->upstream);
	config_free(c);
}
END_TEST

static const struct {
	const char *first;
	const char *second;
	bool cgi;
	const char *http;
	const char *https;
	const char *none;
} proxies[] = {
	{ "http_proxy=a:1", "HTTP_PROXY=b:2", false, "http://a:1", "", "" },
	{ "HTTP_PROXY=b:2", "http_proxy=a:1", false, "http://a:1", "", "" },
	{ "HTTP_PROXY=b:2", "http_proxy=", false, "http://b:2", "", "" },
	{ "HTTP_PROXY=b:2", "x=y", true, "", "", "" },
	{ "HTTP_PROXY=b:2", "REQUEST_METHOD=GET", false, "", "", "" },
	{ "HTTP_PROXY=not//good", "x=y", true, "", "", "" },
	{ "http_proxy=a:1", "HTTP_PROXY=b:2", true, "http://a:1", "", "" },
	{ "HTTPS_PROXY=b:2", "NO_PROXY=c", true, "", "http://b:2", "c" },
	{ "https_proxy=a:1", "HTTPS_PROXY=b:2", true, "", "http://a:1", "" },
	{ "NO_PROXY=c", "no_proxy=d", false, "", "", "d" },
	{ "STOA_HTTP_PROXY=s:1", "http_proxy=a:1", false, "http://s:1", "", "" },
};

START_TEST(http_proxy_is_not_taken_from_a_client)
{
	const char *const env[] = { proxies[_i].first, proxies[_i].second, NULL };
	struct config *c = load("", env, proxies[_i].cgi);

	ck_assert_str_eq(config_global(c)->http_proxy, proxies[_i].http);
	ck_assert_str_eq(config_global(c)->https_proxy, proxies[_i].https);
	ck_assert_str_eq(config_global(c)->no_proxy, proxies[_i].none);
	config_free(c);
}
END_TEST

static void append(void *ctx, const char *name, struct str value, struct str from)
{
	buf_printf(ctx, "%s=%.*s (%.*s)\n", name, STR_ARG(value), STR_ARG(from));
}

static void append_all(const struct config *c, struct buf *b)
{
	config_show(c, NULL, append, b);
	for (const char *const *e = config_child_env(c); *e; e++)
		buf_printf(b, "%s\n", *e);
}

/* What RFC 3875 and the web servers put into a CGI program's environment, each
 * with a value that would do harm if something looked at it. */
START_TEST(request_changes_no_setting)
{
	const char *const env[] = {
		"AUTH_TYPE=/evil", "CONTENT_LENGTH=/evil", "CONTENT_TYPE=/evil",
		"GATEWAY_INTERFACE=CGI/1.1", "PATH_INFO=/evil", "PATH_TRANSLATED=/evil",
		"QUERY_STRING=STOA_CACHE=/evil", "REMOTE_ADDR=/evil", "REMOTE_HOST=/evil",
		"REMOTE_IDENT=/evil", "REMOTE_USER=/evil", "REQUEST_METHOD=GET",
		"REQUEST_URI=/evil", "SCRIPT_NAME=/evil", "SERVER_NAME=/evil", "SERVER_PORT=1",
		"SERVER_PROTOCOL=HTTP/1.1", "HTTPS=on", "HTTP_PROXY=http://evil.example",
		"HTTP_HTTPS_PROXY=http://evil.example", "HTTP_STOA_CACHE=/evil",
		"HTTP_GOPROXY=http://evil.example", "HTTP_SSL_CERT_FILE=/evil",
		"HTTP_HOME=/evil", "HTTP_TMPDIR=/evil", "HTTP_NO_PROXY=evil", "HTTP_COOKIE=/evil",
		NULL,
	};
	CLEANUP(buf_release) struct buf clean = BUF(100000);
	CLEANUP(buf_release) struct buf asked = BUF(100000);
	struct config *c = load("", no_env, true);

	append_all(c, &clean);
	config_free(c);
	c = load("", env, true);
	append_all(c, &asked);
	config_free(c);
	ck_assert_str_eq(asked.p, clean.p);
}
END_TEST

/* ---- the helper's environment */

START_TEST(child_gets_what_it_needs_and_no_more)
{
	const char *const env[] = {
		"PATH=/evil", "HOME=/home/me", "TMPDIR=/big/tmp", "LD_PRELOAD=/evil.so",
		"LC_ALL=de_DE.UTF-8", "STOA_TRACE=spawn", "STOA_LIST_TTL=7s", "STOA_TEST_FAIL=1",
		"STOA_CONF=/other", "GOPROXY=https://n:p@a.example", "HTTP_PROXY=http://b:2",
		"HTTPS_PROXY=c:3", "NO_PROXY=d", "SSL_CERT_FILE=/ca.pem", "SSL_CERT_DIR=/certs",
		"GOFLAGS=-evil", "HTTP_COOKIE=evil", NULL,
	};
	static const char *const want[] = {
		CHILD_PATH,
		"HOME=/home/me", "LC_ALL=C", "TMPDIR=/big/tmp", "STOA_CONF=/etc/test/stoa.conf",
		"STOA_TRACE=spawn", "STOA_LIST_TTL=7s", "STOA_TEST_FAIL=1",
		"GOPROXY=https://n:p@a.example", "http_proxy=http://b:2",
		"https_proxy=http://c:3", "no_proxy=d", "SSL_CERT_FILE=/ca.pem",
		"SSL_CERT_DIR=/certs",
	};
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;
	size_t n = 0;

	ck_assert_int_eq(config_load_text("/etc/test/stoa.conf", "", environ_of(env), false, &c,
					  &err), 0);
	for (const char *const *e = config_child_env(c); *e; e++, n++) {
		ck_assert_uint_lt(n, ARRAY_SIZE(want));
		ck_assert_str_eq(*e, want[n]);
	}
	ck_assert_uint_eq(n, ARRAY_SIZE(want));
	config_free(c);
}
END_TEST

START_TEST(child_gets_safe_folders_when_ours_are_unset)
{
	const char *const env[] = { "HOME=relative", NULL };
	struct config *c = load("", env, false);
	const char *const *e = config_child_env(c);

	ck_assert_str_eq(e[1], "HOME=/dev/null");
	ck_assert_str_eq(e[3], "TMPDIR=/tmp");
	config_free(c);
}
END_TEST

START_TEST(child_gets_no_goproxy_that_was_not_used)
{
	const char *const env[] = { "GOPROXY=https://a.example", NULL };
	struct config *c = load("upstream = direct\n", env, false);

	for (const char *const *e = config_child_env(c); *e; e++)
		ck_assert_int_ne(strncmp(*e, "GOPROXY=", 8), 0);
	config_free(c);
}
END_TEST

/* ---- files */

/* A file with that text in a new folder; its path is to be freed. */
static char *make_file(const char *text)
{
	CLEANUP(buf_release) struct buf b = BUF(4096);
	const char *tmp = getenv("TMPDIR");

	buf_printf(&b, "%s/stoa-config-XXXXXX", tmp ? tmp : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(b.p));
	buf_puts(&b, "/stoa.conf");
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, b.p, O_WRONLY | O_CREAT, 0600);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(io_write_all(fd, text, strlen(text)), 0);
	return buf_detach(&b);
}

static void remove_file(char *path)
{
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	free(path);
}

START_TEST(named_file_is_read_and_passed_on)
{
	char *path = make_file("list_ttl = 3s\n");
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf named = BUF(4096);
	struct config *c = NULL;

	buf_printf(&named, "STOA_CONF=%s", path);
	const char *const env[] = { named.p, NULL };
	ck_assert_msg(config_load(NULL, environ_of(env), false, &c, &err) == 0, "%s", err.text.p);
	ck_assert_int_eq(config_global(c)->list_ttl, 3);
	ck_assert_str_eq(config_child_env(c)[4], named.p);
	config_free(c);
	ck_assert_int_eq(config_load(path, environ_of(no_env), false, &c, &err), 0);
	ck_assert_str_eq(config_child_env(c)[4], named.p);
	config_free(c);
	remove_file(path);
}
END_TEST

START_TEST(named_file_that_is_missing_is_an_error)
{
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;

	ck_assert_int_eq(config_load("/nonexistent/stoa.conf", environ_of(no_env), false, &c,
				     &err), -1);
	ck_assert_str_eq(err.text.p, "/nonexistent/stoa.conf: No such file or directory");
}
END_TEST

START_TEST(folder_is_no_file)
{
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;

	ck_assert_int_eq(config_load("/", environ_of(no_env), false, &c, &err), -1);
	ck_assert_str_eq(err.text.p, "/: Is a directory");
}
END_TEST

START_TEST(nul_byte_is_an_error)
{
	char *path = make_file("");
	CLEANUP(err_release) struct err err = ERR();
	struct config *c = NULL;
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, path, O_WRONLY, 0);

	ck_assert_int_eq(io_write_all(fd, "\ncache = /a\0b\n", 14), 0);
	ck_assert_int_eq(config_load(path, environ_of(no_env), false, &c, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.text.p, "stoa.conf:2: a NUL byte"));
	remove_file(path);
}
END_TEST

/* ---- texts */

/* The sample with every key taken in: "#key = value" without its "#". */
static char *without_hashes(struct str sample)
{
	CLEANUP(buf_release) struct buf b = BUF(100000);
	struct str line;

	while (str_cut(&sample, '\n', &line)) {
		bool is_comment = str_eqz(line, "#") || str_starts(line, STR("# "));
		buf_str(&b, !is_comment && str_starts(line, STR("#")) ? str_from(line, 1) : line);
		buf_putc(&b, '\n');
	}
	return buf_detach(&b);
}

static void append_value(void *ctx, const char *name, struct str value, struct str from)
{
	(void)from;
	buf_printf(ctx, "%s=%.*s\n", name, STR_ARG(value));
}

START_TEST(sample_says_what_the_defaults_are)
{
	CLEANUP(buf_release) struct buf sample = BUF(100000);
	CLEANUP(buf_release) struct buf from_sample = BUF(100000);
	CLEANUP(buf_release) struct buf from_none = BUF(100000);

	config_sample(&sample);
	char *all = without_hashes(buf_view(&sample));
	struct config *c = load(all, no_env, false);
	config_show(c, NULL, append_value, &from_sample);
	config_free(c);
	c = load(sample.p, no_env, false);
	config_show(c, NULL, append_value, &from_none);
	assert_shown(c, NULL, "list_ttl", "1m", "default");
	config_free(c);
	ck_assert_str_eq(from_sample.p, from_none.p);
	free(all);
}
END_TEST

static void assert_in_sample(void *ctx, const char *name, struct str value, struct str from)
{
	CLEANUP(buf_release) struct buf b = BUF(4096);
	const struct buf *sample = ctx;

	(void)value;
	(void)from;
	buf_printf(&b, "\n#%s =", name);
	ck_assert_msg(strstr(sample->p, b.p) != NULL, "%s", name);
}

static void assert_in_mdoc(void *ctx, const char *name, struct str value, struct str from)
{
	CLEANUP(buf_release) struct buf b = BUF(4096);
	const struct buf *mdoc = ctx;

	(void)value;
	(void)from;
	buf_printf(&b, ".It Ic %s No = Ar ", name);
	ck_assert_msg(strstr(mdoc->p, b.p) != NULL, "%s", name);
}

START_TEST(every_key_is_in_the_sample_and_the_manual)
{
	CLEANUP(buf_release) struct buf sample = BUF(100000);
	CLEANUP(buf_release) struct buf mdoc = BUF(100000);
	struct config *c = load("", no_env, false);

	config_sample(&sample);
	config_mdoc(&mdoc);
	config_show(c, NULL, assert_in_sample, &sample);
	config_show(c, NULL, assert_in_mdoc, &mdoc);
	config_free(c);
}
END_TEST

START_TEST(sample_fits_a_terminal)
{
	CLEANUP(buf_release) struct buf sample = BUF(100000);
	struct str line;

	config_sample(&sample);
	struct str rest = buf_view(&sample);
	while (str_cut(&rest, '\n', &line))
		if (str_starts(line, STR("# ")) && str_chr(str_from(line, 2), ' ') >= 0)
			ck_assert_uint_le(line.n, 78);
}
END_TEST

static void add_values(TCase *t)
{
	tcase_add_loop_test(t, good_value_is_shown_in_its_one_form, 0, ARRAY_SIZE(good_values));
	tcase_add_loop_test(t, bad_text_is_an_error_with_its_line, 0, ARRAY_SIZE(bad_texts));
	tcase_add_test(t, line_at_the_limit_is_whole);
	tcase_add_test(t, line_past_the_limit_is_an_error);
	tcase_add_test(t, defaults_hold_without_a_file);
}

static void add_sections(TCase *t)
{
	tcase_add_loop_test(t, last_section_that_matches_wins, 0, ARRAY_SIZE(matches));
	tcase_add_test(t, long_pattern_is_not_cut);
	tcase_add_test(t, origin_of_a_modules_setting_is_its_section);
	tcase_add_test(t, sections_are_listed_with_what_applies);
}

static void add_environment(TCase *t)
{
	tcase_add_test(t, environment_wins_over_the_files_global_keys);
	tcase_add_test(t, section_wins_over_the_environment);
	tcase_add_test(t, first_of_two_variables_counts);
	tcase_add_loop_test(t, bad_variable_is_an_error_with_its_name, 0,
			    ARRAY_SIZE(bad_variables));
	tcase_add_test(t, reserved_variables_are_no_keys);
	tcase_add_test(t, goproxy_counts_when_upstream_is_unset);
	tcase_add_loop_test(t, the_go_command_s_database_counts_when_ours_is_unset, 0,
			    ARRAY_SIZE(databases));
	tcase_add_test(t, empty_goproxy_is_unset);
	tcase_add_loop_test(t, http_proxy_is_not_taken_from_a_client, 0, ARRAY_SIZE(proxies));
	tcase_add_test(t, request_changes_no_setting);
	tcase_add_test(t, child_gets_what_it_needs_and_no_more);
	tcase_add_test(t, child_gets_safe_folders_when_ours_are_unset);
	tcase_add_test(t, child_gets_no_goproxy_that_was_not_used);
}

static void add_files(TCase *t)
{
	tcase_add_test(t, named_file_is_read_and_passed_on);
	tcase_add_test(t, named_file_that_is_missing_is_an_error);
	tcase_add_test(t, folder_is_no_file);
	tcase_add_test(t, nul_byte_is_an_error);
	tcase_add_test(t, sample_says_what_the_defaults_are);
	tcase_add_test(t, every_key_is_in_the_sample_and_the_manual);
	tcase_add_test(t, sample_fits_a_terminal);
}

int main(void)
{
	Suite *s = suite_create("config");
	TCase *t = tcase_create("config");

	add_values(t);
	add_sections(t);
	add_environment(t);
	add_files(t);
	suite_add_tcase(s, t);
	SRunner *r = srunner_create(s);
	srunner_run_all(r, CK_ENV);
	int failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
