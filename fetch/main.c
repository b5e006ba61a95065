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
#include "fetch/linger.h"
#include "fetch/net.h"
#include "fetch/report.h"
#include "fetch/sumdbclient.h"
#include "module/key.h"

#include "base/banned.h"

extern char **environ;

/* A pack of a large repository, which git writes with our limits; what we write
 * ourselves has limits of its own. */
#define MAX_FILE (8ll << 30)
#define MAX_DESCRIPTORS 256
/* A lingering one has a connection, two locks, a stage file and a socket for each of
 * at most 1024 jobs. */
#define MAX_DESCRIPTORS_SERVING 8192

/* One of so many runs looks for leavings of killed ones. */
#define SWEEP_ONE_IN 64

static const char usage_text[] =
	"usage: stoa-fetch [--conf FILE] KIND MODULE [VERSION]\n"
	"       stoa-fetch [--conf FILE] --serve NAME\n"
	"       stoa-fetch --help | --version\n"
	"KIND: list latest info mod zip query\n"
	"      sumdb-supported sumdb-latest sumdb-lookup sumdb-tile\n";

enum option_id {
#define FETCH_OPTION(id, name, operand, text) OPTION_##id,
#include "base/options.def"
};

static const struct {
	const char *name;
	const char *operand;
} option_rows[] = {
#define FETCH_OPTION(id, name, operand, text) [OPTION_##id] = { "--" name, operand },
#include "base/options.def"
};

struct options {
	const char *conf;
	const char *serve;	/* the socket's name: a lingering helper */
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

/* Which of the table it is, or -1. */
static int find_option(const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(option_rows); i++)
		if (strcmp(arg, option_rows[i].name) == 0)
			return (int)i;
	return -1;
}

/* -1: go on; else the process's exit code. */
static int take_option(int option, const char *value, struct options *o)
{
	switch ((enum option_id)option) {
	case OPTION_CONF:
		o->conf = value;
		return -1;
	case OPTION_SERVE:
		o->serve = value;
		return -1;
	case OPTION_HELP:
		fputs(usage_text, stdout);
		return EX_OK;
	case OPTION_VERSION:
		puts("stoa-fetch " PACKAGE_VERSION);
		return EX_OK;
	}
	return -1;
}

/* -1: go on; else the process's exit code. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int i = 1;

	for (; i < argc && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0) {
			i++;
			break;
		}
		int option = find_option(argv[i]);
		if (option < 0)
			return usage("unknown option", argv[i]);
		bool has_value = option_rows[option].operand[0];
		if (has_value && ++i == argc)
			return usage("a value is missing behind", argv[i - 1]);
		int code = take_option(option, has_value ? argv[i] : NULL, o);
		if (code >= 0)
			return code;
	}
	if (o->serve)
		return i == argc ? -1 : usage("--serve takes no operand such as", argv[i]);
	if (i == argc || kind_of_name(str_of(argv[i]), &o->kind) < 0)
		return usage(i == argc ? "which KIND?" : "unknown KIND",
			     i == argc ? NULL : argv[i]);
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
static void confine(bool serving)
{
	lower_limit(RLIMIT_CORE, 0);
	lower_limit(RLIMIT_FSIZE, (rlim_t)MAX_FILE);
	lower_limit(RLIMIT_NOFILE, serving ? MAX_DESCRIPTORS_SERVING : MAX_DESCRIPTORS);
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

/* The error's text for whoever started us. */
static void say(const struct err *err)
{
	int rc = io_write_all(1, err->text.p, err->text.n);

	if (rc == 0)
		rc = io_write_all(1, "\n", 1);
	(void)rc; /* the exit code says the rest */
}

static int run_key(const struct config *config, const struct settings *settings,
		   const struct cache *cache, const struct key *k, int64_t since)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(net_release) struct net net = NET(settings);
	struct job j;

	struct sumdb *sumdb = sumdb_new(config_global(config), config_child_env(config));
	job_init(&j, cache, settings, config_child_env(config), &net);
	j.sumdb = sumdb;
	if (job_run(&j, k, &err) < 0)
		say(&err);
	report_job(k, &j, clock_ms() - since, NULL, &err);
	job_release(&j);
	sumdb_free(sumdb);
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
	return run_key(config, &settings, &cache, &k, since);
}

/* What the responder that started us passed. */
#define LISTEN_FD 3
#define LEASH_FD 4

static int serve(const struct options *o, const struct config *config, struct err *err)
{
	CLEANUP(cache_release) struct cache cache = CACHE();
	struct linger_args args = { o->serve, LISTEN_FD,
				    fcntl(LEASH_FD, F_GETFD) < 0 ? -1 : LEASH_FD };

	if (cache_open(&cache, config_global(config)->cache, err) < 0)
		return -1;
	return linger_run(config, &cache, &args, err);
}

int main(int argc, char **argv)
{
	CLEANUP(err_release) struct err err = ERR();
	struct options o = { .conf = NULL };
	struct config *config = NULL;
	int64_t since = clock_ms();

	log_init("stoa-fetch", LOG_LEVEL_INFO);
	trace_init(getenv("STOA_TRACE"));
	io_strike("stoa-fetch", getenv("STOA_TEST_FAIL"));
	int code = parse_options(argc, argv, &o);
	if (code >= 0)
		return code;
	confine(o.serve != NULL);
	code = config_load(o.conf, environ, false, &config, &err);
	if (code == 0) {
		log_init("stoa-fetch", level_named(config_global(config)->log_level));
		code = o.serve ? serve(&o, config, &err) : run(&o, config, since, &err);
	}
	if (code < 0) {
		report_refused(o.serve ? "serve" : kind_row(o.kind)->name, o.module, o.version,
			       &err);
		if (!config) /* where the file is and what is in it is not for clients */
			err_set(&err, FAULT_LOCAL, "the settings cannot be read; see the log");
		say(&err);
		code = fault_row(err.fault)->exit_code;
	}
	config_free(config);
	return code;
}
