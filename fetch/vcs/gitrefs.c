/* fetch/vcs/gitrefs.c: what a git server lists: names and commits.
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
#include "fetch/vcs/git.h"

#include "base/banned.h"

bool git_is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n > 0;
}

/* git check-ref-format, for what comes behind "refs/": nothing else is ever
 * handed to git as a name. */
static bool is_ref_name(struct str name)
{
	struct str rest = name;
	struct str elem;

	if (name.n == 0 || name.n > MAX_RELPATH || str_ends(name, STR(".")) ||
	    str_find(name, STR("..")) >= 0 || str_find(name, STR("@{")) >= 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f ||
		    strchr("~^:?*[\\", name.p[i]))
			return false;
	while (str_cut(&rest, '/', &elem))
		if (elem.n == 0 || elem.p[0] == '.' || str_ends(elem, STR(".lock")))
			return false;
	return true;
}

static bool is_wanted(struct str name)
{
	if (str_eqz(name, "HEAD"))
		return true;
	return (str_starts(name, STR("refs/heads/")) || str_starts(name, STR("refs/tags/"))) &&
	       is_ref_name(name);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct git_ref *)a)->name, ((const struct git_ref *)b)->name);
}

/* "HASH\tNAME\n" lines; NAME^{} is the commit of the annotated tag NAME. */
static void parse_refs(struct git *g)
{
	struct str rest = buf_view(&g->text);
	struct str line;
	size_t room = 0;

	free(g->refs);
	g->refs = NULL;
	g->n = 0;
	while (str_cut(&rest, '\n', &line)) {
		ptrdiff_t tab = str_chr(line, '\t');
		struct str hash = str_head(line, tab < 0 ? 0 : (size_t)tab);
		struct str name = str_from(line, (size_t)(tab + 1));
		struct str bare = name;
		if (!git_is_hex(hash) || (hash.n != GIT_SHA1_DIGITS && hash.n != GIT_SHA256_DIGITS))
			continue;
		if (str_ends(name, STR("^{}")))
			bare = str_head(name, name.n - 3);
		if (!is_wanted(bare))
			continue;
		g->digits = hash.n;
		if (bare.n < name.n && g->n && str_eq(g->refs[g->n - 1].name, bare)) {
			g->refs[g->n - 1].hash = hash;
			continue;
		}
		if (g->n == room) {
			room = room ? 2 * room : 64;
			g->refs = xreallocarray(g->refs, room, sizeof(*g->refs));
		}
		g->refs[g->n++] = (struct git_ref){ bare, hash, hash };
	}
	if (g->n)
		qsort(g->refs, g->n, sizeof(*g->refs), by_name);
}

const struct git_ref *git_find_ref(const struct git *g, const char *prefix, struct str name)
{
	CLEANUP(buf_release) struct buf whole = BUF(MAX_URI);

	buf_puts(&whole, prefix);
	buf_str(&whole, name);
	if (whole.over || g->n == 0)
		return NULL;
	struct git_ref key = { .name = buf_view(&whole) };
	return bsearch(&key, g->refs, g->n, sizeof(*g->refs), by_name);
}

int git_load_refs(struct vcs_repo *r, int64_t max_age, size_t max_size)
{
	struct git *g = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(fd_close) int fd = -1;
	struct stat st;

	vcs_rel_file(r, GIT_REFS_FILE, &path);
	fd = io_open(r->job->cache->root, path.p, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	int64_t age = (int64_t)clock_wall() - (int64_t)st.st_mtime;
	if (age < 0 || age >= max_age || st.st_size > (off_t)max_size)
		return 0;
	buf_reset(&g->text);
	if (io_read_all(fd, &g->text) < 0)
		return 0;
	parse_refs(g);
	return 1;
}

void git_forget_refs(struct git *g)
{
	buf_reset(&g->text);
	free(g->refs);
	g->refs = NULL;
	g->n = 0;
}

int git_ask_refs(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(GIT_MAX_REFS);
	int rc = g->here ? GIT_RUN(r, &s, err, "ls-remote", "-q", "--end-of-options", "origin")
			 : GIT_RUN(r, &s, err, "ls-remote", "-q", "--end-of-options", r->url);

	if (rc < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "ls-remote", err);
	buf_release(&g->text);
	g->text = s.out;
	s.out = BUF(GIT_MAX_REFS);
	parse_refs(g);
	g->fresh = true;
	return g->here ? vcs_write_file(r, GIT_REFS_FILE, buf_view(&g->text), err) : 0;
}

bool git_have_refs(struct vcs_repo *r)
{
	struct git *g = r->state;

	return g->fresh || g->text.n || git_load_refs(r, r->job->settings->list_ttl, GIT_MAX_REFS);
}

int git_need_refs(struct vcs_repo *r, struct err *err)
{
	return git_have_refs(r) ? 0 : git_ask_refs(r, err);
}
