/* fetch/sumbase.c: where a checksum database is asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/url.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/pull.h"
#include "fetch/sumbase.h"
#include "module/key.h"

#include "base/banned.h"

/* A source may begin to pass the database on. */
#define DIRECT_SECONDS 3600

void sumbase_release(struct sumbase *b)
{
	free(b->entry.url);
	*b = SUMBASE();
}

static void take_url(struct sumbase *b, const char *url)
{
	char *copy = xstrdup(url);

	sumbase_release(b);
	b->entry = (struct goproxy_entry){ .kind = GOPROXY_URL, .url = copy };
}

void sumbase_copy(struct sumbase *to, const struct sumbase *from)
{
	take_url(to, from->entry.url);
	to->skip = from->skip;
}

void sumbase_set(struct sumbase *b, struct str name, const char *url)
{
	CLEANUP(buf_release) struct buf own = BUF(MAX_URL);

	buf_puts(&own, "https://");
	buf_str(&own, name);
	take_url(b, url ? url : own.p);
	b->skip = strlen("sumdb//") + name.n;
}

/* "state/sumdb/NAME/base", beside the key's own file "supported". */
static void base_file(const struct key *supported, struct buf *out)
{
	key_file(supported, out);
	ptrdiff_t slash = str_rchr(buf_view(out), '/');
	buf_cut(out, (size_t)(slash + 1));
	buf_puts(out, "base");
}

static int remember(struct job *j, const struct key *supported, const struct sumbase *b,
		    struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	CLEANUP(stage_release) struct stage s = STAGE();

	base_file(supported, &path);
	url_redact(&url, str_of(b->entry.url));
	if (buf_ok(&path, "the database's name", err) < 0 || stage_open(&s, j->cache, err) < 0 ||
	    stage_write(&s, url.p, url.n, err) < 0)
		return -1;
	return publish_file(&s, path.p, false, JOB_NOW, j->settings->sync, err);
}

static bool read_base(struct job *j, const struct key *supported, struct buf *out, time_t *ret_when)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	struct stat st;

	base_file(supported, &path);
	CLEANUP(fd_close) int fd = io_open_beneath(j->cache->root, path.p, O_RDONLY, 0);
	if (fd < 0 || fstat(fd, &st) < 0 || io_read_all(fd, out) < 0)
		return false;
	*ret_when = st.st_mtime;
	return true;
}

bool sumbase_known(struct job *j, const struct plan *plan, const struct key *supported, bool direct,
		   struct sumbase *ret)
{
	CLEANUP(sumbase_release) struct sumbase own = SUMBASE();
	CLEANUP(buf_release) struct buf base = BUF(MAX_URL);
	time_t when = 0;

	if (!read_base(j, supported, &base, &when))
		return false;
	for (size_t i = 0; i < plan->list->n; i++) {
		const struct goproxy_entry *e = &plan->list->entries[i];
		CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

		if (e->kind != GOPROXY_URL)
			continue;
		url_redact(&url, str_of(e->url));
		if (str_eq(buf_view(&url), buf_view(&base))) {
			take_url(ret, e->url);
			return true;
		}
	}
	sumbase_set(&own, buf_view(&supported->path), NULL);
	if (!direct || !str_eqz(buf_view(&base), own.entry.url) ||
	    clock_wall() - when >= DIRECT_SECONDS)
		return false;
	sumbase_set(ret, buf_view(&supported->path), NULL);
	return true;
}

int sumbase_find(struct job *j, const struct plan *plan, const struct key *supported,
		 struct sumbase *ret, struct err *err)
{
	CLEANUP(sumbase_release) struct sumbase b = SUMBASE();
	CLEANUP(pull_release) struct pull p;
	int found = 1;

	pull_init(&p, supported, NULL, NULL);
	p.only = plan->list;
	p.aside = true;
	if (pull_one(j, &p, err) == 0) {
		take_url(&b, p.entry->url);
	} else {
		/* "off" without a source before it says DENIED. */
		if (p.end != WALK_DIRECT && err->fault != FAULT_DENIED &&
		    !fault_is_absence(err->fault))
			return -1;
		err_reset(err);
		sumbase_set(&b, buf_view(&supported->path), NULL);
		found = 0;
	}
	if (remember(j, supported, &b, err) < 0)
		return -1;
	sumbase_release(ret);
	*ret = b;
	b = SUMBASE();
	return found;
}
