/* fetch/vcs/code.c: from a repository to the versions of a module in it.
 *
 * The function names and the order of the checks follow
 * cmd/go/internal/modfetch/coderepo.go (Go 1.26), so that the two can be
 * compared; so do the texts, as far as they say something to who reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/digest.h"
#include "fetch/gomod.h"
#include "fetch/job.h"
#include "fetch/vcs/code.h"
#include "fetch/vcs/modzip.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

#define INCOMPATIBLE STR("+incompatible")

/* Without +incompatible. */
static struct str bare(struct str v)
{
	return str_ends(v, INCOMPATIBLE) ? str_head(v, v.n - INCOMPATIBLE.n) : v;
}

/* module.PathMajorPrefix: "/v2" and ".v2-unstable" give "v2". */
static struct str major_prefix(struct str major)
{
	if (str_ends(major, STR("-unstable")))
		major.n -= strlen("-unstable");
	return str_from(major, 1);
}

static bool has_path_prefix(struct str s, struct str prefix)
{
	return str_starts(s, prefix) && (s.n == prefix.n || s.p[prefix.n] == '/');
}

void code_release(struct code *c)
{
	buf_release(&c->root);
	buf_release(&c->dir);
	names_release(&c->low);
	names_release(&c->high);
}

void code_info_release(struct code_info *i)
{
	buf_release(&i->version);
	vcs_rev_release(&i->rev);
	buf_release(&i->tag_prefix);
	buf_release(&i->tag_sum);
}

static bool is_clean_folder(struct str s)
{
	struct str elem;

	while (str_cut(&s, '/', &elem))
		if (elem.n == 0 || str_eqz(elem, ".") || str_eqz(elem, ".."))
			return false;
	return true;
}

int code_init(struct code *c, struct vcs_repo *repo, struct str root, struct str subdir,
	      struct str path, struct err *err)
{
	c->repo = repo;
	c->path = path;
	buf_str(&c->root, root);
	if (!has_path_prefix(path, root))
		return err_set(err, FAULT_NOT_FOUND, "mismatched repo: found %s", c->root.p);
	if (!modpath_split(path, &c->prefix, &c->major))
		return err_set(err, FAULT_NOT_FOUND, "invalid module path");
	if (str_eq(root, path)) {
		c->prefix = path;
	} else {
		if (!has_path_prefix(c->prefix, root))
			return err_set(err, FAULT_NOT_FOUND, "repository rooted at %s cannot "
				       "contain this module", c->root.p);
		struct str dir = str_from(c->prefix, root.n);
		if (dir.n)
			buf_str(&c->dir, str_from(dir, 1));
	}
	while (str_ends(subdir, STR("/")))
		subdir.n--;
	if (subdir.n && !is_clean_folder(subdir))
		return err_set(err, FAULT_NOT_FOUND, "the folder that go-import names is no good");
	if (subdir.n && c->dir.n)
		buf_putc(&c->dir, '/');
	buf_str(&c->dir, subdir);
	return buf_ok(&c->dir, "the folder", err);
}

/* dir/name */
static void in_dir(struct str dir, const char *name, struct buf *out)
{
	buf_str(out, dir);
	if (dir.n)
		buf_putc(out, '/');
	buf_puts(out, name);
}

/* "dir/", or "". */
static void tag_prefix(const struct code *c, struct buf *out)
{
	in_dir(buf_view(&c->dir), "", out);
}

/* revToRev: the tag or commit that a version lies at. */
static void rev_of(const struct code *c, struct str v, struct buf *out)
{
	struct str time;
	struct str rev;

	if (!semver_valid(v)) {
		buf_str(out, v);
		return;
	}
	if (pseudo_is(v) && pseudo_parts(v, &time, &rev) == 0) {
		buf_str(out, rev);
		return;
	}
	tag_prefix(c, out);
	buf_str(out, str_eq(semver_build(v), INCOMPATIBLE) ? bare(v) : v);
}

/* 1 when the file is there; its bytes are appended. */
static int read_file(struct code *c, const struct vcs_rev *rev, struct str path, struct buf *out,
		     struct err *err)
{
	return c->repo->driver->file(c->repo, rev, path, out, err);
}

static int has_file(struct code *c, const struct vcs_rev *rev, struct str path, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE + 1);

	return read_file(c, rev, path, &text, err);
}

/* --- where the go.mod is --- */

/* The folder of a version's go.mod, and that file if there is one. */
struct place {
	const struct vcs_rev *rev;
	struct buf dir;
	struct buf gomod;
	bool has_gomod;
};

#define PLACE() ((struct place){ NULL, BUF(MAX_URI), BUF(MAX_SMALL_FILE + 1), false })

