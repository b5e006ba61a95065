/* fetch/quarantine.c: bytes that failed verification, kept with a report.
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
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "fetch/quarantine.h"

#include "base/banned.h"

#define FOLDER "state/quarantine"
#define MAGIC "stoa-quarantine 1"

/* "state/quarantine/ID/report" */
#define PATH_SIZE 48

#define MAX_REPORT (MAX_RELPATH + 2 * MAX_URL + MAX_ERRTEXT + 1024)

/* IDs of one cache that are listed. */
#define MAX_LISTED 100000

void quarantine_release(struct quarantine *q)
{
	key_release(&q->key);
	buf_release(&q->source);
	buf_release(&q->url);
	buf_release(&q->h1);
	buf_release(&q->text);
	*q = QUARANTINE();
}

bool quarantine_is_id(struct str s)
{
	if (s.n != QUARANTINE_ID_SIZE || s.p[16] != '-')
		return false;
	for (size_t i = 0; i < 16; i++)
		if (parse_hex(s.p[i]) < 0 || (s.p[i] >= 'A' && s.p[i] <= 'F'))
			return false;
	return s.p[17] >= '0' && s.p[17] < '0' + QUARANTINE_MOST;
}

static void path_of(const char *id, const char *name, char ret[static PATH_SIZE])
{
	snprintf(ret, PATH_SIZE, FOLDER "/%s%s%s", id, name[0] ? "/" : "", name);
}

/* A number that is free. 1, or 0 when the bytes are there already or all numbers
 * are taken. */
static int find_id(const struct cache *c, struct quarantine *q, struct err *err)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	char path[PATH_SIZE];
	struct stat st;

	key_file(&q->key, &file);
	for (int i = 0; i < QUARANTINE_MOST; i++) {
		CLEANUP(quarantine_release) struct quarantine other = QUARANTINE();
		snprintf(q->id, sizeof(q->id), "%016llx-%d",
			 (unsigned long long)hash64(buf_view(&file)), i);
		path_of(q->id, "", path);
		if (fstatat(c->root, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return errno == ENOENT ? 1 : err_sys(err, FAULT_LOCAL, errno,
							     "cannot look into the quarantine");
		int rc = quarantine_read(c, q->id, &other, err);
		if (rc < 0)
			return -1;
		if (rc > 0 && q->h1.n && str_eq(buf_view(&q->h1), buf_view(&other.h1)))
			return 0;
	}
	return 0;
}

static int write_report(const struct cache *c, const struct quarantine *q, struct err *err)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_REPORT);
	struct stage s = STAGE();
	char path[PATH_SIZE];

	buf_puts(&b, MAGIC "\nkey: ");
	key_file(&q->key, &b);
	buf_printf(&b, "\nsource: %s\nurl: %s\nhash: %s\nsize: %lld\ntime: ", q->source.p, q->url.p,
		   q->h1.p, (long long)q->size);
	format_rfc3339(&b, (time_t)q->time);
	buf_printf(&b, "\ntext:\n%s\n", q->text.p);
	path_of(q->id, "report", path);
	if (buf_ok(&b, "the report", err) < 0 || stage_open(&s, c, err) < 0)
		return -1;
	if (stage_write(&s, b.p, b.n, err) < 0) {
		stage_release(&s);
		return -1;
	}
	return publish_file(&s, path, false, (time_t)-1, true, err);
}

/* The bytes come before the report: a report without bytes would claim too much. */
int quarantine_stage(const struct cache *c, struct stage *s, struct quarantine *q,
		     struct err *err)
{
	char path[PATH_SIZE];
	struct stat st = { .st_size = 0 };
	int rc = find_id(c, q, err);

	if (rc <= 0) {
		stage_release(s);
		return rc;
	}
	fstat(s->fd, &st);
	q->size = st.st_size;
	q->time = clock_wall();
	path_of(q->id, "file", path);
	if (publish_file(s, path, false, (time_t)-1, true, err) < 0)
		return -1;
	return write_report(c, q, err) < 0 ? -1 : 1;
}

