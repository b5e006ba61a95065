/* cache/refusal.c: "no" with a reason and a lifetime.
 *
 * A file is five lines and the text:
 *
 *	stoa-refusal 1
 *	key: mod/example.com/m/@v/v1.0.0.info
 *	fault: not_found
 *	expires: 1790000000
 *	text:
 *	https://up.example: http: 404 Not Found
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/log.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "cache/refusal.h"
#include "module/key.h"

#include "base/banned.h"

#define MAGIC "stoa-refusal 1"

/* How many entries of its folder a writer looks at; the rest wait. */
#define SWEEP_MOST 64

/* "state/refused/ab/ab12..." and the key's own line. */
static void refusal_path(const struct key *k, struct buf *keyfile, char path[static 40])
{
	key_file(k, keyfile);
	unsigned long long h = hash64(buf_view(keyfile));
	snprintf(path, 40, "state/refused/%02llx/%016llx", h >> 56, h);
}

/* Cuts the next line, which must begin with `label`; false when it does not. */
static bool take_line(struct str *rest, const char *label, struct str *ret)
{
	struct str line;

	if (!str_cut(rest, '\n', &line) || !str_starts(line, str_of(label)))
		return false;
	*ret = str_from(line, strlen(label));
	return true;
}

/* What stands in a refusal's file. */
struct refusal {
	struct str key;
	struct str fault;
	struct str text;
	uint64_t expires;
};

static bool parse_refusal(struct str file, struct refusal *r)
{
	struct str expires;
	struct str nothing;

	if (!take_line(&file, MAGIC, &nothing) || !take_line(&file, "key: ", &r->key) ||
	    !take_line(&file, "fault: ", &r->fault) || !take_line(&file, "expires: ", &expires) ||
	    !take_line(&file, "text:", &nothing))
		return false;
	r->text = str_trim(file);
	return file.p && parse_u64(expires, INT64_MAX, &r->expires) == 0;
}

/* One that was written in the future would hold until then. */
static bool read_refusal(const struct cache *c, const char *path, struct buf *ret)
{
	CLEANUP(fd_close) int fd = io_open_beneath(c->root, path, O_RDONLY, 0);
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && st.st_mtime <= clock_wall() + CLOCK_AHEAD &&
	       io_read_all(fd, ret) == 0;
}

bool refusal_find(const struct cache *c, const struct key *k, struct err *ret)
{
	CLEANUP(buf_release) struct buf keyfile = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf file = BUF(MAX_REFUSAL_FILE + MAX_RELPATH);
	struct refusal r = { .expires = 0 };
	char path[40];

	refusal_path(k, &keyfile, path);
	if (!read_refusal(c, path, &file) || !parse_refusal(buf_view(&file), &r) ||
	    !str_eq(r.key, buf_view(&keyfile)))
		return false;
	int64_t left = (int64_t)r.expires - (int64_t)clock_wall();
	if (left <= 0)
		return false;
	enum fault fault = fault_of_label(r.fault);
	err_set(ret, fault, "%.*s", STR_ARG(r.text));
	if (fault_row(fault)->retry_after)
		ret->retry_after = (int)(left < 3600 ? left : 3600);
	return true;
}

static void sweep(const struct cache *c, const char *path, time_t now)
{
	char folder[40];
	struct str p = str_of(path);

	snprintf(folder, sizeof(folder), "%.*s", (int)str_rchr(p, '/'), path);
	int fd = io_open_beneath(c->root, folder, O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		fd_close(&fd);
		return;
	}
	int looked = 0;
	for (struct dirent *de = readdir(d); de && looked < SWEEP_MOST; de = readdir(d)) {
		CLEANUP(buf_release) struct buf file = BUF(MAX_REFUSAL_FILE + MAX_RELPATH);
		struct refusal r = { .expires = 0 };

		if (de->d_name[0] == '.')
			continue;
		looked++;
		if (io_read_file(fd, de->d_name, &file) < 0)
			continue;
		if (!parse_refusal(buf_view(&file), &r) || (time_t)r.expires < now)
			(void)!io_unlink(fd, de->d_name);
	}
	closedir(d);
}

int refusal_write(const struct cache *c, const struct key *k, const struct err *why,
		  int64_t seconds, struct err *err)
{
	CLEANUP(buf_release) struct buf keyfile = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf file = BUF(MAX_REFUSAL_FILE + MAX_RELPATH);
	CLEANUP(stage_release) struct stage s = STAGE();
	time_t now = clock_wall();
	char path[40];

	refusal_path(k, &keyfile, path);
	buf_printf(&file, "%s\nkey: %s\nfault: %s\nexpires: %lld\ntext:\n", MAGIC, keyfile.p,
		   fault_row(why->fault)->label, (long long)now + seconds);
	buf_str(&file, buf_view(&why->text));
	buf_putc(&file, '\n');
	if (buf_ok(&file, "the refusal", err) < 0 || stage_open(&s, c, err) < 0 ||
	    stage_write(&s, file.p, file.n, err) < 0 ||
	    publish_file(&s, path, false, (time_t)-1, false, err) < 0)
		return -1;
	sweep(c, path, now);
	trace(TRACE_CACHE, "refuse %s: %s for %lld s", keyfile.p, fault_row(why->fault)->label,
	      (long long)seconds);
	return 0;
}

void refusal_clear(const struct cache *c, const struct key *k)
{
	CLEANUP(buf_release) struct buf keyfile = BUF(MAX_RELPATH);
	char path[40];

	refusal_path(k, &keyfile, path);
	(void)!io_unlink(c->root, path);
}
