/* admin/cmd_prune.c: stoactl prune: removes what is kept for speed alone.
 *
 * Of repositories (--vcs), those that nobody used for long, then the ones that were used
 * longest ago, until what is left is within the bound. One that is in use stays.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "admin/cmd.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/parse.h"
#include "base/url.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/text.h"
#include "fetch/vcs/vcs.h"

#include "base/banned.h"

#define VCS_DIR "state/vcs"

/* Hexadecimal digits of SHA-256: the name of a repository's folder. */
#define NAME_DIGITS 64

struct kept {
	char *name;
	time_t used;
	int64_t size;
	bool gone;
};

struct prune {
	struct cache cache;
	struct kept *v;
	size_t n;
	size_t room;
	int64_t total;
	int64_t max_size;	/* -1: no bound */
	int64_t max_age;
	bool dry;
	bool quiet;
};

/* "500M": bytes. -1 if it is no size. */
static int parse_size(struct str s, int64_t *ret)
{
	static const char units[] = "kMGT";
	int64_t unit = 1;
	uint64_t n = 0;

	if (s.n && s.p[s.n - 1] != '\0') {
		const char *at = strchr(units, s.p[s.n - 1]);
		for (ptrdiff_t i = 0; at && i <= at - units; i++)
			unit *= 1024;
		s.n -= at ? 1 : 0;
	}
	if (parse_u64(s, (uint64_t)(INT64_MAX / unit), &n) < 0)
		return -1;
	*ret = (int64_t)n * unit;
	return 0;
}

static bool is_kept_name(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < n; i++)
		if (parse_hex(name[i]) < 0)
			return false;
	return n == NAME_DIGITS;
}

/* What the files below take on the disk; what vanishes meanwhile takes nothing. */
static int64_t tree_size(int at, const char *name)
{
	int64_t sum = 0;
	struct stat st;
	int fd = io_open(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		fd_close(&fd);
		return 0;
	}
	for (struct dirent *e = readdir(d); e; e = readdir(d)) {
		struct str n = str_of(e->d_name);
		if (str_eqz(n, ".") || str_eqz(n, "..") ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		sum += (int64_t)st.st_blocks * 512;
		if (S_ISDIR(st.st_mode))
			sum += tree_size(dirfd(d), e->d_name);
	}
	closedir(d);
	return sum;
}

static void label_of(const struct kept *k, struct buf *out)
{
	buf_printf(out, VCS_DIR "/%s.url", k->name);
}

static void note(struct prune *p, int dir, const char *name)
{
	CLEANUP(buf_release) struct buf label = BUF(MAX_NAME);
	struct stat st;

	if (p->n == p->room) {
		p->room = p->room ? 2 * p->room : 64;
		p->v = xreallocarray(p->v, p->room, sizeof(*p->v));
	}
	struct kept *k = &p->v[p->n++];
	*k = (struct kept){ .name = xmemdup0(name, strlen(name)), .size = tree_size(dir, name) };
	label_of(k, &label);
	/* each use writes the label anew */
	if (fstatat(p->cache.root, label.p, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		k->used = st.st_mtime;
	p->total += k->size;
}

static int look(struct prune *p, struct err *err)
{
	int fd = io_open(p->cache.root, VCS_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd == -ENOENT)
		return 0;
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return err_sys(err, FAULT_LOCAL, fd < 0 ? -fd : errno, "cannot read " VCS_DIR);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		if (is_kept_name(e->d_name))
			note(p, dirfd(d), e->d_name);
	closedir(d);
	return 0;
}

static int by_use(const void *a, const void *b)
{
	const struct kept *x = a;
	const struct kept *y = b;

	if (x->used != y->used)
		return x->used < y->used ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void say(const struct prune *p, const struct kept *k, const char *what)
{
	CLEANUP(buf_release) struct buf label = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(MAX_URL);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	CLEANUP(buf_release) struct buf clean = BUF(MAX_URL);
	CLEANUP(buf_release) struct buf when = BUF(32);

	if (p->quiet)
		return;
	label_of(k, &label);
	if (io_read_file(p->cache.root, label.p, &text) < 0 || text.n == 0)
		buf_puts(&text, k->name);
	url_redact(&url, str_trim(buf_view(&text)));
	text_clean(buf_view(&url), 1, clean.max, &clean);
	format_rfc3339(&when, k->used);
	printf("%s %s  %lld kB, used %s\n", what, clean.p, (long long)(k->size / 1024), when.p);
}

/* The label goes last: it says what a half-removed folder was. */
static int drop(struct prune *p, struct kept *k, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf label = BUF(MAX_NAME);
	CLEANUP(fd_close) int lock = -1;

	buf_printf(&path, VCS_DIR "/%s", k->name);
	int rc = p->dry ? 1 : lock_name(&p->cache, buf_view(&path), 0, &lock, err);
	if (rc < 0)
		return -1;
	if (rc == 0) {
		say(p, k, "in use");
		return 0;
	}
	say(p, k, p->dry ? "would remove" : "removed");
	k->gone = true;
	p->total -= k->size;
	if (p->dry)
		return 0;
	label_of(k, &label);
	rc = vcs_remove_tree(p->cache.root, path.p);
	if (rc == 0)
		rc = io_unlink(p->cache.root, label.p);
	return rc < 0 && rc != -ENOENT ? err_sys(err, FAULT_LOCAL, -rc, "cannot remove %s", path.p)
				       : 0;
}

static int prune(struct prune *p, struct err *err)
{
	time_t now = clock_wall();

	if (look(p, err) < 0)
		return -1;
	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_use);
	for (size_t i = 0; p->max_age >= 0 && i < p->n; i++)
		if (now - p->v[i].used > p->max_age && drop(p, &p->v[i], err) < 0)
			return -1;
	for (size_t i = 0; p->max_size >= 0 && i < p->n && p->total > p->max_size; i++)
		if (!p->v[i].gone && drop(p, &p->v[i], err) < 0)
			return -1;
	if (!p->quiet)
		printf("%lld kB kept\n", (long long)(p->total / 1024));
	return 0;
}

static void release(struct prune *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->v[i].name);
	free(p->v);
	cache_release(&p->cache);
}

int cmd_prune(const char *conf, int argc, char **argv)
{
	struct prune p = { .cache = CACHE(), .max_size = -1, .max_age = -1 };
	CLEANUP(err_release) struct err err = ERR();
	const char *size = NULL;
	const char *age = NULL;
	bool vcs = false;
	const struct opt opts[] = {
		{ "vcs", &vcs, NULL },
		{ "max-size", NULL, &size },
		{ "max-age", NULL, &age },
		{ "dry-run", &p.dry, NULL },
		{ "quiet", &p.quiet, NULL },
		{ NULL, NULL, NULL },
	};

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc > 1)
		return cmd_usage("prune: too many operands");
	if (!vcs || (!size && !age))
		return cmd_usage("prune takes --vcs, and --max-size, --max-age or both");
	if (size && parse_size(str_of(size), &p.max_size) < 0)
		return cmd_usage("--max-size: a number of bytes, or one with k, M, G or T");
	if (age && parse_duration(str_of(age), INT32_MAX, &p.max_age) < 0)
		return cmd_usage("--max-age: a number with s, m, h or d");
	struct config *config = cmd_config_load(conf);
	if (!config)
		return CMD_FAILED;
	int rc = cache_open(&p.cache, config_global(config)->cache, &err);
	if (rc == 0)
		rc = prune(&p, &err);
	release(&p);
	config_free(config);
	return rc < 0 ? cmd_failed("%s", err.text.p) : 0;
}
