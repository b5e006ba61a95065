/* fetch/vcs/vcs.c: kept repositories.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/lock.h"
#include "config/config.h"
#include "fetch/digest.h"
#include "fetch/job.h"
#include "fetch/vcs/vcs.h"
#include "module/semver.h"

#include "base/banned.h"

static const struct vcs_driver *const drivers[] = {
	&vcs_bzr,
	&vcs_fossil,
	&vcs_git,
	&vcs_hg,
	&vcs_svn,
};

const struct vcs_driver *vcs_driver_named(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++)
		if (str_eqz(name, drivers[i]->name))
			return drivers[i];
	return NULL;
}

void vcs_rev_release(struct vcs_rev *r)
{
	buf_release(&r->name);
	buf_release(&r->brief);
	buf_release(&r->version);
	buf_release(&r->ref);
	buf_release(&r->fraction);
	names_release(&r->tags);
	*r = VCS_REV();
}

void vcs_rev_copy(const struct vcs_rev *from, struct vcs_rev *to)
{
	vcs_rev_release(to);
	buf_str(&to->name, buf_view(&from->name));
	buf_str(&to->brief, buf_view(&from->brief));
	buf_str(&to->version, buf_view(&from->version));
	buf_str(&to->ref, buf_view(&from->ref));
	to->time = from->time;
	buf_str(&to->fraction, buf_view(&from->fraction));
	names_copy(&from->tags, &to->tags);
}

/* A file that was asked for. */
struct vcs_known {
	struct vcs_known *next;
	char *rev;
	char *path;
	int there;
	struct buf text;
};

static void known_free(struct vcs_known *k)
{
	while (k) {
		struct vcs_known *next = k->next;
		buf_release(&k->text);
		free(k->rev);
		free(k->path);
		free(k);
		k = next;
	}
}

static struct vcs_known *find_known(struct vcs_repo *r, struct str rev, struct str path)
{
	struct vcs_known *k = r->known;

	while (k && !(str_eqz(path, k->path) && str_eqz(rev, k->rev)))
		k = k->next;
	return k;
}

/* Takes the text. */
static struct vcs_known *add_known(struct vcs_repo *r, struct str rev, struct str path, int there,
				   struct buf text)
{
	struct vcs_known *k = xcalloc(1, sizeof(*k));

	*k = (struct vcs_known){ r->known, xmemdup0(rev.p, rev.n), xmemdup0(path.p, path.n),
				 there, text };
	r->known = k;
	return k;
}

int vcs_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path, struct buf *out,
	     struct err *err)
{
	struct str name = buf_view(&rev->name);
	struct vcs_known *k = find_known(r, name, path);

	if (!k) {
		struct buf text = BUF(MAX_SMALL_FILE + 1);
		int rc = r->driver->file(r, rev, path, &text, err);
		if (rc < 0) {
			buf_release(&text);
			return -1;
		}
		k = add_known(r, name, path, rc, text);
	}
	buf_str(out, buf_view(&k->text));
	return k->there;
}

void vcs_know_file(struct vcs_repo *r, struct str rev, struct str path, struct str text)
{
	struct buf copy = BUF(MAX_SMALL_FILE + 1);

	buf_str(&copy, text);
	if (!copy.over && !find_known(r, rev, path))
		add_known(r, rev, path, 1, copy);
	else
		buf_release(&copy);
}

struct vcs_memo {
	struct vcs_memo *next;
	char *asked;
	struct vcs_rev rev;
};

static void memo_free(struct vcs_memo *m)
{
	while (m) {
		struct vcs_memo *next = m->next;
		vcs_rev_release(&m->rev);
		free(m->asked);
		free(m);
		m = next;
	}
}

int vcs_stat(struct vcs_repo *r, struct str rev, const struct vcs_rev **ret, struct err *err)
{
	struct vcs_rev found = VCS_REV();
	struct vcs_memo *m = r->memo;

	while (m && !str_eqz(rev, m->asked))
		m = m->next;
	if (!m) {
		if (r->driver->stat(r, rev, &found, err) < 0) {
			vcs_rev_release(&found);
			return -1;
		}
		m = xcalloc(1, sizeof(*m));
		m->asked = xmemdup0(rev.p, rev.n);
		m->rev = found;
		m->next = r->memo;
		r->memo = m;
	}
	*ret = &m->rev;
	return 0;
}

