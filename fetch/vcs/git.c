/* fetch/vcs/git.c: git.
 *
 * What the go command does in a fresh folder, without what it does there by
 * accident: names are looked up in what the server lists, not in what happens to
 * have been fetched, so that an answer does not depend on earlier questions.
 *
 * One commit is fetched at a time, without its history; the history comes when
 * a pseudo-version needs it. Commits that no branch or tag reaches are never
 * fetched, as with the go command: servers show unreviewed ones under other names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "fetch/digest.h"
#include "fetch/hands.h"
#include "fetch/job.h"
#include "fetch/vcs/git.h"
#include "fetch/vcs/pulled.h"
#include "module/semver.h"

#include "base/banned.h"

/* An abbreviated commit has at least so many digits (cmd/go's minHashDigits). */
#define MIN_DIGITS 7

#define FULL_FILE "stoa-full"

/* --- the repository --- */

static int create(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	const char *format = "--object-format=sha1";

	if (git_ask_refs(r, err) < 0)
		return -1;
	if (g->digits == GIT_SHA256_DIGITS)
		format = "--object-format=sha256";
	if (vcs_discard(r, err) < 0)
		return -1;
	if (GIT_RUN(r, &s, err, "init", "-q", "--bare", "--template=", format, "--", r->dir) < 0)
		return -1;
	if (s.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "git: a repository cannot be made in the cache");
	if (GIT_RUN(r, &s, err, "remote", "add", "origin", "--", r->url) < 0)
		return -1;
	if (s.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "git: a repository cannot be made in the cache");
	int rc = io_mkdirs(r->job->cache->root, r->rel.p);
	CLEANUP(buf_release) struct buf info = BUF(MAX_NAME);
	vcs_rel_file(r, "info", &info);
	if (rc == 0)
		rc = io_mkdirs(r->job->cache->root, info.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	g->here = true;
	if (vcs_write_file(r, "info/attributes", STR("\n* -export-subst -export-ignore\n"),
			   err) < 0)
		return -1;
	/* last: what has this file has all the others */
	return vcs_write_file(r, GIT_REFS_FILE, buf_view(&g->text), err);
}

static int git_open(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf config = BUF(MAX_CHILD_OUTPUT);
	struct stat st;

	g->text = BUF(GIT_MAX_REFS);
	if (git_make_env(r, err) < 0)
		return -1;
	vcs_rel_file(r, GIT_REFS_FILE, &path);
	if (fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return create(r, err);
	g->here = true;
	buf_reset(&path);
	vcs_rel_file(r, "config", &path);
	if (io_read_file(r->job->cache->root, path.p, &config) < 0 || config.n == 0) {
		r->damaged = true;
		return err_set(err, FAULT_LOCAL, "git: the kept repository is damaged");
	}
	g->digits = str_find(buf_view(&config), STR("sha256")) >= 0 ? GIT_SHA256_DIGITS
								    : GIT_SHA1_DIGITS;
	return 0;
}

static void git_close(struct vcs_repo *r)
{
	struct git *g = r->state;

	buf_release(&g->text);
	free(g->refs);
}

/* All history of what the server lists now is here. */
static bool is_full(struct vcs_repo *r, bool for_any_refs)
{
	const struct git *g = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf now = BUF(100);
	CLEANUP(buf_release) struct buf was = BUF(100);

	vcs_rel_file(r, FULL_FILE, &path);
	if (io_read_file(r->job->cache->root, path.p, &was) < 0)
		return false;
	if (for_any_refs)
		return true;
	digest_text(buf_view(&g->text), &now);
	return str_eq(buf_view(&was), buf_view(&now));
}

static bool is_shallow(struct vcs_repo *r)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	struct stat st;

	vcs_rel_file(r, "shallow", &path);
	return fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Brings the whole history of all branches and tags. In two steps, as the go
 * command does it: git up to 2.23 fails when asked for both at once. */
static int fetch_all(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf sum = BUF(100);

	if (is_full(r, false))
		return 0;
	if (GIT_RUN(r, &s, err, "fetch", "-q", "-f", "--prune", "--no-tags", "--end-of-options",
		    "origin", "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*") < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "fetch", err);
	if (is_shallow(r)) {
		if (GIT_RUN(r, &s, err, "fetch", "-q", "--unshallow", "--no-tags", "-f",
			    "--end-of-options", "origin") < 0)
			return -1;
		if (s.exit_code != 0)
			return vcs_remote_err(r, &s, "fetch", err);
	}
	digest_text(buf_view(&g->text), &sum);
	return vcs_write_file(r, FULL_FILE, buf_view(&sum), err);
}

/* Brings one commit, and when the history is here already, what led to it, so that the
 * history stays whole. */
static const char *depth_of(struct vcs_repo *r)
{
	return is_full(r, true) ? "--no-auto-maintenance" : "--depth=1";
}

/* As refs/stoa/NAME. */
static int fetch_as(struct vcs_repo *r, struct str what, struct str name, const char *depth,
		    struct vcs_said *s, struct err *err)
{
	CLEANUP(buf_release) struct buf spec = BUF(MAX_URI);

	buf_printf(&spec, "%.*s:refs/stoa/%.*s", STR_ARG(what), STR_ARG(name));
	return GIT_RUN(r, s, err, "fetch", "-q", "-f", "--no-tags", depth, "--end-of-options",
		       "origin", spec.p);
}

/* The server gives what it lists by name alone. */
static bool wants_a_name(const struct vcs_said *s)
{
	static const char *const words[] = {
		"unadvertised object", "not our ref", "remote ref", "Server does not allow",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* Brings the one commit, by its id, which saves git a list of all refs, and which a ref
 * that moves meanwhile does not change; else by its name. */
static int fetch_one(struct vcs_repo *r, const struct git_ref *ref, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	const char *depth = depth_of(r);

	if (fetch_as(r, ref->hash, ref->hash, depth, &s, err) < 0 ||
	    (s.exit_code != 0 && wants_a_name(&s) &&
	     fetch_as(r, ref->name, ref->hash, depth, &s, err) < 0))
		return -1;
	if (s.exit_code == 0)
		return 0;
	vcs_remote_err(r, &s, "fetch", err);
	/* An answer that git could not use may be due to the depth; the go command
	 * asks for everything then. */
	if (err->fault != FAULT_UPSTREAM || depth[2] == 'n')
		return -1;
	trace(TRACE_SPAWN, "%s: %s", r->rel.p, err->text.p);
	err_reset(err);
	return fetch_all(r, err);
}

/* --- revisions --- */

static void add_tags(const struct git *g, struct vcs_rev *rev)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_starts(g->refs[i].name, STR("refs/tags/")) &&
		    str_eq(g->refs[i].hash, buf_view(&rev->name)))
			names_add(&rev->tags, str_from(g->refs[i].name, strlen("refs/tags/")));
	names_sort(&rev->tags);
}

/* The ref whose commit has this beginning: the first in order when several lie on
 * one commit. -1: on different ones. */
static int by_prefix(const struct git *g, struct str prefix, const struct git_ref **ret,
		     struct err *err)
{
	for (size_t i = 0; i < g->n; i++) {
		if (!str_starts(g->refs[i].hash, prefix))
			continue;
		if (*ret && !str_eq((*ret)->hash, g->refs[i].hash))
			return err_set(err, FAULT_NOT_FOUND, "ambiguous revision %.*s",
				       STR_ARG(prefix));
		if (!*ret)
			*ret = &g->refs[i];
	}
	return 0;
}

/* What the server calls by that name. */
static const struct git_ref *named(const struct git *g, struct str rev)
{
	const struct git_ref *ref = git_find_ref(g, "refs/tags/", rev);

	if (!ref)
		ref = git_find_ref(g, "refs/heads/", rev);
	if (!ref && str_eqz(rev, "HEAD"))
		ref = git_find_ref(g, "", rev);
	return ref;
}

/* Whether the commit can be here at all: fetched alone, or with all history. */
static bool may_be_here(struct vcs_repo *r, struct str hash)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	struct stat st;

	buf_printf(&path, "%s/refs/stoa/%.*s", r->rel.p, STR_ARG(hash));
	return fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	       is_full(r, true);
}

/* --- a version's tag, while the server lists what it has --- */

#define AHEAD "ahead"

/* A list of more is not read for a guess: 15,000 names. */
#define MAX_GUESS (1u << 20)

static bool is_version(struct str rev)
{
	return semver_is_canonical(str_from(rev, (size_t)(str_rchr(rev, '/') + 1)));
}

/* By what the server has listed before. */
static bool is_likely_here(struct vcs_repo *r, struct str rev)
{
	struct git *g = r->state;
	bool here = false;

	if (git_load_refs(r, INT64_MAX, MAX_GUESS)) {
		const struct git_ref *ref = git_find_ref(g, "refs/tags/", rev);
		here = ref && may_be_here(r, ref->hash);
	}
	git_forget_refs(g);
	return here;
}

struct ahead {
	struct vcs_repo *repo;
	struct str tag;
	const char *depth;	/* found before the list may change */
	bool fetched;
};

/* Why the fetch fails says whoever needs it: there may be no such tag. */
static int list_or_fetch(void *ctx, size_t hand, size_t i, struct err *err)
{
	struct ahead *a = ctx;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(err_release) struct err ignored = ERR();
	CLEANUP(buf_release) struct buf what = BUF(MAX_URI);

	(void)hand;
	if (i == 0)
		return git_ask_refs(a->repo, err);
	buf_printf(&what, "refs/tags/%.*s", STR_ARG(a->tag));
	a->fetched = fetch_as(a->repo, buf_view(&what), STR(AHEAD), a->depth, &s,
			      &ignored) == 0 && s.exit_code == 0;
	return 0;
}

/* What was fetched is that of the list, unless the tag has moved between the two. */
static void take_ahead(struct vcs_repo *r, struct str tag)
{
	CLEANUP(buf_release) struct buf from = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf to = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf object = BUF(MAX_NAME);
	const struct git_ref *ref = git_find_ref(r->state, "refs/tags/", tag);
	int root = r->job->cache->root;

	vcs_rel_file(r, "refs/stoa/" AHEAD, &from);
	if (!ref || io_read_file(root, from.p, &object) < 0 ||
	    !str_eq(str_trim(buf_view(&object)), ref->object))
		return;
	buf_printf(&to, "%s/refs/stoa/%.*s", r->rel.p, STR_ARG(ref->hash));
	(void)!io_rename(root, from.p, root, to.p);
}

/* Asks the server what it has. The tag of a version that is asked for is fetched
 * meanwhile: most often it is there, and two questions take the time of one. */
static int need_refs_for(struct vcs_repo *r, struct str rev, struct err *err)
{
	struct git *g = r->state;
	struct ahead a = { .repo = r, .tag = rev };

	if (git_have_refs(r))
		return 0;
	if (!g->here || !is_version(rev) || is_likely_here(r, rev))
		return git_ask_refs(r, err);
	a.depth = depth_of(r);
	if (hands_run(2, list_or_fetch, &a, err) < 0)
		return -1;
	if (a.fetched)
		take_ahead(r, rev);
	return 0;
}

/* --- names --- */

/* What is asked for next: the go.mod beside which that tag lies. */
static void likely_file(struct str ref, struct buf *out)
{
	struct str tags = STR("refs/tags/");

	if (str_starts(ref, tags)) {
		ref = str_from(ref, tags.n);
		buf_str(out, str_head(ref, (size_t)(str_rchr(ref, '/') + 1)));
	}
	buf_puts(out, "go.mod");
}

static int stat_ref(struct vcs_repo *r, const struct git_ref *ref, struct vcs_rev *ret,
		    struct err *err)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_URI);

	likely_file(ref->name, &file);
	int rc = may_be_here(r, ref->hash)
			 ? git_look_with(r, ref->hash, buf_view(&file), ret, err) : 0;
	if (rc == 0) {
		if (fetch_one(r, ref, err) < 0)
			return -1;
		rc = git_look_with(r, ref->hash, buf_view(&file), ret, err);
	}
	if (rc == 0)	/* not a commit, or it has moved since */
		return vcs_unknown(ref->name, err);
	if (rc > 0)
		buf_str(&ret->ref, ref->name);
	return rc;
}