static void place_release(struct place *p)
{
	buf_release(&p->dir);
	buf_release(&p->gomod);
}

static bool is_major(struct str mpath, struct str major)
{
	struct str prefix;
	struct str theirs;

	if (mpath.n == 0 || !modpath_split(mpath, &prefix, &theirs))
		return false;
	if (major.n == 0) {
		struct str p = major_prefix(theirs);
		return p.n == 0 || str_eqz(p, "v0") || str_eqz(p, "v1");
	}
	return theirs.n && str_eq(str_from(major, 1), str_from(theirs, 1));
}

/* One of the two places that a go.mod may be in. */
struct gomod_file {
	struct buf path;
	struct buf text;
	struct buf module;
	bool there;
	bool good;
};

#define GOMOD_FILE() ((struct gomod_file){ BUF(MAX_URI), BUF(MAX_SMALL_FILE + 1), BUF(MAX_URI), \
					   false, false })

static void gomod_file_release(struct gomod_file *f)
{
	buf_release(&f->path);
	buf_release(&f->text);
	buf_release(&f->module);
}

static int gomod_file_read(struct code *c, const struct vcs_rev *rev, struct str dir,
			   struct gomod_file *f, struct err *err)
{
	in_dir(dir, "go.mod", &f->path);
	int rc = read_file(c, rev, buf_view(&f->path), &f->text, err);
	if (rc < 0)
		return -1;
	f->there = rc > 0;
	gomod_quick_path(buf_view(&f->text), &f->module);
	f->good = f->there && is_major(buf_view(&f->module), c->major);
	return 0;
}

static int missing_path(const struct gomod_file *f, const char *suffix, struct str rev,
			struct err *err)
{
	return err_set(err, FAULT_NOT_FOUND, "%s is missing module path%s at revision %.*s",
		       f->path.p, suffix, STR_ARG(rev));
}

static int settle_first(struct code *c, struct str version, struct str rev,
			const struct gomod_file *one, bool two, struct place *p, struct err *err)
{
	CLEANUP(buf_release) struct buf suffix = BUF(MAX_URI);
	struct str prefix;
	struct str major;

	if (one->good) {
		buf_str(&p->dir, buf_view(&c->dir));
		buf_str(&p->gomod, buf_view(&one->text));
		p->has_gomod = true;
		return 0;
	}
	if (two)
		buf_printf(&suffix, " (and ...%.*s/go.mod does not exist)", STR_ARG(c->major));
	if (!one->there) {
		if (c->dir.n == 0 && (c->major.n == 0 || c->major.p[0] == '.'))
			return 0;
		if (two)
			return err_set(err, FAULT_NOT_FOUND, "missing %.*s/go.mod and "
				       "...%.*s/go.mod at revision %.*s", STR_ARG(c->prefix),
				       STR_ARG(c->major), STR_ARG(rev));
		return err_set(err, FAULT_NOT_FOUND, "missing %.*s/go.mod at revision %.*s",
			       STR_ARG(c->prefix), STR_ARG(rev));
	}
	if (one->module.n == 0)
		return missing_path(one, suffix.p, rev, err);
	if (c->major.n)
		return err_set(err, FAULT_NOT_FOUND, "%s has non-...%.*s module path \"%s\"%s at "
			       "revision %.*s", one->path.p, STR_ARG(c->major), one->module.p,
			       suffix.p, STR_ARG(rev));
	if (!modpath_split(buf_view(&one->module), &prefix, &major))
		return err_set(err, FAULT_NOT_FOUND, "%s has malformed module path \"%s\"%s at "
			       "revision %.*s", one->path.p, one->module.p, suffix.p, STR_ARG(rev));
	return err_set(err, FAULT_NOT_FOUND, "%s has post-%.*s module path \"%s\"%s at revision "
		       "%.*s", one->path.p, STR_ARG(semver_major(version)), one->module.p,
		       suffix.p, STR_ARG(rev));
}

