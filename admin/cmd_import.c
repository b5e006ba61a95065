/* admin/cmd_import.c: stoactl import: fills the cache from what another program
 * left in a folder.
 *
 * Three layouts are told apart by their files: a module cache of the go command
 * and the folder of a goproxy server have <escaped path>/@v/<escaped version>.zip,
 * an Athens disk store has <path>/<version>/source.zip. Every file goes the way of
 * a fetch whose source is that folder, so it is checked like one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "admin/cmd.h"
#include "admin/crew.h"
#include "admin/progress.h"
#include "admin/tree.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "fetch/sumdbclient.h"
#include "module/key.h"

#include "base/banned.h"

struct import {
	const struct config *config;
	struct cache cache;
	struct net net;
	struct sumdb *sumdb;	/* asked where the settings say, not in the folder */
	struct progress progress;
	struct goproxy source;	/* the folder, or our picture of an Athens store */
	struct paths proxy;	/* files of the go command's layout, as below mod/ */
	struct paths athens;	/* the other files that might be Athens's */
	bool versions;		/* a source.zip was seen */
	pthread_mutex_t lock;	/* of what follows */
	int64_t taken;
	int64_t there;
	int64_t failed;
	int64_t bytes;
};

/* --- finding out what there is --- */

static int look(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	struct import *im = ctx;
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	CLEANUP(err_release) struct err ignored = ERR();

	(void)dir;
	(void)err;
	if (what != TREE_FILE)
		return 0;
	path = str_from(path, 2); /* "./" */
	buf_puts(&file, "mod/");
	buf_str(&file, path);
	if (key_set_file(&k, buf_view(&file), &ignored) == 0)
		paths_add(&im->proxy, buf_view(&file));
	else
		paths_add(&im->athens, path);
	im->versions |= str_ends(path, STR("/source.zip"));
	return 0;
}

/* "github.com/Foo/bar/v1.0.0/source.zip" and its fellows. */
static bool athens_key(struct str path, struct key *k)
{
	CLEANUP(err_release) struct err ignored = ERR();
	ptrdiff_t slash = str_rchr(path, '/');
	struct str name = str_from(path, (size_t)(slash + 1));
	struct str folder = str_head(path, slash < 0 ? 0 : (size_t)slash);
	ptrdiff_t at = str_rchr(folder, '/');
	enum kind kind = KIND_INFO;

	if (at < 0)
		return false;
	struct str version = str_from(folder, (size_t)at + 1);
	if (str_eqz(name, "source.zip"))
		kind = KIND_ZIP;
	else if (str_eqz(name, "go.mod"))
		kind = KIND_MOD;
	else if (!str_starts(name, version) || !str_eqz(str_from(name, version.n), ".info"))
		return false;
	return key_set_plain(k, kind, str_head(folder, (size_t)at), version, &ignored) == 0 &&
	       k->kind == kind;
}

/* --- a picture of an Athens store in the go command's layout: links --- */

static int picture(struct import *im, const char *dir, const char *place, struct err *err)
{
	CLEANUP(key_release) struct key k = KEY();

	for (size_t i = 0; i < im->athens.n; i++) {
		CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
		CLEANUP(buf_release) struct buf link = BUF(MAX_RELPATH);
		CLEANUP(buf_release) struct buf target = BUF(MAX_RELPATH);
		if (!athens_key(str_of(im->athens.path[i]), &k))
			continue;
		key_file(&k, &file);
		buf_printf(&link, "%s/%s", place, file.p + sizeof("mod/") - 1);
		buf_printf(&target, "%s/%s", dir, im->athens.path[i]);
		if (buf_ok(&link, "a path", err) < 0 || buf_ok(&target, "a path", err) < 0)
			return -1;
		int rc = io_mkparents(im->cache.root, link.p, false);
		if (rc == 0)
			rc = io_symlink(target.p, im->cache.root, link.p);
		if (rc < 0)
			return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
		paths_add(&im->proxy, buf_view(&file));
	}
	return 0;
}