/* A commit that no tag or branch lies on: somewhere in the history. */
static int stat_deep(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	int rc = git_look(r, rev, ret, err);

	if (rc == 0) {
		if (fetch_all(r, err) < 0)
			return -1;
		rc = git_look(r, rev, ret, err);
	}
	return rc == 0 ? vcs_unknown(rev, err) : rc;
}

static int stat_once(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;
	size_t digits = g->digits ? g->digits : GIT_SHA1_DIGITS;

	if (need_refs_for(r, rev, err) < 0)
		return -1;
	const struct git_ref *ref = named(g, rev);
	bool hash = !ref && rev.n >= MIN_DIGITS && rev.n <= digits && git_is_hex(rev);
	if (!ref && !hash)
		return vcs_unknown(rev, err);
	if (hash && by_prefix(g, rev, &ref, err) < 0)
		return -1;
	int rc = ref ? stat_ref(r, ref, ret, err) : stat_deep(r, rev, ret, err);
	if (rc < 0)
		return -1;
	if (hash)	/* where it was found says nothing about it */
		buf_reset(&ret->ref);
	add_tags(g, ret);
	buf_str(&ret->version, names_have(&ret->tags, rev) ? rev : buf_view(&ret->name));
	return 0;
}

static int git_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;

	return stat_or_ask(r, rev, stat_once, &g->fresh, git_ask_refs, ret, err);
}