/* findDir */
static int find_dir(struct code *c, struct str version, struct place *p, struct err *err)
{
	CLEANUP(gomod_file_release) struct gomod_file one = GOMOD_FILE();
	CLEANUP(gomod_file_release) struct gomod_file two = GOMOD_FILE();
	CLEANUP(buf_release) struct buf dir2 = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf rev = BUF(MAX_URI);
	bool folder = c->major.n && c->major.p[0] == '/' && !str_eq(buf_view(&c->root), c->path);

	rev_of(c, version, &rev);
	if (vcs_stat(c->repo, buf_view(&rev), &p->rev, err) < 0 ||
	    gomod_file_read(c, p->rev, buf_view(&c->dir), &one, err) < 0)
		return -1;
	/* golang.org/issue/34254 */
	one.good = one.good || (one.there && c->major.n == 0 &&
				str_starts(buf_view(&one.module), STR("gopkg.in/")));
	if (folder) {
		buf_str(&dir2, buf_view(&c->dir));
		if (dir2.n)
			buf_putc(&dir2, '/');
		buf_str(&dir2, str_from(c->major, 1));
		if (gomod_file_read(c, p->rev, buf_view(&dir2), &two, err) < 0)
			return -1;
		if (one.good && two.good)
			return err_set(err, FAULT_NOT_FOUND, "%s and ...%.*s/go.mod both have "
				       "...%.*s module paths at revision %s", one.path.p,
				       STR_ARG(c->major), STR_ARG(c->major), rev.p);
		if (two.good) {
			buf_str(&p->dir, buf_view(&dir2));
			buf_str(&p->gomod, buf_view(&two.text));
			p->has_gomod = true;
			return 0;
		}
		if (two.there && two.module.n == 0)
			return missing_path(&two, "", buf_view(&rev), err);
		if (two.there)
			return err_set(err, FAULT_NOT_FOUND, "%s has non-...%.*s module path "
				       "\"%s\" at revision %s", two.path.p, STR_ARG(c->major),
				       two.module.p, rev.p);
	}
	return settle_first(c, version, buf_view(&rev), &one, folder, p, err);
}

/* --- lists --- */

static void tag_version(struct code *c, struct str tag, size_t skip, struct names *list,
			struct names *incompatible)
{
	CLEANUP(buf_release) struct buf canonical = BUF(MAX_URI);
	struct str v = str_from(tag, skip);

	semver_canonical(v, &canonical);
	if (v.n == 0 || !str_eq(v, buf_view(&canonical)) || pseudo_is(v))
		return;
	if (modpath_major_fits(v, c->major))
		names_add(list, v);
	else if (c->dir.n == 0 && c->major.n == 0 &&
		 str_cmp(semver_major(v), STR("v1")) > 0)
		names_add(incompatible, v);
}

/* Whether the version's tag has a go.mod at the root. */
static int version_has_gomod(struct code *c, struct str v, struct err *err)
{
	const struct vcs_rev *rev = NULL;

	if (vcs_stat(c->repo, v, &rev, err) == 0)
		return has_file(c, rev, STR("go.mod"), err);
	if (err->fault != FAULT_NOT_FOUND)
		return -1;
	err_reset(err);	/* a tag on something else than a commit */
	return 0;
}

static int append_incompatible(struct code *c, struct names *list, const struct names *more,
			       struct err *err)
{
	struct str last = STR("");
	bool has_gomod = false;

	if (more->n == 0 || c->major.n)
		return 0;
	if (list->n) {
		int rc = version_has_gomod(c, names_at(list, list->n - 1), err);
		if (rc != 0)
			return rc < 0 ? -1 : 0;
	}
	for (size_t i = 0; i < more->n; i++) {
		CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
		struct str major = semver_major(names_at(more, i));
		if (!str_eq(major, last)) {
			size_t j = i;
			while (j + 1 < more->n &&
			       str_eq(semver_major(names_at(more, j + 1)), major))
				j++;
			int rc = version_has_gomod(c, names_at(more, j), err);
			if (rc < 0)
				return -1;
			last = major;
			has_gomod = rc > 0;
		}
		if (has_gomod)
			continue;
		buf_str(&v, names_at(more, i));
		buf_str(&v, INCOMPATIBLE);
		names_add(list, buf_view(&v));
	}
	return 0;
}

