/* fetch/vcs/pulled.c: repositories that are kept whole and pulled.
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
#include "base/mem.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/vcs/pulled.h"

#include "base/banned.h"

/* Its time is that of the last pull. What has it is whole. */
#define PULLED_FILE "stoa-pulled"

/* --- when --- */

int pulled_give_up(struct vcs_repo *r, struct err *err)
{
	CLEANUP(err_release) struct err trouble = ERR();

	return vcs_discard(r, &trouble) < 0 ? err_move(err, &trouble) : -1;
}

static int make(struct vcs_repo *r, const char *folder, vcs_ask_fn *create, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);

	if (vcs_discard(r, err) < 0)
		return -1;
	if (folder[0])
		vcs_rel_file(r, folder, &path);
	else
		buf_str(&path, buf_view(&r->rel));
	int rc = io_mkdirs(r->job->cache->root, path.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	return create(r, err) < 0 ? pulled_give_up(r, err) : 0;
}

int pulled_open(struct vcs_repo *r, struct pulled *p, const char *folder, vcs_ask_fn *create,
		struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	struct stat st;

	vcs_rel_file(r, PULLED_FILE, &path);
	if (fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return make(r, folder, create, err);
	int64_t age = (int64_t)clock_wall() - (int64_t)st.st_mtime;
	p->fresh = age >= 0 && age < r->job->settings->list_ttl;
	return 0;
}

int pulled_now(struct vcs_repo *r, struct pulled *p, struct err *err)
{
	p->fresh = true;
	p->asked = true;
	return vcs_write_file(r, PULLED_FILE, STR(""), err);
}

int pulled_need(struct vcs_repo *r, struct pulled *p, vcs_ask_fn *pull, struct err *err)
{
	return p->fresh ? 0 : pull(r, err);
}

/* --- revisions --- */

int stat_or_ask(struct vcs_repo *r, struct str rev, vcs_stat_fn *stat, const bool *asked,
		vcs_ask_fn *ask, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(err_release) struct err trouble = ERR();
	int rc = stat(r, rev, ret, err);

	if (rc >= 0 || err->fault != FAULT_NOT_FOUND || *asked)
		return rc;
	if (ask(r, &trouble) < 0)
		return err_move(err, &trouble);
	err_reset(err);
	vcs_rev_release(ret);
	return stat(r, rev, ret, err);
}

int pulled_stat(struct vcs_repo *r, struct pulled *p, struct str rev, vcs_stat_fn *stat,
		vcs_ask_fn *pull, struct vcs_rev *ret, struct err *err)
{
	if (pulled_need(r, p, pull, err) < 0)
		return -1;
	return stat_or_ask(r, rev, stat, &p->asked, pull, ret, err);
}

bool is_plain_name(struct str rev)
{
	for (size_t i = 0; i < rev.n; i++) {
		char c = rev.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      (c && strchr("._/@+~-", c))))
			return false;
	}
	return rev.n && rev.p[0] != '-';
}

/* --- tags --- */

void tags_add(struct tags *t, struct str name)
{
	if (t->n == t->room) {
		t->room = t->room ? 2 * t->room : 64;
		t->items = xreallocarray(t->items, t->room, sizeof(*t->items));
	}
	t->items[t->n++] = (struct vcs_tag){ name, STR("") };
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct vcs_tag *)a)->name, ((const struct vcs_tag *)b)->name);
}

void tags_give(struct tags *t, struct vcs_tag **ret, size_t *ret_n)
{
	if (t->n)
		qsort(t->items, t->n, sizeof(*t->items), by_name);
	*ret = t->items;
	*ret_n = t->n;
}