static bool git_guess(struct vcs_repo *r, struct str tag, struct buf *ret)
{
	const struct git_ref *ref =
		git_have_refs(r) ? git_find_ref(r->state, "refs/tags/", tag) : NULL;

	if (!ref || !may_be_here(r, ref->hash))
		return false;
	buf_str(ret, ref->hash);
	return true;
}

static int git_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;
	const struct vcs_rev *found = NULL;

	if (git_need_refs(r, err) < 0)
		return -1;
	const struct git_ref *head = git_find_ref(g, "", STR("HEAD"));
	if (!head)
		return err_set(err, FAULT_NOT_FOUND, "no commits");
	CLEANUP(buf_release) struct buf hash = BUF(MAX_NAME);
	buf_str(&hash, head->hash);
	if (vcs_stat(r, buf_view(&hash), &found, err) < 0)
		return -1;
	vcs_rev_copy(found, ret);
	buf_reset(&ret->ref);
	buf_puts(&ret->ref, "HEAD");
	return 0;
}

static int git_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		    struct err *err)
{
	struct git *g = r->state;
	struct vcs_tag *tags = NULL;
	size_t n = 0;

	if (git_need_refs(r, err) < 0)
		return -1;
	tags = xcalloc(g->n + 1, sizeof(*tags));
	for (size_t i = 0; i < g->n; i++) {
		if (!str_starts(g->refs[i].name, STR("refs/tags/")))
			continue;
		struct str name = str_from(g->refs[i].name, strlen("refs/tags/"));
		if (str_starts(name, prefix))
			tags[n++] = (struct vcs_tag){ name, g->refs[i].hash };
	}
	*ret = tags;
	*ret_n = n;
	return 0;
}