int code_versions(struct code *c, struct names *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);
	CLEANUP(names_release) struct names incompatible = NAMES();
	struct vcs_tag *tags = NULL;
	size_t n = 0;

	if (str_starts(c->path, STR("gopkg.in/")) && str_ends(c->path, STR("-unstable")))
		return 0;
	tag_prefix(c, &prefix);
	if (c->repo->driver->tags(c->repo, buf_view(&prefix), &tags, &n, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		tag_version(c, tags[i].name, prefix.n, ret, &incompatible);
	free(tags);
	names_sort_versions(ret);
	names_sort_versions(&incompatible);
	return append_incompatible(c, ret, &incompatible, err);
}

/* --- retractions --- */

static void note_retracted(void *ctx, struct str low, struct str high)
{
	struct code *c = ctx;

	names_add(&c->low, low);
	names_add(&c->high, high);
}

static void forget_retracted(struct code *c)
{
	names_release(&c->low);
	names_release(&c->high);
}

static void read_retracted(struct code *c, struct str gomod)
{
	forget_retracted(c);
	if (gomod_retractions(gomod, note_retracted, c) < 0)
		forget_retracted(c);
}

static bool in_retracted(const struct code *c, struct str v)
{
	for (size_t i = 0; i < c->low.n; i++)
		if (semver_cmp(names_at(&c->low, i), v) <= 0 &&
		    semver_cmp(v, names_at(&c->high, i)) <= 0)
			return true;
	return false;
}

/* retractedVersions: those that the highest version's go.mod names. A failure
 * means none, unless it is of our own. */
static int load_retracted(struct code *c, struct err *err)
{
	CLEANUP(names_release) struct names list = NAMES();
	CLEANUP(buf_release) struct buf gomod = BUF(MAX_SMALL_FILE + 1);
	size_t n = 0;
	size_t best = 0;

	if (c->knows_retracted)
		return 0;
	c->knows_retracted = true;
	int rc = code_versions(c, &list, err);
	while (rc == 0 && n < list.n && !str_ends(names_at(&list, n), INCOMPATIBLE))
		n++;
	if (rc == 0 && n == 0)
		return 0;
	for (best = n; rc == 0 && best > 0; best--)
		if (semver_prerelease(names_at(&list, best - 1)).n == 0)
			break;
	if (rc == 0)
		rc = code_mod(c, names_at(&list, (best ? best : n) - 1), &gomod, err);
	if (rc == 0) {
		read_retracted(c, buf_view(&gomod));
		return 0;
	}
	if (err->fault != FAULT_NOT_FOUND)
		return -1;
	err_reset(err);
	return 0;
}

/* --- from a revision to a version --- */

/* One conversion. */
struct conversion {
	struct code *c;
	const struct vcs_rev *rev;
	struct str asked;	/* statVers, "" for none */
	int no_root_gomod;	/* -1: not known yet */
	int failed;		/* inside a callback */
	struct err *err;
};

/* canUseIncompatible. 1, 0, -1. */
static int can_use_incompatible(struct conversion *x, struct str v)
{
	struct code *c = x->c;
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);

	if (c->dir.n || c->major.n)
		return 0;
	if (x->no_root_gomod < 0) {
		int rc = has_file(c, x->rev, STR("go.mod"), x->err);
		if (rc < 0)
			return -1;
		x->no_root_gomod = rc == 0;
	}
	if (!x->no_root_gomod)
		return 0;
	if (v.n == 0 || str_ends(x->asked, INCOMPATIBLE))
		return 1;
	struct str major = semver_major(v);
	in_dir(major, "go.mod", &path);
	int rc = has_file(c, x->rev, buf_view(&path), x->err);
	return rc < 0 ? -1 : rc == 0;
}

/* tagToVersion: appends the version, nothing for none; true when the tag is that
 * version and nothing more. */
static bool tag_to_version(const struct code *c, struct str tag, struct buf *v)
{
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);

	tag_prefix(c, &prefix);
	if (!str_starts(tag, buf_view(&prefix)) || pseudo_is(tag))
		return false;
	struct str rest = str_from(tag, prefix.n);
	semver_canonical(rest, v);
	if (!str_starts(rest, buf_view(v)))
		buf_reset(v);
	return v->n && str_eq(rest, buf_view(v));
}

static int invalid(struct conversion *x, struct str v, const char *why)
{
	return err_set(x->err, FAULT_NOT_FOUND, "invalid version %.*s: %s", STR_ARG(v), why);
}

/* What is wrong with a base of this major, if anything. */
static int check_major(struct conversion *x, struct buf *v, struct str base, bool *ret_bad)
{
	struct code *c = x->c;

	*ret_bad = false;
	if (modpath_major_fits(base, c->major)) {
		if (!str_ends(buf_view(v), INCOMPATIBLE))
			return 0;
		*ret_bad = true;
		return invalid(x, buf_view(v), "+incompatible suffix not allowed: major version is "
			       "compatible");
	}
	int rc = can_use_incompatible(x, base);
	if (rc < 0)
		return -1;
	if (rc > 0) {
		if (!str_ends(buf_view(v), INCOMPATIBLE))
			buf_str(v, INCOMPATIBLE);
		return 0;
	}
	*ret_bad = true;
	if (c->major.n)
		return invalid(x, buf_view(v), "module path includes a major version suffix, so "
			       "major version must match");
	return err_set(x->err, FAULT_NOT_FOUND, "invalid version %s: module contains a go.mod "
		       "file, so module path must match major version (\"%.*s/%.*s\")", v->p,
		       STR_ARG(c->prefix), STR_ARG(semver_major(base)));
}