/* The folder's name: what is kept of one URL by one program. */
static void folder_of(const struct vcs_driver *d, struct str url, struct buf *out)
{
	struct digest sum = DIGEST();
	unsigned char bytes[DIGEST_SIZE];

	digest_begin(&sum);
	digest_add(&sum, d->name, strlen(d->name));
	digest_add(&sum, ":", 1);
	digest_add(&sum, url.p, url.n);
	digest_end(&sum, bytes);
	digest_release(&sum);
	buf_puts(out, "state/vcs/");
	digest_hex(bytes, out);
}

/* A label that says it already gets the new time alone, which costs no wait for the
 * disk. */
static bool is_labelled(const struct vcs_repo *r, const char *path, struct str text)
{
	CLEANUP(buf_release) struct buf now = BUF(text.n + 1);
	CLEANUP(fd_close) int fd = io_open(r->job->cache->root, path, O_RDONLY | O_NOFOLLOW, 0);

	return fd >= 0 && io_read_all(fd, &now) == 0 && str_eq(buf_view(&now), text) &&
	       io_set_time(fd, clock_wall()) == 0;
}

/* Who lies in that folder, for people and for stoactl; its time says when it was used. */
static int write_label(const struct vcs_repo *r, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf text = BUF(MAX_URL);
	CLEANUP(fd_close) int fd = -1;

	buf_printf(&path, "%s.url", r->rel.p);
	buf_printf(&text, "%s:%s\n", r->driver->name, r->url);
	if (is_labelled(r, path.p, buf_view(&text)))
		return 0;
	fd = io_open(r->job->cache->root, path.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	int rc = fd < 0 ? fd : io_write_all(fd, text.p, text.n);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

static int prepare(struct vcs_repo *r, struct err *err)
{
	const struct cache *c = r->job->cache;
	int rc = io_mkdirs(c->root, "state/vcs");

	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	rc = lock_name(c, buf_view(&r->rel), r->job->deadline_ms, &r->lock, err);
	if (rc == 0)
		return err_set(err, FAULT_TIMEOUT, "%s: another fetch from this repository goes on",
			       r->driver->name);
	if (rc < 0 || r->driver->open(r, err) < 0)
		return -1;
	return write_label(r, err);
}

int vcs_open(struct job *j, const struct vcs_driver *d, struct str url, bool insecure,
	     struct vcs_repo **ret, struct err *err)
{
	CLEANUP(buf_release) struct buf dir = BUF(MAX_RELPATH);
	struct vcs_repo *r = xcalloc(1, sizeof(*r));

	r->driver = d;
	r->job = j;
	r->url = xmemdup0(url.p, url.n);
	r->rel = BUF(MAX_NAME);
	r->lock = -1;
	r->insecure = insecure;
	r->state = xcalloc(1, d->state_size);
	folder_of(d, url, &r->rel);
	buf_printf(&dir, "%s/%s", j->cache->dir, r->rel.p);
	r->dir = buf_detach(&dir);
	*ret = r;
	if (prepare(r, err) == 0)
		return 0;
	if (!r->damaged) {
		vcs_close(r);
		*ret = NULL;
	}
	return -1;
}

bool vcs_is_open(const struct vcs_repo *r, const struct vcs_driver *d, struct str url,
		 bool insecure)
{
	return r && r->driver == d && r->insecure == insecure && str_eqz(url, r->url);
}

void vcs_close(struct vcs_repo *r)
{
	union {
		const char *from;
		char *to;
	} url;

	if (!r)
		return;
	url.from = r->url;
	r->driver->close(r);
	memo_free(r->memo);
	known_free(r->known);
	vcs_env_release(&r->env);
	fd_close(&r->lock);
	buf_release(&r->rel);
	free(url.to);
	free(r->dir);
	free(r->state);
	free(r);
}

void vcs_rel_file(const struct vcs_repo *r, const char *name, struct buf *out)
{
	buf_printf(out, "%s/%s", r->rel.p, name);
}

int vcs_write_file(struct vcs_repo *r, const char *name, struct str text, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf fresh = BUF(MAX_NAME);
	CLEANUP(fd_close) int fd = -1;
	int root = r->job->cache->root;

	vcs_rel_file(r, name, &path);
	buf_printf(&fresh, "%s.new", path.p);
	fd = io_open(root, fresh.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	int rc = fd < 0 ? fd : io_write_all(fd, text.p, text.n);
	if (rc == 0)
		rc = io_rename(root, fresh.p, root, path.p);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

int vcs_must_work(struct vcs_repo *r, const struct vcs_said *s, const char *doing,
		  struct err *err)
{
	if (s->exit_code == 0)
		return 0;
	if (str_find(buf_view(&s->said), STR("ut of memory")) >= 0)
		return vcs_remote_err(r, s, doing, err);
	trace(TRACE_SPAWN, "%s: damaged: %s", r->rel.p, s->said.p);
	r->damaged = true;
	return err_set(err, FAULT_LOCAL, "%s: %s in the kept repository failed", r->driver->name,
		       doing);
}

void vcs_offer_tag(struct str tag, struct str prefix, vcs_allowed_fn *allowed, void *ctx,
		   struct buf *best)
{
	if (!str_starts(tag, prefix) || !allowed(ctx, tag))
		return;
	struct str version = str_from(tag, prefix.n);
	if (best->n && semver_cmp(version, str_from(buf_view(best), prefix.n)) <= 0)
		return;
	/* x/mod compares with "" at first, which an invalid version does not beat */
	if (!semver_valid(version))
		return;
	buf_reset(best);
	buf_str(best, tag);
}

int vcs_check_transport(const struct vcs_repo *r, struct err *err)
{
	struct str url = str_of(r->url);
	struct str rest = str_of(r->job->settings->transports);
	ptrdiff_t colon = str_find(url, STR("://"));
	struct str scheme = str_head(url, colon < 0 ? 0 : (size_t)colon);
	struct str word;

	if (str_ends(scheme, STR("+ssh")))
		scheme = STR("ssh");
	while (str_cut(&rest, ' ', &word))
		if (word.n && str_eq(word, scheme))
			return 0;
	return err_set(err, FAULT_DENIED, "%s: %.*s is not among transports", r->driver->name,
		       STR_ARG(scheme));
}

int vcs_check_url(const struct vcs_repo *r, struct err *err)
{
	struct str url = str_of(r->url);
	ptrdiff_t colon = str_find(url, STR("://"));
	struct str rest = str_from(url, colon < 0 ? 0 : (size_t)colon + 3);
	ptrdiff_t slash = str_chr(rest, '/');
	struct str host = slash < 0 ? rest : str_head(rest, (size_t)slash);
	bool good = host.n && host.p[0] != '-' && str_find(host, STR("@-")) < 0 &&
		    str_chr(rest, '?') < 0 && str_chr(rest, '#') < 0;

	for (size_t i = 0; i < host.n; i++) {
		char c = host.p[i];
		good = good && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				(c >= '0' && c <= '9') || strchr("._-@:[]", c));
	}
	return good ? 0 : err_set(err, FAULT_DENIED, "%s: the repository's URL is no plain one",
				  r->driver->name);
}

int vcs_unknown(struct str rev, struct err *err)
{
	return err_set(err, FAULT_NOT_FOUND, "unknown revision %.*s", STR_ARG(str_head(rev, 200)));
}

int vcs_remove_tree(int at, const char *name)
{
	int fd = io_open(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

	if (fd == -ENOENT)
		return 0;
	if (fd == -ENOTDIR || fd == -ELOOP)
		return io_unlink(at, name);
	if (fd < 0)
		return fd;
	DIR *d = fdopendir(fd);
	if (!d) {
		close(fd);
		return -ENOMEM;
	}
	int rc = 0;
	for (struct dirent *e = readdir(d); e && rc == 0; e = readdir(d)) {
		struct str n = str_of(e->d_name);
		if (!str_eqz(n, ".") && !str_eqz(n, ".."))
			rc = vcs_remove_tree(dirfd(d), e->d_name);
	}
	closedir(d);
	return rc < 0 ? rc : io_rmdir(at, name);
}

int vcs_discard(struct vcs_repo *r, struct err *err)
{
	int rc = vcs_remove_tree(r->job->cache->root, r->rel.p);

	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot remove a damaged repository") : 0;
}