static int take_down(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	CLEANUP(buf_release) struct buf z = BUF(MAX_RELPATH);

	(void)err;
	buf_str(&z, path);
	if (what == TREE_FOLDER)
		paths_add(ctx, path);
	else
		(void)!io_unlink(dir, z.p);
	return 0;
}

static void remove_picture(struct import *im, const char *place)
{
	CLEANUP(paths_free) struct paths folders = PATHS();
	CLEANUP(err_release) struct err err = ERR();

	(void)!tree_walk(im->cache.root, place, take_down, &folders, &err);
	for (size_t i = folders.n; i > 0; i--)
		(void)!io_rmdir(im->cache.root, folders.path[i - 1]);
	(void)!io_rmdir(im->cache.root, place);
}

/* --- the work --- */

/* 1: taken; 0: it was there. */
static int bring(struct import *im, const struct key *k, int64_t *ret_bytes, struct err *err)
{
	CLEANUP(job_release) struct job j;
	CLEANUP(fd_close) int lock = -1;
	struct settings s;

	config_for(im->config, buf_view(&k->path), &s);
	s.upstream = &im->source;
	s.offline = false;
	job_init(&j, &im->cache, &s, config_child_env(im->config), &im->net);
	j.sumdb = im->sumdb;
	if (cache_has(&im->cache, k))
		return 0;
	int rc = lock_key(&im->cache, k, j.deadline_ms, &lock, err);
	if (rc != 1)
		return rc < 0 ? -1 : err_set(err, FAULT_BUSY, "its turn did not come");
	if (cache_has(&im->cache, k))
		return 0;
	rc = job_run(&j, k, err);
	*ret_bytes = j.bytes;
	return rc < 0 ? -1 : 1;
}

static void work(void *ctx, size_t item)
{
	struct import *im = ctx;
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	int64_t bytes = 0;
	int rc = key_set_file(&k, str_of(im->proxy.path[item]), &err);

	if (rc == 0)
		rc = bring(im, &k, &bytes, &err);
	if (rc < 0) {
		key_text(&k, &what);
		progress_say(&im->progress, "refused %s %s: %s", what.p, kind_row(k.kind)->name,
			     err.text.p);
	}
	pthread_mutex_lock(&im->lock);
	im->taken += rc > 0;
	im->there += rc == 0;
	im->failed += rc < 0;
	im->bytes += bytes;
	pthread_mutex_unlock(&im->lock);
	progress_add(&im->progress, bytes, rc < 0);
}

/* "file://" and the folder, with what a list of sources gives a meaning to as %XX. */
static int set_source(struct import *im, const char *dir, struct err *err)
{
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

	buf_puts(&url, "file://");
	for (const char *p = dir; *p; p++) {
		unsigned char c = (unsigned char)*p;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			     (c >= '0' && c <= '9') || strchr("/._-~@!", c);
		if (plain)
			buf_putc(&url, *p);
		else
			buf_printf(&url, "%%%02X", (unsigned int)c);
	}
	if (buf_ok(&url, "the folder's path", err) < 0)
		return -1;
	return goproxy_parse(buf_view(&url), &im->source, err);
}

static int run(struct import *im, size_t threads, bool quiet)
{
	struct crew crew = { .work = work, .ctx = im, .n = im->proxy.n };
	int64_t since = clock_ms();
	size_t done = 0;

	progress_init(&im->progress, "import", (int64_t)im->proxy.n, quiet);
	pthread_mutex_init(&im->lock, NULL);
	int rc = crew_run(&crew, threads, &done);
	pthread_mutex_destroy(&im->lock);
	progress_end(&im->progress);
	if (rc < 0)
		return cmd_failed("cannot start a thread");
	printf("%lld files taken (%.1f MB), %lld there before, %lld refused, in %.1f s%s\n",
	       (long long)im->taken, (double)im->bytes / 1e6, (long long)im->there,
	       (long long)im->failed, (double)(clock_ms() - since) / 1e3,
	       stop_requested() ? "; broken off: run it again to go on" : "");
	if (im->failed)
		return CMD_WRONG;
	return stop_requested() ? CMD_FAILED : 0;
}