static bool is_canonical(struct str v)
{
	return v.n && semver_is_canonical(v);
}

/* checkCanonical: appends the version that the revision is. */
static int check_canonical(struct conversion *x, struct str version, struct buf *ret)
{
	CLEANUP(place_release) struct place p = PLACE();
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
	bool bad_major = false;

	if (find_dir(x->c, version, &p, x->err) < 0)
		return -1;
	buf_str(&v, str_eq(version, bare(x->asked)) ? x->asked : version);
	CLEANUP(buf_release) struct buf base = BUF(MAX_URI);
	buf_str(&base, bare(buf_view(&v)));
	int rc = check_major(x, &v, buf_view(&base), &bad_major);
	if (rc < 0 && !bad_major)
		return -1;
	if (is_canonical(x->asked) && !str_eq(bare(x->asked), buf_view(&base)))
		return err_set(x->err, FAULT_NOT_FOUND, "invalid version %.*s: resolves to version "
			       "%s (%.*s is not a tag)", STR_ARG(x->asked), v.p,
			       STR_ARG(bare(x->asked)));
	if (rc < 0)
		return -1;
	buf_str(ret, buf_view(&v));
	return 0;
}

static bool tag_allowed(void *ctx, struct str tag)
{
	struct conversion *x = ctx;
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);

	tag_to_version(x->c, tag, &v);
	if (v.n == 0)
		return false;
	if (!modpath_major_fits(buf_view(&v), x->c->major)) {
		int rc = can_use_incompatible(x, buf_view(&v));
		if (rc < 0)
			x->failed = -1;
		if (rc <= 0)
			return false;
	}
	return !in_retracted(x->c, buf_view(&v));
}

/* The tags that lie on the revision. 1: *ret is the version. */
static int from_tags(struct conversion *x, struct buf *base, struct buf *ret)
{
	struct code *c = x->c;
	CLEANUP(buf_release) struct buf highest = BUF(MAX_URI);

	for (size_t i = 0; i < x->rev->tags.n; i++) {
		CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
		bool canonical = tag_to_version(c, names_at(&x->rev->tags, i), &v);
		if (x->asked.n && semver_cmp(buf_view(&v), x->asked) == 0) {
			if (canonical)
				return check_canonical(x, buf_view(&v), ret) < 0 ? -1 : 1;
			buf_reset(base);
			buf_str(base, buf_view(&v));
		}
		if (!canonical || in_retracted(c, buf_view(&v)) ||
		    (highest.n && semver_cmp(buf_view(&highest), buf_view(&v)) >= 0))
			continue;
		int rc = modpath_major_fits(buf_view(&v), c->major)
				 ? 1 : can_use_incompatible(x, buf_view(&v));
		if (rc < 0)
			return -1;
		if (rc > 0) {
			buf_reset(&highest);
			buf_str(&highest, buf_view(&v));
		}
	}
	if (highest.n == 0)
		return 0;
	return check_canonical(x, buf_view(&highest), ret) < 0 ? -1 : 1;
}

static int make_pseudo(struct conversion *x, struct buf *base, struct buf *ret)
{
	struct code *c = x->c;
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf tag = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);

	if (base->n == 0) {
		tag_prefix(c, &prefix);
		if (c->repo->driver->recent_tag(c->repo, x->rev, buf_view(&prefix), tag_allowed, x,
						&tag, x->err) < 0 || x->failed)
			return -1;
		if (tag.n)
			tag_to_version(c, buf_view(&tag), base);
	}
	pseudo_make(major_prefix(c->major), buf_view(base), x->rev->time, buf_view(&x->rev->brief),
		    &v);
	return check_canonical(x, buf_view(&v), ret);
}

static int validate_pseudo(struct conversion *x);

/* convert, up to the version. */
static int to_version(struct conversion *x, struct buf *ret)
{
	struct code *c = x->c;
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf base = BUF(MAX_URI);

	if (pseudo_is(x->asked))
		return check_canonical(x, x->asked, ret) < 0 ? -1 : validate_pseudo(x);
	if (tag_to_version(c, buf_view(&x->rev->version), &v)) {
		if (check_canonical(x, buf_view(&v), ret) == 0)
			return 0;
		if (x->err->fault != FAULT_NOT_FOUND)
			return -1;
		err_reset(x->err);
		buf_reset(ret);
	}
	if (load_retracted(c, x->err) < 0)
		return -1;
	int rc = from_tags(x, &base, ret);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return make_pseudo(x, &base, ret);
}

/* --- pseudo-versions --- */

static int bad_pseudo(struct conversion *x, const char *why, struct str what)
{
	return err_set(x->err, FAULT_NOT_FOUND, "invalid pseudo-version %.*s: %s%.*s)",
		       STR_ARG(x->asked), why, STR_ARG(what));
}

