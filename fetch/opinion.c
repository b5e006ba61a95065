/* fetch/opinion.c: what libzip says about a zip.
 *
 * A part is what the zip would be if its directory had some of the entries: the
 * file up to the directory, a run of the directory, and an end record of ours.
 * Entries stay where they are, so that nothing in them is changed, and what a
 * part does not mention is a gap, which libzip does not mind. That the entries
 * fill the file is zipdir.c's to say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <zip.h>

#include "base/err.h"
#include "base/io.h"
#include "fetch/opinion.h"
#include "fetch/zipdir.h"

#include "base/banned.h"

#define END_SIZE 22

/* --- the file as it is --- */

/* libzip by itself accepts less than it is told to with ZIP_CHECKCONS. */
static int ask_whole(int fd, struct err *err)
{
	CLEANUP(fd_close) int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	int code = 0;

	if (own < 0 || lseek(own, 0, SEEK_SET) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "the zip cannot be read");
	zip_t *z = zip_fdopen(own, ZIP_CHECKCONS | ZIP_RDONLY, &code);
	if (!z)
		return zipdir_bad(err, RULE_CONSISTENCY, STR(""));
	fd_steal(&own); /* libzip closed it */
	zip_discard(z);
	return 0;
}

/* --- a part --- */

struct part {
	const struct zipdir *d;
	uint64_t from;		/* where its run of the directory begins in the file */
	uint64_t run;		/* and how long it is */
	unsigned char end[END_SIZE];
	uint64_t at;		/* libzip's position */
	int errnum;		/* why a read failed */
};

static uint64_t part_size(const struct part *p)
{
	return p->d->dir_at + p->run + END_SIZE;
}

static void put(unsigned char *p, size_t n, uint64_t v)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

static void make_end(struct part *p, size_t entries)
{
	static const unsigned char blank[END_SIZE] = { 'P', 'K', 5, 6 };

	memcpy(p->end, blank, END_SIZE);
	put(p->end + 8, 2, entries);
	put(p->end + 10, 2, entries);
	put(p->end + 12, 4, p->run);
	put(p->end + 16, 4, p->d->dir_at);
}

/* Up to n bytes from where libzip is, from one of the three pieces. */
static ssize_t read_some(struct part *p, void *to, size_t n)
{
	uint64_t at = p->at;
	uint64_t end_at = p->d->dir_at + p->run;
	uint64_t left = at < p->d->dir_at ? p->d->dir_at - at
					  : at < end_at ? end_at - at : part_size(p) - at;

	if (n > left)
		n = (size_t)left;
	if (at >= end_at) {
		memcpy(to, p->end + (at - end_at), n);
		return (ssize_t)n;
	}
	uint64_t there = at < p->d->dir_at ? at : p->from + (at - p->d->dir_at);
	return io_pread(p->d->fd, to, n, (off_t)there);
}

static zip_int64_t read_part(struct part *p, char *to, zip_uint64_t n)
{
	zip_uint64_t done = 0;

	while (done < n && p->at < part_size(p)) {
		ssize_t got = read_some(p, to + done, (size_t)(n - done));
		if (got <= 0) {
			p->errnum = got < 0 ? (int)-got : EIO;
			return -1;
		}
		done += (zip_uint64_t)got;
		p->at += (uint64_t)got;
	}
	return (zip_int64_t)done;
}

static zip_int64_t seek_part(struct part *p, void *data, zip_uint64_t n)
{
	zip_error_t error;

	zip_error_init(&error);
	zip_int64_t at = zip_source_seek_compute_offset(p->at, part_size(p), data, n, &error);
	zip_error_fini(&error);
	if (at >= 0)
		p->at = (uint64_t)at;
	return at < 0 ? -1 : 0;
}

/* libzip's zip_source_callback for a part */
static zip_int64_t on_source(void *ctx, void *data, zip_uint64_t n, zip_source_cmd_t cmd)
{
	struct part *p = ctx;

	switch (cmd) {
	case ZIP_SOURCE_OPEN:
		p->at = 0;
		return 0;
	case ZIP_SOURCE_READ:
		return read_part(p, data, n);
	case ZIP_SOURCE_SEEK:
		return seek_part(p, data, n);
	case ZIP_SOURCE_TELL:
		return (zip_int64_t)p->at;
	case ZIP_SOURCE_STAT:
		zip_stat_init(data);
		((zip_stat_t *)data)->valid = ZIP_STAT_SIZE;
		((zip_stat_t *)data)->size = part_size(p);
		return sizeof(zip_stat_t);
	case ZIP_SOURCE_ERROR:
		((int *)data)[0] = ZIP_ER_READ;
		((int *)data)[1] = p->errnum;
		return 2 * sizeof(int);
	case ZIP_SOURCE_SUPPORTS:
		return ZIP_SOURCE_SUPPORTS_SEEKABLE;
	case ZIP_SOURCE_CLOSE:
	case ZIP_SOURCE_FREE:
		return 0;
	default:
		return -1;
	}
}

static int ask_part(struct part *p, struct err *err)
{
	zip_source_t *source = zip_source_function_create(on_source, p, NULL);
	zip_t *z = source ? zip_open_from_source(source, ZIP_CHECKCONS | ZIP_RDONLY, NULL) : NULL;

	if (z) {
		zip_discard(z);
		return 0;
	}
	zip_source_free(source);
	if (p->errnum)
		return err_sys(err, FAULT_LOCAL, p->errnum, "the zip cannot be read");
	return zipdir_bad(err, RULE_CONSISTENCY, STR(""));
}

static int ask_in_parts(const struct zipdir *d, struct err *err)
{
	size_t from = 0;

	while (from < d->dir_n) {
		struct part p = { .d = d, .from = d->dir_at + from };
		size_t entries = 0;
		size_t to = zipdir_pass(d, from, OPINION_MOST, &entries);
		p.run = to - from;
		make_end(&p, entries);
		if (ask_part(&p, err) < 0)
			return -1;
		from = to;
	}
	return 0;
}

int opinion_ask(const struct zipdir *d, struct err *err)
{
	return d->n > OPINION_MOST ? ask_in_parts(d, err) : ask_whole(d->fd, err);
}
