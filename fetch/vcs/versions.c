/* fetch/vcs/versions.c: the versions that a repository's tags name, those that its
 * go.mod files retract, and the query "latest".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/err.h"
#include "fetch/gomod.h"
#include "fetch/vcs/code_parts.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

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
		return code_has_file(c, rev, STR("go.mod"), err);
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
	code_tag_prefix(c, &prefix);
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

bool code_is_retracted(const struct code *c, struct str v)
{
	for (size_t i = 0; i < c->low.n; i++)
		if (semver_cmp(names_at(&c->low, i), v) <= 0 &&
		    semver_cmp(v, names_at(&c->high, i)) <= 0)
			return true;
	return false;
}

int code_load_retracted(struct code *c, struct err *err)
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

/* --- the query "latest" --- */

/* versionHasGoMod: it is not one that we would make up. */
static int has_real_gomod(struct code *c, struct str v, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf made = BUF(MAX_URI + 10);

	if (code_mod(c, v, &text, err) < 0)
		return -1;
	code_legacy_gomod(c, &made);
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
		if (!all && code_is_retracted(c, v))
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
		rc = code_convert(c, &head, STR(""), ret, err);
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
		if (code_is_retracted(c, buf_view(&head.version)))
			return err_set(err, FAULT_NOT_FOUND, "no matching versions for query "
				       "\"latest\"");
		buf_str(&v, buf_view(&head.version));
	}
	return code_stat(c, buf_view(&v), ret, err);
}