static int check_rev_and_time(struct conversion *x)
{
	struct str time;
	struct str rev;
	struct str brief = buf_view(&x->rev->brief);
	time_t when = 0;
	CLEANUP(buf_release) struct buf stamp = BUF(100);

	if (pseudo_parts(x->asked, &time, &rev) < 0)
		return bad_pseudo(x, "(malformed", STR(""));
	if (!str_eq(rev, brief) && str_starts(rev, brief))
		return bad_pseudo(x, "revision is longer than canonical (expected ", brief);
	if (!str_eq(rev, brief) && str_starts(brief, rev))
		return bad_pseudo(x, "revision is shorter than canonical (expected ", brief);
	if (!str_eq(rev, brief))
		return bad_pseudo(x, "does not match short name of revision (expected ", brief);
	if (pseudo_time(x->asked, &when) < 0)
		return bad_pseudo(x, "malformed time (", time);
	if (when == x->rev->time)
		return 0;
	pseudo_make(STR(""), STR(""), x->rev->time, STR("x"), &stamp);
	return bad_pseudo(x, "does not match version-control timestamp (expected ",
			  str_make(stamp.p + strlen("v0.0.0-"), 14));
}

/* Whether a tag that is semver-equal to the base lies before the revision. */
static int check_base(struct conversion *x, struct str base)
{
	struct code *c = x->c;
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf wanted = BUF(MAX_URI);
	struct vcs_tag *tags = NULL;
	struct str last = STR("");
	size_t n = 0;
	int found = 0;

	tag_prefix(c, &prefix);
	buf_printf(&wanted, "%s%.*s", prefix.p, STR_ARG(base));
	for (size_t i = 0; i < x->rev->tags.n; i++)
		if (str_eq(names_at(&x->rev->tags, i), buf_view(&wanted)))
			return bad_pseudo(x, "is already canonical, so should not be replaced with "
					  "a pseudo-version derived from that tag (tag ",
					  buf_view(&wanted));
	if (c->repo->driver->tags(c->repo, buf_view(&wanted), &tags, &n, x->err) < 0)
		return -1;
	for (size_t i = 0; i < n && found == 0; i++) {
		if (semver_cmp(str_from(tags[i].name, prefix.n), base) != 0)
			continue;
		last = tags[i].name;
		found = c->repo->driver->descends(c->repo, x->rev, tags[i].name, x->err);
	}
	free(tags);
	if (found < 0)
		return -1;
	if (found)
		return 0;
	if (last.n == 0)
		return bad_pseudo(x, "preceding tag not found (", base);
	return err_set(x->err, FAULT_NOT_FOUND, "invalid pseudo-version %.*s: revision %s is not a "
		       "descendent of preceding tag (%.*s)", STR_ARG(x->asked), x->rev->brief.p,
		       STR_ARG(last));
}

/* validatePseudoVersion */
static int validate_pseudo(struct conversion *x)
{
	CLEANUP(buf_release) struct buf base = BUF(MAX_URI);

	if (check_rev_and_time(x) < 0)
		return -1;
	if (pseudo_base(bare(x->asked), &base, x->err) < 0) {
		x->err->fault = FAULT_NOT_FOUND;
		return -1;
	}
	if (base.n)
		return check_base(x, buf_view(&base));
	if (major_prefix(x->c->major).n == 0 && str_eqz(semver_major(x->asked), "v1"))
		return bad_pseudo(x, "major version without preceding tag must be v0 (not v1",
				  STR(""));
	return 0;
}

/* --- what is told of it --- */

static bool is_origin_tag(struct str tag)
{
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);

	semver_canonical(tag, &v);
	return v.n && str_starts(tag, buf_view(&v)) && !pseudo_is(tag);
}

/* Origin's TagPrefix and TagSum: on which tags a pseudo-version depends. */
static int sum_tags(struct code *c, struct code_info *i, struct err *err)
{
	CLEANUP(buf_release) struct buf line = BUF(2 * MAX_URI);
	struct digest sum = DIGEST();
	unsigned char bytes[DIGEST_SIZE];
	struct vcs_tag *tags = NULL;
	size_t n = 0;

	tag_prefix(c, &i->tag_prefix);
	size_t skip = i->tag_prefix.n;
	if (c->major.n) {
		buf_str(&i->tag_prefix, str_from(c->major, 1));
		buf_putc(&i->tag_prefix, '.');
	}
	if (c->repo->driver->tags(c->repo, buf_view(&i->tag_prefix), &tags, &n, err) < 0)
		return -1;
	digest_begin(&sum);
	for (size_t t = 0; t < n; t++) {
		if (!is_origin_tag(str_from(tags[t].name, skip)))
			continue;
		buf_reset(&line);
		buf_printf(&line, "\"%.*s\" %.*s\n", STR_ARG(tags[t].name), STR_ARG(tags[t].hash));
		digest_add(&sum, line.p, line.n);
	}
	digest_end(&sum, bytes);
	digest_release(&sum);
	free(tags);
	unsigned char text[DIGEST_SIZE * 2];
	EVP_EncodeBlock(text, bytes, DIGEST_SIZE);
	buf_printf(&i->tag_sum, "t1:%s", (const char *)text);
	return 0;
}