int quarantine_stored(const struct cache *c, struct quarantine *q, struct err *err)
{
	CLEANUP(buf_release) struct buf from = BUF(MAX_RELPATH);
	char path[PATH_SIZE];
	struct stat st;
	int rc = find_id(c, q, err);

	if (rc < 0)
		return -1;
	key_file(&q->key, &from);
	if (fstatat(c->root, from.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "the file cannot be moved");
	if (rc == 0) {
		/* the same bytes are there: what is wrong must go all the same */
		rc = io_unlink(c->root, from.p);
		return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "the file cannot be removed") : 0;
	}
	q->size = st.st_size;
	q->time = clock_wall();
	path_of(q->id, "file", path);
	rc = io_mkparents(c->root, path, true);
	if (rc == 0)
		rc = io_rename(c->root, from.p, c->root, path);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "the file cannot be moved");
	return write_report(c, q, err) < 0 ? -1 : 1;
}

/* Cuts the next line, which must begin with `label`. */
static bool take_line(struct str *rest, const char *label, struct str *ret)
{
	struct str line;

	if (!str_cut(rest, '\n', &line) || !str_starts(line, str_of(label)))
		return false;
	*ret = str_from(line, strlen(label));
	return true;
}

static bool parse_report(struct str text, struct quarantine *q)
{
	CLEANUP(err_release) struct err ignored = ERR();
	struct str magic, key, source, url, h1, size, when, label;
	uint64_t n = 0;
	time_t t = 0;

	if (!take_line(&text, MAGIC, &magic) || !take_line(&text, "key: ", &key) ||
	    !take_line(&text, "source: ", &source) || !take_line(&text, "url: ", &url) ||
	    !take_line(&text, "hash: ", &h1) || !take_line(&text, "size: ", &size) ||
	    !take_line(&text, "time: ", &when) || !take_line(&text, "text:", &label) ||
	    parse_u64(size, INT64_MAX, &n) < 0 || parse_rfc3339(when, &t) < 0 ||
	    key_set_file(&q->key, key, &ignored) < 0)
		return false;
	buf_str(&q->source, source);
	buf_str(&q->url, url);
	buf_str(&q->h1, h1);
	buf_str(&q->text, str_trim(text));
	q->size = (int64_t)n;
	q->time = t;
	return true;
}

int quarantine_read(const struct cache *c, const char *id, struct quarantine *ret,
		    struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_REPORT);
	char path[PATH_SIZE];

	path_of(id, "report", path);
	int rc = io_read_file(c->root, path, &text);
	if (rc == -ENOENT || rc == -EFBIG || rc == -ENOTDIR)
		return 0;
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "a report cannot be read");
	snprintf(ret->id, sizeof(ret->id), "%s", id);
	return parse_report(buf_view(&text), ret);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t read_ids(DIR *d, char **ids)
{
	size_t n = 0;

	for (struct dirent *de = readdir(d); de && n < MAX_LISTED; de = readdir(d))
		if (quarantine_is_id(str_of(de->d_name)))
			ids[n++] = xstrdup(de->d_name);
	qsort(ids, n, sizeof(*ids), by_text);
	return n;
}

int quarantine_each(const struct cache *c, quarantine_fn *fn, void *ctx, struct err *err)
{
	int fd = io_open_beneath(c->root, FOLDER, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	int rc = 0;

	if (fd == -ENOENT)
		return 0;
	if (!d) {
		int why = fd < 0 ? -fd : errno;
		fd_close(&fd);
		return err_sys(err, FAULT_LOCAL, why, "cannot read the quarantine");
	}
	char **ids = xmallocarray(MAX_LISTED, sizeof(*ids));
	size_t n = read_ids(d, ids);
	closedir(d);
	for (size_t i = 0; i < n; i++) {
		if (rc == 0)
			rc = fn(ctx, ids[i], err);
		free(ids[i]);
	}
	free(ids);
	return rc;
}

int quarantine_open(const struct cache *c, const char *id, int *ret_fd, struct err *err)
{
	char path[PATH_SIZE];

	path_of(id, "file", path);
	int fd = io_open_beneath(c->root, path, O_RDONLY, 0);
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "the bytes of %s cannot be read", id);
	*ret_fd = fd;
	return 0;
}

/* The report goes last, so that what is left of a drop that was broken off can
 * still be listed and dropped. */
int quarantine_drop(const struct cache *c, const char *id, struct err *err)
{
	static const char *const names[] = { "file", "report" };
	char path[PATH_SIZE];
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(names) && (rc == 0 || rc == -ENOENT); i++) {
		path_of(id, names[i], path);
		rc = io_unlink(c->root, path);
	}
	path_of(id, "", path);
	if (rc == 0 || rc == -ENOENT)
		rc = io_rmdir(c->root, path);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "%s cannot be removed", id) : 0;
}