/* --- contents --- */

static int git_recent_tag(struct vcs_repo *r, const struct vcs_rev *rev, struct str prefix,
			  vcs_allowed_fn *allowed, void *ctx, struct buf *ret, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(GIT_MAX_REFS);
	CLEANUP(buf_release) struct buf merged = BUF(MAX_NAME);
	bool plausible = false;
	struct str line;

	/* The go command knows the commit alone at first, and is content with what
	 * lies on it. */
	for (size_t i = 0; i < rev->tags.n; i++)
		vcs_offer_tag(names_at(&rev->tags, i), prefix, allowed, ctx, ret);
	if (ret->n)
		return 0;
	for (size_t i = 0; i < g->n && !plausible; i++) {
		struct str name = g->refs[i].name;
		if (!str_starts(name, STR("refs/tags/")))
			continue;
		name = str_from(name, strlen("refs/tags/"));
		plausible = str_starts(name, prefix) && name.n > prefix.n &&
			    name.p[prefix.n] == 'v';
	}
	if (!plausible)
		return 0;
	if (fetch_all(r, err) < 0)
		return -1;
	buf_printf(&merged, "--merged=%s", rev->name.p);
	if (GIT_RUN(r, &s, err, "for-each-ref", "--format=%(refname)", merged.p,
		    "refs/tags/") < 0 ||
	    vcs_must_work(r, &s, "for-each-ref", err) < 0)
		return -1;
	struct str rest = buf_view(&s.out);
	while (str_cut(&rest, '\n', &line))
		vcs_offer_tag(str_from(line, strlen("refs/tags/")), prefix, allowed, ctx, ret);
	return 0;
}

static int git_descends(struct vcs_repo *r, const struct vcs_rev *rev, struct str tag,
			struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf hash = BUF(MAX_NAME);
	const struct git_ref *ref = git_find_ref(g, "refs/tags/", tag);

	if (!ref)
		return 0;
	buf_str(&hash, ref->hash);
	if (str_eq(ref->hash, buf_view(&rev->name)))
		return 1;
	if (fetch_all(r, err) < 0 ||
	    GIT_RUN(r, &s, err, "merge-base", "--is-ancestor", "--", hash.p, rev->name.p) < 0)
		return -1;
	if (s.exit_code == 0 || s.exit_code == 1)
		return s.exit_code == 0;
	return vcs_must_work(r, &s, "merge-base", err);
}

static int git_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		       struct stage *to, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf folder = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf out = BUF(MAX_RELPATH);

	buf_str(&folder, subdir);
	buf_printf(&out, "--output=%s/%s", r->job->cache->dir, to->name);
	if (GIT_RUN(r, &s, err, "-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive",
		    "--format=zip", "-0", "--prefix=prefix/", out.p, "--end-of-options",
		    rev->name.p, subdir.n ? folder.p : NULL) < 0)
		return -1;
	if (s.exit_code == 0)
		return 1;
	if (str_find(buf_view(&s.said), STR("did not match any files")) >= 0)
		return 0;
	return vcs_must_work(r, &s, "archive", err);
}

static const char *const schemes[] = { "git", "https", "http", "git+ssh", "ssh", NULL };

const struct vcs_driver vcs_git = {
	.name = "git",
	.schemes = schemes,
	.state_size = sizeof(struct git),
	.sums_tags = true,
	.open = git_open,
	.close = git_close,
	.tags = git_tags,
	.stat = git_stat,
	.guess = git_guess,
	.latest = git_latest,
	.file = git_file,
	.recent_tag = git_recent_tag,
	.descends = git_descends,
	.archive = git_archive,
};
