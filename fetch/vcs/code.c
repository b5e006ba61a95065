/* fetch/vcs/code.c: from a repository to the versions of a module in it.
 *
 * The function names and the order of the checks follow
 * cmd/go/internal/modfetch/coderepo.go (Go 1.26), so that the two can be
 * compared; so do the texts, as far as they say something to who reads them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "fetch/gomod.h"
#include "fetch/hands.h"
#include "fetch/job.h"
#include "fetch/vcs/code_parts.h"
#include "fetch/vcs/early.h"
#include "fetch/vcs/modzip.h"
#include "fetch/vcs/reuse.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

struct str code_bare(struct str v)
{
	return str_ends(v, INCOMPATIBLE) ? str_head(v, v.n - INCOMPATIBLE.n) : v;
}

struct str code_major_prefix(struct str major)
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
	buf_release(&i->repo_sum);
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

void code_in_dir(struct str dir, const char *name, struct buf *out)
{
	buf_str(out, dir);
	if (dir.n)
		buf_putc(out, '/');
	buf_puts(out, name);
}

void code_tag_prefix(const struct code *c, struct buf *out)
{
	code_in_dir(buf_view(&c->dir), "", out);
}

void code_rev_of(const struct code *c, struct str v, struct buf *out)
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
	code_tag_prefix(c, out);
	buf_str(out, str_eq(semver_build(v), INCOMPATIBLE) ? code_bare(v) : v);
}

int code_read_file(struct code *c, const struct vcs_rev *rev, struct str path, struct buf *out,
		   struct err *err)
{
	return vcs_file(c->repo, rev, path, out, err);
}

int code_has_file(struct code *c, const struct vcs_rev *rev, struct str path, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE + 1);

	return code_read_file(c, rev, path, &text, err);
}

/* --- where the go.mod is --- */

void code_place_release(struct code_place *p)
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
		struct str p = code_major_prefix(theirs);
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
	code_in_dir(dir, "go.mod", &f->path);
	int rc = code_read_file(c, rev, buf_view(&f->path), &f->text, err);
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
			const struct gomod_file *one, bool two, struct code_place *p,
			struct err *err)
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

int code_find_dir(struct code *c, struct str version, struct code_place *p, struct err *err)
{
	CLEANUP(gomod_file_release) struct gomod_file one = GOMOD_FILE();
	CLEANUP(gomod_file_release) struct gomod_file two = GOMOD_FILE();
	CLEANUP(buf_release) struct buf dir2 = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf rev = BUF(MAX_URI);
	bool folder = c->major.n && c->major.p[0] == '/' && !str_eq(buf_view(&c->root), c->path);

	code_rev_of(c, version, &rev);
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

void code_legacy_gomod(const struct code *c, struct buf *out)
{
	/* no module path that passes CheckPath needs quotes */
	buf_printf(out, "module %.*s\n", STR_ARG(c->path));
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
	CLEANUP(code_place_release) struct code_place p = CODE_PLACE();

	if ((pseudo_is(version) && code_check(c, version, err) < 0) ||
	    code_find_dir(c, version, &p, err) < 0)
		return -1;
	if (p.has_gomod)
		buf_str(out, buf_view(&p.gomod));
	else
		code_legacy_gomod(c, out);
	return buf_ok(out, "go.mod", err);
}

/* --- zips --- */

/* The tree of a version. */
struct tree {
	struct code *c;
	struct str version;
	struct code_place *place;
	struct stage *to;
	struct reuse *reuse;
	/* what it most likely is, archived while it is found out what it is */
	struct vcs_rev guess;
	int guess_rc;
	struct err guess_err;
	struct early *early;
};

static void tree_release(struct tree *t)
{
	early_free(&t->early);
	vcs_rev_release(&t->guess);
	err_release(&t->guess_err);
}

static int archive(struct tree *t, const struct vcs_rev *rev, struct str dir, struct err *err)
{
	return t->c->repo->driver->archive(t->c->repo, rev, dir, t->to, err);
}

static int check(struct tree *t, struct err *err)
{
	return code_check(t->c, t->version, err) < 0
		       ? -1 : code_find_dir(t->c, t->version, t->place, err);
}

static bool is_guessed(const struct tree *t)
{
	return str_eq(buf_view(&t->guess.name), buf_view(&t->place->rev->name)) &&
	       str_eq(buf_view(&t->c->dir), buf_view(&t->place->dir));
}

/* The archive first: where one thread does both, it is there for the other. */
static int archive_or_check(void *ctx, size_t hand, size_t i, struct err *err)
{
	struct tree *t = ctx;

	(void)hand;
	if (i == 0) {
		t->guess_rc = archive(t, &t->guess, buf_view(&t->c->dir), &t->guess_err);
		early_over(t->early);
		return 0;
	}
	if (check(t, err) < 0)
		return -1;
	if (is_guessed(t))
		early_run(t->early);
	return 0;
}

static int archive_place(struct tree *t, struct err *err)
{
	CLEANUP(buf_release) struct buf rev = BUF(MAX_URI);
	const struct vcs_driver *d = t->c->repo->driver;

	code_rev_of(t->c, t->version, &rev);
	if (!d->guess || !d->guess(t->c->repo, buf_view(&rev), &t->guess.name)) {
		if (check(t, err) < 0)
			return -1;
		return archive(t, t->place->rev, buf_view(&t->place->dir), err);
	}
	t->early = early_new(t->to->fd, buf_view(&t->c->dir), MODZIP_SMALL, t->reuse);
	if (hands_run(2, archive_or_check, t, err) < 0)
		return -1;
	if (is_guessed(t))
		return t->guess_rc < 0 ? err_move(err, &t->guess_err) : t->guess_rc;
	early_free(&t->early);
	if (stage_restart(t->to, err) < 0)
		return -1;
	return archive(t, t->place->rev, buf_view(&t->place->dir), err);
}

int code_zip(struct code *c, struct str version, struct body *out, struct err *err)
{
	CLEANUP(code_place_release) struct code_place p = CODE_PLACE();
	CLEANUP(stage_release) struct stage stage = STAGE();
	CLEANUP(buf_release) struct buf license = BUF(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf sum = BUF(MAX_NAME);
	CLEANUP(reuse_free) struct reuse *reuse = reuse_open(c->repo, c->path);
	CLEANUP(tree_release) struct tree tree = {
		.c = c, .version = version, .place = &p, .to = &stage, .reuse = reuse,
		.guess = VCS_REV(), .guess_err = ERR(),
	};

	if (stage_open(&stage, c->repo->job->cache, err) < 0)
		return -1;
	int rc = archive_place(&tree, err);
	if (rc == 0)
		return err_set(err, FAULT_NOT_FOUND, "the folder %s is not there at revision %s",
			       p.dir.p, p.rev->brief.p);
	if (rc > 0 && p.dir.n)
		rc = code_read_file(c, p.rev, STR("LICENSE"), &license, err);
	if (rc < 0)
		return -1;
	struct modzip z = {
		.path = c->path,
		.version = version,
		.folder = buf_view(&p.dir),
		.license = p.dir.n && rc > 0 ? &license : NULL,
		.reuse = reuse,
		.early = tree.early,
		.ret_sum = &sum,
	};
	if (modzip_make(&z, stage.fd, out, err) < 0)
		return -1;
	reuse_note(c->repo, c->path, version, buf_view(&sum));
	return 0;
}
