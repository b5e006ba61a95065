/* module/semver.c: semantic versions, by the rules of golang.org/x/mod/semver.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "module/semver.h"

#include "base/banned.h"

/* Views into a version; minor and patch are empty where "v1" and "v1.2" leave
 * them out, pre and build begin with their '-' and '+'. */
struct parts {
	struct str major, minor, patch, pre, build;
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_ident(char c)
{
	return is_digit(c) || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-';
}

static bool is_number(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_digit(s.p[i]))
			return false;
	return true;
}

/* Takes a number without needless zeros off the front of *rest. */
static bool take_number(struct str *rest, struct str *ret_number)
{
	size_t n = 0;

	while (n < rest->n && is_digit(rest->p[n]))
		n++;
	if (n == 0 || (n > 1 && rest->p[0] == '0'))
		return false;
	*ret_number = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return true;
}

/* The same for ".number". */
static bool take_dot_number(struct str *rest, struct str *ret_number)
{
	if (rest->n == 0 || rest->p[0] != '.')
		return false;
	*rest = str_from(*rest, 1);
	return take_number(rest, ret_number);
}

/* Takes the mark and the identifiers behind it, separated by dots, off the
 * front of *rest. Numbers among them may begin with a zero only if `zeros`. */
static bool take_idents(struct str *rest, bool zeros, struct str *ret_idents)
{
	size_t start = 1;
	bool number = true;

	for (size_t i = 1;; i++) {
		char c = i < rest->n ? rest->p[i] : '\0';
		if (i < rest->n && is_ident(c)) {
			number = number && is_digit(c);
			continue;
		}
		if (i == start || (number && !zeros && i > start + 1 && rest->p[start] == '0'))
			return false;
		start = i + 1;
		number = true;
		if (c == '.')
			continue;
		*ret_idents = str_head(*rest, i);
		*rest = str_from(*rest, i);
		return true;
	}
}

static bool parse(struct str v, struct parts *p)
{
	*p = (struct parts){ .major = { "", 0 } };
	p->minor = p->patch = p->pre = p->build = p->major;
	if (v.n == 0 || v.p[0] != 'v')
		return false;
	v = str_from(v, 1);
	if (!take_number(&v, &p->major))
		return false;
	if (v.n == 0)
		return true;
	if (!take_dot_number(&v, &p->minor))
		return false;
	if (v.n == 0)
		return true;
	if (!take_dot_number(&v, &p->patch))
		return false;
	if (v.n && v.p[0] == '-' && !take_idents(&v, false, &p->pre))
		return false;
	if (v.n && v.p[0] == '+' && !take_idents(&v, true, &p->build))
		return false;
	return v.n == 0;
}

/* An absent number counts as zero. */
static int cmp_number(struct str a, struct str b)
{
	if (a.n == 0)
		a = STR("0");
	if (b.n == 0)
		b = STR("0");
	if (a.n != b.n)
		return a.n < b.n ? -1 : 1;
	return str_cmp(a, b);
}

static int cmp_ident(struct str a, struct str b)
{
	bool a_number = is_number(a);
	bool b_number = is_number(b);

	if (a_number != b_number)
		return a_number ? -1 : 1;
	return a_number ? cmp_number(a, b) : str_cmp(a, b);
}

static int cmp_pre(struct str a, struct str b)
{
	struct str x;
	struct str y;

	if (a.n == 0 || b.n == 0)
		return (a.n == 0) - (b.n == 0);
	a = str_from(a, 1);
	b = str_from(b, 1);
	while (a.p && b.p) {
		str_cut(&a, '.', &x);
		str_cut(&b, '.', &y);
		int c = cmp_ident(x, y);
		if (c)
			return c;
	}
	return (a.p != NULL) - (b.p != NULL);
}

bool semver_valid(struct str v)
{
	struct parts p;

	return parse(v, &p);
}

int semver_cmp(struct str a, struct str b)
{
	struct parts x;
	struct parts y;
	bool a_ok = parse(a, &x);
	bool b_ok = parse(b, &y);

	if (!a_ok || !b_ok)
		return a_ok - b_ok;
	int c = cmp_number(x.major, y.major);
	if (!c)
		c = cmp_number(x.minor, y.minor);
	if (!c)
		c = cmp_number(x.patch, y.patch);
	return c ? c : cmp_pre(x.pre, y.pre);
}

int semver_order(struct str a, struct str b)
{
	int c = semver_cmp(a, b);

	return c ? c : str_cmp(a, b);
}

static void add_canonical(const struct parts *p, struct buf *out)
{
	buf_putc(out, 'v');
	buf_str(out, p->major);
	buf_putc(out, '.');
	buf_str(out, p->minor.n ? p->minor : STR("0"));
	buf_putc(out, '.');
	buf_str(out, p->patch.n ? p->patch : STR("0"));
	buf_str(out, p->pre);
}

void semver_canonical(struct str v, struct buf *out)
{
	struct parts p;

	if (parse(v, &p))
		add_canonical(&p, out);
}

void semver_module_canonical(struct str v, struct buf *out)
{
	struct parts p;

	if (!parse(v, &p))
		return;
	add_canonical(&p, out);
	if (str_eq(p.build, STR("+incompatible")))
		buf_str(out, p.build);
}

bool semver_is_canonical(struct str v)
{
	struct parts p;

	return parse(v, &p) && p.patch.n &&
	       (p.build.n == 0 || str_eq(p.build, STR("+incompatible")));
}

struct str semver_major(struct str v)
{
	struct parts p;

	return parse(v, &p) ? str_head(v, 1 + p.major.n) : STR("");
}

struct str semver_major_minor(struct str v)
{
	struct parts p;

	if (!parse(v, &p))
		return STR("");
	return str_head(v, 1 + p.major.n + (p.minor.n ? 1 + p.minor.n : 0));
}

struct str semver_prerelease(struct str v)
{
	struct parts p;

	return parse(v, &p) ? p.pre : STR("");
}

struct str semver_build(struct str v)
{
	struct parts p;

	return parse(v, &p) ? p.build : STR("");
}