static int convert(struct code *c, const struct vcs_rev *rev, struct str asked,
		   struct code_info *ret, struct err *err)
{
	struct conversion x = { c, rev, asked, -1, 0, err };

	vcs_rev_copy(rev, &ret->rev);
	x.rev = &ret->rev;
	if (to_version(&x, &ret->version) < 0)
		return -1;
	struct str v = buf_view(&ret->version);
	if (c->repo->driver->sums_tags && pseudo_is(v) &&
	    (!str_eq(v, asked) || !str_starts(v, STR("v0.0.0-"))))
		return sum_tags(c, ret, err);
	return 0;
}

int code_stat(struct code *c, struct str version, struct code_info *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf rev = BUF(MAX_URI);
	const struct vcs_rev *found = NULL;

	rev_of(c, version, &rev);
	if (vcs_stat(c->repo, buf_view(&rev), &found, err) < 0)
		return -1;
	return convert(c, found, version, ret, err);
}

static void json_text(struct buf *out, const char *name, struct str s, bool *first)
{
	if (s.n == 0)
		return;
	buf_printf(out, "%s\"%s\":\"", *first ? "" : ",", name);
	*first = false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned char ch = (unsigned char)s.p[i];
		if (ch == '"' || ch == '\\')
			buf_printf(out, "\\%c", ch);
		else if (ch < ' ' || strchr("<>&", ch))
			buf_printf(out, "\\u%04x", ch);
		else
			buf_putc(out, (char)ch);
	}
	buf_putc(out, '"');
}

void code_json(const struct code *c, const struct code_info *i, bool kept, struct buf *out)
{
	bool first = true;
	bool pseudo = pseudo_is(buf_view(&i->version));

	buf_printf(out, "{\"Version\":\"%s\",\"Time\":\"", i->version.p);
	format_rfc3339(out, i->rev.time);
	buf_puts(out, "\",\"Origin\":{");
	json_text(out, "VCS", str_of(c->repo->driver->name), &first);
	json_text(out, "URL", str_of(c->repo->url), &first);
	json_text(out, "Subdir", buf_view(&c->dir), &first);
	json_text(out, "Hash", buf_view(&i->rev.name), &first);
	if (!kept) {
		json_text(out, "TagPrefix", buf_view(&i->tag_prefix), &first);
		json_text(out, "TagSum", buf_view(&i->tag_sum), &first);
	}
	if (!kept || !pseudo)
		json_text(out, "Ref", buf_view(&i->rev.ref), &first);
	buf_puts(out, "}}");
}

/* --- the query "latest" --- */

static void legacy_gomod(const struct code *c, struct buf *out)
{
	/* no module path that passes CheckPath needs quotes */
	buf_printf(out, "module %.*s\n", STR_ARG(c->path));
}

/* versionHasGoMod: it is not one that we would make up. */
static int has_real_gomod(struct code *c, struct str v, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf made = BUF(MAX_URI + 10);

	if (code_mod(c, v, &text, err) < 0)
		return -1;
	legacy_gomod(c, &made);
	return !str_eq(buf_view(&text), buf_view(&made));
}

/* filterVersions and the choice: appends the version, nothing for none. */
static int choose(struct code *c, const struct names *list, bool all, struct buf *ret,
		  struct err *err)
{
	struct str release = STR("");
	struct str prerelease = STR("");
	struct str compatible = STR("");
	bool checked = false;

	for (size_t i = 0; i < list->n; i++) {
		struct str v = names_at(list, i);
		if (!all && in_retracted(c, v))
			continue;
		if (!str_ends(v, INCOMPATIBLE)) {
			compatible = v;
		} else if (compatible.n && !checked) {
			int rc = has_real_gomod(c, compatible, err);
			if (rc < 0)
				return -1;
			if (rc > 0)
				break;
			checked = true;
		}
		if (semver_prerelease(v).n)
			prerelease = v;
		else
			release = v;
	}
	buf_str(ret, release.n ? release : prerelease);
	return 0;
}

