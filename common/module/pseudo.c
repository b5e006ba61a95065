/* module/pseudo.c: pseudo-versions, by the rules of x/mod/module. A version
 * that names a commit has one of the forms
 *
 *	1	vX.0.0-yyyymmddhhmmss-rev		no older version
 *	2	vX.Y.(Z+1)-0.yyyymmddhhmmss-rev		after vX.Y.Z
 *	3	vX.Y.Z-pre.0.yyyymmddhhmmss-rev		after vX.Y.Z-pre
 *
 * with "+incompatible" or other build metadata behind it where the older
 * version has that.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/parse.h"
#include "module/modpath.h"
#include "module/pseudo.h"
#include "module/semver.h"

#include "base/banned.h"

#define TIME_DIGITS 14

/* Views into a pseudo-version. */
struct parts {
	struct str base;	/* "vX.0.0", "vX.Y.Z-0", "vX.Y.Z-pre.0" */
	struct str time, rev;
	struct str build;	/* with its '+', or "" */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool all_digits(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

/* What stands before the time is "vX.0.0-", "vX.Y.Z-0." or "vX.Y.Z-pre.0.". */
static bool base_fits(struct str before, struct str pre)
{
	if (before.p[before.n - 1] == '-' && before.n == (size_t)(pre.p - before.p) + 1) {
		ptrdiff_t dot = str_chr(before, '.');
		return str_eq(str_from(before, (size_t)dot), STR(".0.0-"));
	}
	return str_ends(before, STR("-0.")) ? before.n == (size_t)(pre.p - before.p) + 3 :
					      str_ends(before, STR(".0."));
}

static bool parse(struct str v, struct parts *p)
{
	struct str pre = semver_prerelease(v);

	p->build = semver_build(v);
	v.n -= p->build.n;
	ptrdiff_t dash = str_rchr(pre, '-');
	if (dash < TIME_DIGITS + 1)
		return false;
	p->rev = str_from(pre, (size_t)dash + 1);
	p->time = str_make(pre.p + dash - TIME_DIGITS, TIME_DIGITS);
	/* No dash is left in rev, and semver allows nothing but letters, digits
	 * and dots besides. */
	if (p->rev.n == 0 || str_chr(p->rev, '.') >= 0 || !all_digits(p->time))
		return false;
	p->base = str_head(v, (size_t)(p->time.p - v.p));
	if (!base_fits(p->base, pre))
		return false;
	p->base.n--;
	return true;
}

/* The decimal number plus one, in place of the digits at out's end that begin
 * at `from`. */
static void increment(struct buf *out, size_t from)
{
	size_t i = out->n;

	if (out->over)
		return;
	while (i > from && out->p[i - 1] == '9')
		out->p[--i] = '0';
	if (i > from) {
		out->p[i - 1]++;
		return;
	}
	out->p[from] = '1';
	buf_putc(out, '0');
}

/* Minus one; -1 when the number is zero. */
static int decrement(struct buf *out, size_t from)
{
	size_t i = out->n;

	while (i > from && out->p[i - 1] == '0')
		i--;
	if (i == from)
		return -1;
	out->p[i - 1]--;
	for (size_t j = i; j < out->n; j++)
		out->p[j] = '9';
	if (out->p[from] == '0' && out->n > from + 1) { /* 100 is 099 now */
		out->p[from] = '9';
		buf_cut(out, out->n - 1);
	}
	return 0;
}

bool pseudo_is(struct str version)
{
	struct parts p;

	return parse(version, &p);
}

void pseudo_make(struct str major, struct str older, time_t when, struct str rev,
		 struct buf *out)
{
	struct tm tm;
	struct str build = semver_build(older);
	size_t from = out->n;

	semver_canonical(older, out);
	ptrdiff_t dot = str_rchr(str_from(buf_view(out), from), '.');
	if (!semver_valid(older)) {
		buf_str(out, major.n ? major : STR("v0"));
		buf_puts(out, ".0.0-");
		build = STR("");
	} else if (semver_prerelease(older).n) {
		buf_puts(out, ".0.");
	} else if (dot >= 0) {
		increment(out, from + (size_t)dot + 1);
		buf_puts(out, "-0.");
	}
	if (!gmtime_r(&when, &tm))
		tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	buf_printf(out, "%04d%02d%02d%02d%02d%02d-", tm.tm_year + 1900, tm.tm_mon + 1,
		   tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	buf_str(out, rev);
	buf_str(out, build);
}

int pseudo_parts(struct str version, struct str *ret_time, struct str *ret_rev)
{
	struct parts p;

	if (!parse(version, &p))
		return -1;
	*ret_time = p.time;
	*ret_rev = p.rev;
	return 0;
}

int pseudo_time(struct str version, time_t *ret_t)
{
	/* Where each digit stands in RFC 3339, which base/parse.h reads. */
	static const unsigned char place[TIME_DIGITS] = {
		0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18
	};
	char text[] = "yyyy-mm-ddThh:mm:ssZ";
	struct parts p;

	if (!parse(version, &p))
		return -1;
	for (size_t i = 0; i < TIME_DIGITS; i++)
		text[place[i]] = p.time.p[i];
	return parse_rfc3339(str_of(text), ret_t) < 0 ? -1 : 0;
}

static int bad(struct str version, const char *why, struct err *err)
{
	err_set(err, FAULT_NOT_FOUND, "%s", why);
	return modpath_wrap(err, "pseudo-version", version);
}

int pseudo_base(struct str version, struct buf *out, struct err *err)
{
	struct parts p;
	size_t from = out->n;

	if (!parse(version, &p))
		return bad(version, "is not one", err);
	struct str pre = semver_prerelease(p.base);
	if (pre.n == 0) {
		if (p.build.n)
			return bad(version, "lacks a base version, but has build metadata", err);
		return 0;
	}
	buf_str(out, str_head(p.base, p.base.n - 2)); /* "-0" or ".0" */
	if (str_eq(pre, STR("-0")) && !out->over) {
		ptrdiff_t dot = str_rchr(str_from(buf_view(out), from), '.');
		if (dot >= 0 && decrement(out, from + (size_t)dot + 1) < 0) {
			buf_cut(out, from);
			return bad(version, "its base version would have a negative patch number",
				   err);
		}
	}
	buf_str(out, p.build);
	return buf_ok(out, "the base version", err);
}