/* `dir` is absolute. */
static int import_from(struct import *im, const char *dir, size_t threads, bool quiet)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf place = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf source = BUF(MAX_RELPATH);
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, dir, O_RDONLY | O_DIRECTORY, 0);

	if (fd < 0)
		return cmd_failed("import: %s cannot be opened", dir);
	if (tree_walk(fd, ".", look, im, &err) < 0)
		return cmd_failed("%s", err.text.p);
	bool athens = im->versions && !im->proxy.n;
	buf_puts(&source, dir);
	if (athens) {
		buf_printf(&place, "state/stage/import.%llx", (unsigned long long)clock_ns());
		buf_reset(&source);
		buf_printf(&source, "%s/%s", im->cache.dir, place.p);
	}
	int rc = athens ? picture(im, dir, place.p, &err) : 0;
	if (rc == 0)
		rc = set_source(im, source.p, &err);
	if (rc < 0)
		rc = cmd_failed("%s", err.text.p);
	else if (!im->proxy.n)
		rc = cmd_failed("import: %s has no module in a layout that is known", dir);
	else
		rc = run(im, threads, quiet);
	if (athens)
		remove_picture(im, place.p);
	return rc;
}

/* GOMODCACHE has its downloads two folders below. */
static char *find_folder(const char *named)
{
	CLEANUP(buf_release) struct buf below = BUF(MAX_RELPATH);
	struct stat st;

	buf_printf(&below, "%s/cache/download", named);
	if (!below.over && fstatat(AT_FDCWD, below.p, &st, 0) == 0 && S_ISDIR(st.st_mode))
		return realpath(below.p, NULL);
	return realpath(named, NULL);
}

static int import_with(const struct config *config, const char *named, size_t threads, bool quiet)
{
	CLEANUP(err_release) struct err err = ERR();
	struct import im = { .config = config, .cache = CACHE() };
	char *dir = find_folder(named);
	int rc = 0;

	im.net = NET(config_global(config));
	im.sumdb = sumdb_new(config_global(config), config_child_env(config));
	sumdb_linger(im.sumdb);
	log_init("stoactl", LOG_LEVEL_ERROR);
	if (!dir)
		rc = cmd_failed("import: there is no folder %s", named);
	else if (cache_open(&im.cache, config_global(config)->cache, &err) < 0 ||
		 net_run(&im.net, &err) < 0)
		rc = cmd_failed("%s", err.text.p);
	else
		rc = import_from(&im, dir, threads, quiet);
	free(dir);
	sumdb_free(im.sumdb);
	net_release(&im.net);
	cache_release(&im.cache);
	goproxy_release(&im.source);
	paths_free(&im.proxy);
	paths_free(&im.athens);
	return rc;
}

int cmd_import(const char *conf, int argc, char **argv)
{
	const char *jobs_text = NULL;
	uint64_t jobs = crew_processors();
	bool quiet = false;
	const struct opt opts[] = {
		{ "quiet", &quiet, NULL },
		{ "jobs", NULL, &jobs_text },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (jobs_text && (parse_u64(str_of(jobs_text), CREW_MOST, &jobs) < 0 || jobs == 0))
		return cmd_usage("import: --jobs takes a number from 1 to %d", CREW_MOST);
	if (argc != 2)
		return cmd_usage("import: one folder is wanted");
	struct config *config = cmd_config_load(conf);
	int rc = config ? import_with(config, argv[1], (size_t)jobs, quiet) : CMD_FAILED;
	config_free(config);
	return rc;
}