/* The head of the default branch. */
static int stat_head(struct code *c, struct code_info *ret, struct err *err)
{
	struct vcs_rev head = VCS_REV();
	int rc = c->repo->driver->latest(c->repo, &head, err);

	if (rc == 0)
		rc = convert(c, &head, STR(""), ret, err);
	vcs_rev_release(&head);
	return rc;
}

/* What was retracted says the go.mod of the latest version, retracted or not. */
static int load_retracted_by_latest(struct code *c, const struct names *list, struct err *err)
{
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf gomod = BUF(MAX_SMALL_FILE + 1);
	CLEANUP(code_info_release) struct code_info head = CODE_INFO();

	int rc = choose(c, list, true, &v, err);
	if (rc == 0 && v.n == 0) {
		rc = stat_head(c, &head, err);
		buf_str(&v, buf_view(&head.version));
	}
	if (rc == 0)
		rc = code_mod(c, buf_view(&v), &gomod, err);
	c->knows_retracted = true;
	forget_retracted(c);
	if (rc == 0)
		read_retracted(c, buf_view(&gomod));
	if (rc < 0 && err->fault != FAULT_NOT_FOUND)
		return -1;
	err_reset(err);
	return 0;
}

int code_latest(struct code *c, struct code_info *ret, struct err *err)
{
	CLEANUP(names_release) struct names list = NAMES();
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
	CLEANUP(code_info_release) struct code_info head = CODE_INFO();

	if (code_versions(c, &list, err) < 0 || load_retracted_by_latest(c, &list, err) < 0 ||
	    choose(c, &list, false, &v, err) < 0)
		return -1;
	if (v.n == 0) {
		/* the conversion has retractions of its own */
		struct names low = c->low;
		struct names high = c->high;
		c->low = NAMES();
		c->high = NAMES();
		c->knows_retracted = false;
		int rc = stat_head(c, &head, err);
		forget_retracted(c);
		c->low = low;
		c->high = high;
		if (rc < 0)
			return -1;
		if (in_retracted(c, buf_view(&head.version)))
			return err_set(err, FAULT_NOT_FOUND, "no matching versions for query "
				       "\"latest\"");
		buf_str(&v, buf_view(&head.version));
	}
	return code_stat(c, buf_view(&v), ret, err);
}

/* --- files --- */

/* A pseudo-version is checked whole, since its go.mod alone would show nothing of
 * what is wrong with it. Other versions must be what they claim as well. */
int code_check(struct code *c, struct str version, struct err *err)
{
	CLEANUP(code_info_release) struct code_info info = CODE_INFO();

	if (code_stat(c, version, &info, err) < 0)
		return -1;
	if (!str_eq(buf_view(&info.version), version))
		return err_set(err, FAULT_NOT_FOUND, "invalid version %.*s: resolves to version %s",
			       STR_ARG(version), info.version.p);
	return 0;
}

int code_mod(struct code *c, struct str version, struct buf *out, struct err *err)
{
	CLEANUP(place_release) struct place p = PLACE();

	if ((pseudo_is(version) && code_check(c, version, err) < 0) ||
	    find_dir(c, version, &p, err) < 0)
		return -1;
	if (p.has_gomod)
		buf_str(out, buf_view(&p.gomod));
	else
		legacy_gomod(c, out);
	return buf_ok(out, "go.mod", err);
}

int code_zip(struct code *c, struct str version, struct body *out, struct err *err)
{
	CLEANUP(place_release) struct place p = PLACE();
	CLEANUP(stage_release) struct stage archive = STAGE();
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf license = BUF(MAX_SMALL_FILE + 1);
	const struct cache *cache = c->repo->job->cache;

	if (code_check(c, version, err) < 0 || find_dir(c, version, &p, err) < 0 ||
	    stage_open(&archive, cache, err) < 0)
		return -1;
	buf_printf(&file, "%s/%s", cache->dir, archive.name);
	int rc = c->repo->driver->archive(c->repo, p.rev, buf_view(&p.dir), file.p, err);
	if (rc == 0)
		return err_set(err, FAULT_NOT_FOUND, "the folder %s is not there at revision %s",
			       p.dir.p, p.rev->brief.p);
	if (rc > 0 && p.dir.n)
		rc = read_file(c, p.rev, STR("LICENSE"), &license, err);
	if (rc < 0)
		return -1;
	struct modzip z = {
		.path = c->path,
		.version = version,
		.folder = buf_view(&p.dir),
		.license = p.dir.n && rc > 0 ? &license : NULL,
	};
	return modzip_make(&z, archive.fd, out, err);
}
