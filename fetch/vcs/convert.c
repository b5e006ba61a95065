/* fetch/vcs/convert.c: from a revision to a version, and what is told of it: convert and
 * validatePseudoVersion of coderepo.go, as explained in code.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/parse.h"
#include "fetch/digest.h"
#include "fetch/vcs/code_parts.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

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
		int rc = code_has_file(c, x->rev, STR("go.mod"), x->err);
		if (rc < 0)
			return -1;
		x->no_root_gomod = rc == 0;
	}
	if (!x->no_root_gomod)
		return 0;
	if (v.n == 0 || str_ends(x->asked, INCOMPATIBLE))
		return 1;
	struct str major = semver_major(v);
	code_in_dir(major, "go.mod", &path);
	int rc = code_has_file(c, x->rev, buf_view(&path), x->err);
	return rc < 0 ? -1 : rc == 0;
}

/* tagToVersion: appends the version, nothing for none; true when the tag is that
 * version and nothing more. */
static bool tag_to_version(const struct code *c, struct str tag, struct buf *v)
{
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);

	code_tag_prefix(c, &prefix);
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
	CLEANUP(code_place_release) struct code_place p = CODE_PLACE();
	CLEANUP(buf_release) struct buf v = BUF(MAX_URI);
	bool bad_major = false;

	if (code_find_dir(x->c, version, &p, x->err) < 0)
		return -1;
	buf_str(&v, str_eq(version, code_bare(x->asked)) ? x->asked : version);
	CLEANUP(buf_release) struct buf base = BUF(MAX_URI);
	buf_str(&base, code_bare(buf_view(&v)));
	int rc = check_major(x, &v, buf_view(&base), &bad_major);
	if (rc < 0 && !bad_major)
		return -1;
	if (is_canonical(x->asked) && !str_eq(code_bare(x->asked), buf_view(&base)))
		return err_set(x->err, FAULT_NOT_FOUND, "invalid version %.*s: resolves to version "
			       "%s (%.*s is not a tag)", STR_ARG(x->asked), v.p,
			       STR_ARG(code_bare(x->asked)));
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
	return !code_is_retracted(x->c, buf_view(&v));
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
		if (!canonical || code_is_retracted(c, buf_view(&v)) ||
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

	if (base->n == 0 && c->repo->driver->recent_tag) {
		code_tag_prefix(c, &prefix);
		if (c->repo->driver->recent_tag(c->repo, x->rev, buf_view(&prefix), tag_allowed, x,
						&tag, x->err) < 0 || x->failed)
			return -1;
		if (tag.n)
			tag_to_version(c, buf_view(&tag), base);
	}
	pseudo_make(code_major_prefix(c->major), buf_view(base), x->rev->time,
		    buf_view(&x->rev->brief), &v);
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
	if (code_load_retracted(c, x->err) < 0)
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

	code_tag_prefix(c, &prefix);
	buf_printf(&wanted, "%s%.*s", prefix.p, STR_ARG(base));
	/* A tag without the module's prefix counts here too (cmd/go's TrimPrefix). */
	for (size_t i = 0; i < x->rev->tags.n; i++) {
		struct str tag = names_at(&x->rev->tags, i);
		if (str_eq(tag, buf_view(&wanted)) || str_eq(tag, base))
			return bad_pseudo(x, "is already canonical, so should not be replaced with "
					  "a pseudo-version derived from that tag (tag ", tag);
	}
	if (c->repo->driver->tags(c->repo, buf_view(&wanted), &tags, &n, x->err) < 0)
		return -1;
	for (size_t i = 0; i < n && found == 0; i++) {
		if (semver_cmp(str_from(tags[i].name, prefix.n), base) != 0)
			continue;
		last = tags[i].name;
		if (!c->repo->driver->descends)
			found = err_set(x->err, FAULT_NOT_FOUND, "%s does not know whether one "
					"revision comes from another", c->repo->driver->name);
		else
			found = c->repo->driver->descends(c->repo, x->rev, tags[i].name,
							  x->err);
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
	if (pseudo_base(code_bare(x->asked), &base, x->err) < 0) {
		x->err->fault = FAULT_NOT_FOUND;
		return -1;
	}
	if (base.n)
		return check_base(x, buf_view(&base));
	if (code_major_prefix(x->c->major).n == 0 && str_eqz(semver_major(x->asked), "v1"))
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

	code_tag_prefix(c, &i->tag_prefix);
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

int code_convert(struct code *c, const struct vcs_rev *rev, struct str asked,
		 struct code_info *ret, struct err *err)
{
	struct conversion x = { c, rev, asked, -1, 0, err };

	vcs_rev_copy(rev, &ret->rev);
	x.rev = &ret->rev;
	if (to_version(&x, &ret->version) < 0)
		return -1;
	struct str v = buf_view(&ret->version);
	if (!pseudo_is(v) || (str_eq(v, asked) && str_starts(v, STR("v0.0.0-"))))
		return 0;
	if (c->repo->driver->sums_tags && sum_tags(c, ret, err) < 0)
		return -1;
	return c->repo->driver->repo_sum ? c->repo->driver->repo_sum(c->repo, &ret->repo_sum, err)
					 : 0;
}

int code_stat(struct code *c, struct str version, struct code_info *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf rev = BUF(MAX_URI);
	const struct vcs_rev *found = NULL;

	code_rev_of(c, version, &rev);
	if (vcs_stat(c->repo, buf_view(&rev), &found, err) < 0)
		return -1;
	return code_convert(c, found, version, ret, err);
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
	if (i->rev.fraction.n) {
		buf_cut(out, out->n - 1);
		buf_str(out, buf_view(&i->rev.fraction));
		buf_putc(out, 'Z');
	}
	buf_puts(out, "\",\"Origin\":{");
	json_text(out, "VCS", str_of(c->repo->driver->name), &first);
	json_text(out, "URL", str_of(c->repo->url), &first);
	json_text(out, "Subdir", buf_view(&c->dir), &first);
	if (!c->repo->driver->counts)
		json_text(out, "Hash", buf_view(&i->rev.name), &first);
	if (!kept) {
		json_text(out, "TagPrefix", buf_view(&i->tag_prefix), &first);
		json_text(out, "TagSum", buf_view(&i->tag_sum), &first);
	}
	if (!kept || !pseudo)
		json_text(out, "Ref", buf_view(&i->rev.ref), &first);
	if (!kept)
		json_text(out, "RepoSum", buf_view(&i->repo_sum), &first);
	buf_puts(out, "}}");
}
