/* fetch/main.c: stoa-fetch's command line.
 *
 * The responder that starts us holds the key's lock and one of the helpers'
 * turns, whose descriptors we inherit and keep until we end, so that the lock
 * outlives a responder that is killed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "module/key.h"

#include "base/banned.h"

extern char **environ;

/* Above the largest zip, with room for a log that is a file. */
#define MAX_FILE (600ll << 20)
#define MAX_DESCRIPTORS 256

/* One of so many runs looks for leavings of killed ones. */
#define SWEEP_ONE_IN 64

static const char usage_text[] =
	"usage: stoa-fetch [--conf FILE] KIND MODULE [VERSION]\n"
	"       stoa-fetch --help | --version\n"
	"KIND: list latest info mod zip query\n"
	"      sumdb-supported sumdb-latest sumdb-lookup sumdb-tile\n";

struct options {
	const char *conf;
	enum kind kind;
	struct str module;
	struct str version;
};

static int usage(const char *what, const char *which)
{
	fprintf(stderr, "stoa-fetch: %s%s%s\n%s", what, which ? " " : "", which ? which : "",
		usage_text);
	return EX_USAGE;
}

/* -1: go on; else the process's exit code. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		struct str arg = str_of(argv[i]);

		if (str_eqz(arg, "--")) {
			i++;
			break;
		}
		if (str_eqz(arg, "--help")) {
			fputs(usage_text, stdout);
			return EX_OK;
		}
		if (str_eqz(arg, "--version")) {
			puts("stoa-fetch " PACKAGE_VERSION);
			return EX_OK;
		}
		if (!str_eqz(arg, "--conf"))
			return usage("unknown option", argv[i]);
		if (++i == argc)
			return usage("--conf needs a file", NULL);
		o->conf = argv[i];
	}
	if (i == argc || kind_of_name(str_of(argv[i]), &o->kind) < 0)
		return usage(i == argc ? "which KIND?" : "unknown KIND", i == argc ? NULL : argv[i]);
	int operands = kind_row(o->kind)->versioned ? 2 : 1;
	if (argc - i - 1 != operands)
		return usage(operands == 2 ? "this KIND takes MODULE and VERSION:"
					   : "this KIND takes MODULE alone:", argv[i]);
	o->module = str_of(argv[i + 1]);
	o->version = str_of(operands == 2 ? argv[i + 2] : "");
	return -1;
}

static void lower_limit(int what, rlim_t most)
{
	struct rlimit r = { 0, 0 };

	if (getrlimit(what, &r) < 0)
		return;
	if (r.rlim_max == RLIM_INFINITY || r.rlim_max > most)
		r.rlim_max = most;
	r.rlim_cur = r.rlim_max;
	setrlimit(what, &r);
}

/* The bytes that we are about to handle come from outside. */
static void confine(void)
{
	lower_limit(RLIMIT_CORE, 0);
	lower_limit(RLIMIT_FSIZE, (rlim_t)MAX_FILE);
	lower_limit(RLIMIT_NOFILE, MAX_DESCRIPTORS);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	umask(022);
	for (int fd = 3; fd < 3 + CHILD_KEEP_MAX; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC); /* fails for one that is not open */
}

static enum log_level level_named(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = {
		{ "error", LOG_LEVEL_ERROR },
		{ "warn", LOG_LEVEL_WARN },
		{ "info", LOG_LEVEL_INFO },
		{ "debug", LOG_LEVEL_DEBUG },
	};

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (str_eqz(str_of(name), levels[i].name))
			return levels[i].level;
	return LOG_LEVEL_INFO;
}

/* One line about how it ended. */
static void log_job(const struct options *o, const struct key *k, const struct job *j,
		    int64_t ms, const struct err *err)
{
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	struct log_line l;
	bool failed = err->fault != FAULT_NONE;

	if (k)
		key_text(k, &what);
	else
		buf_printf(&what, "%s%s%s", o->module.p, o->version.n ? " " : "", o->version.p);
	log_begin(&l, failed ? LOG_LEVEL_WARN : LOG_LEVEL_INFO);
	log_str(&l, "mod", buf_view(&what));
	log_str(&l, "kind", str_of(kind_row(k ? k->kind : o->kind)->name));
	if (j)
		log_str(&l, "source", buf_view(&j->source));
	log_int(&l, "ms", ms);
	if (j)
		log_int(&l, "bytes", j->bytes);
	if (failed)
		log_str(&l, "fault", str_of(fault_row(err->fault)->label));
	log_str(&l, "text", buf_view(&err->text));
	log_end(&l);
}

/* The error's text for whoever started us. */
static void say(const struct err *err)
{
	int rc = io_write_all(1, err->text.p, err->text.n);

	if (rc == 0)
		rc = io_write_all(1, "\n", 1);
	(void)rc; /* the exit code says the rest */
}

static int run_key(const struct options *o, const struct config *config,
		   const struct settings *settings, const struct cache *cache,
		   const struct key *k, int64_t since)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(net_release) struct net net = NET(settings);
	CLEANUP(job_release) struct job j;

	job_init(&j, cache, settings, config_child_env(config), &net);
	if (job_run(&j, k, &err) < 0)
		say(&err);
	log_job(o, k, &j, clock_ms() - since, &err);
	return fault_row(err.fault)->exit_code;
}

static int run(const struct options *o, const struct config *config, int64_t since,
	       struct err *err)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(cache_release) struct cache cache = CACHE();
	struct settings settings;

	if (key_set_plain(&k, o->kind, o->module, o->version, err) < 0)
		return -1;
	config_for(config, buf_view(&k.path), &settings);
	if (cache_open(&cache, settings.cache, err) < 0)
		return -1;
	if (getpid() % SWEEP_ONE_IN == 0)
		stage_sweep(&cache);
	return run_key(o, config, &settings, &cache, &k, since);
}

int main(int argc, char **argv)
{
	CLEANUP(err_release) struct err err = ERR();
	struct options o = { .conf = NULL };
	struct config *config = NULL;
	int64_t since = clock_ms();

	confine();
	log_init("stoa-fetch", LOG_LEVEL_INFO);
	trace_init(getenv("STOA_TRACE"));
	int code = parse_options(argc, argv, &o);
	if (code >= 0)
		return code;
	code = config_load(o.conf, environ, false, &config, &err);
	if (code == 0) {
		log_init("stoa-fetch", level_named(config_global(config)->log_level));
		code = run(&o, config, since, &err);
	}
	if (code < 0) {
		say(&err);
		log_job(&o, NULL, NULL, clock_ms() - since, &err);
		code = fault_row(err.fault)->exit_code;
	}
	config_free(config);
	return code;
}
