/* module/modpath.c: module paths, by the rules of golang.org/x/mod/module.
 *
 * A path that passed modpath_check() is ASCII, relative, has no "." or ".."
 * elements, and after escaping is the same on file systems that ignore case.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "module/modpath.h"
#include "module/semver.h"
#include "module/utf8.h"

#include "base/banned.h"

/* Where an ASCII character may stand. */
#define IN_MODULE 1	/* in a module path */
#define IN_FILE 2	/* in a file name, in a version */
#define IN_HOST 4	/* in a module path's first element */

#define BOTH (IN_MODULE | IN_FILE)
#define ALL (IN_MODULE | IN_FILE | IN_HOST)

static const unsigned char where[128] = {
	['0'] = ALL, ['1'] = ALL, ['2'] = ALL, ['3'] = ALL, ['4'] = ALL,
	['5'] = ALL, ['6'] = ALL, ['7'] = ALL, ['8'] = ALL, ['9'] = ALL,
	['a'] = ALL, ['b'] = ALL, ['c'] = ALL, ['d'] = ALL, ['e'] = ALL, ['f'] = ALL,
	['g'] = ALL, ['h'] = ALL, ['i'] = ALL, ['j'] = ALL, ['k'] = ALL, ['l'] = ALL,
	['m'] = ALL, ['n'] = ALL, ['o'] = ALL, ['p'] = ALL, ['q'] = ALL, ['r'] = ALL,
	['s'] = ALL, ['t'] = ALL, ['u'] = ALL, ['v'] = ALL, ['w'] = ALL, ['x'] = ALL,
	['y'] = ALL, ['z'] = ALL,
	['A'] = BOTH, ['B'] = BOTH, ['C'] = BOTH, ['D'] = BOTH, ['E'] = BOTH, ['F'] = BOTH,
	['G'] = BOTH, ['H'] = BOTH, ['I'] = BOTH, ['J'] = BOTH, ['K'] = BOTH, ['L'] = BOTH,
	['M'] = BOTH, ['N'] = BOTH, ['O'] = BOTH, ['P'] = BOTH, ['Q'] = BOTH, ['R'] = BOTH,
	['S'] = BOTH, ['T'] = BOTH, ['U'] = BOTH, ['V'] = BOTH, ['W'] = BOTH, ['X'] = BOTH,
	['Y'] = BOTH, ['Z'] = BOTH,
	['-'] = ALL, ['.'] = ALL, ['_'] = BOTH, ['~'] = BOTH,
	['!'] = IN_FILE, ['#'] = IN_FILE, ['$'] = IN_FILE, ['%'] = IN_FILE, ['&'] = IN_FILE,
	['('] = IN_FILE, [')'] = IN_FILE, ['+'] = IN_FILE, [','] = IN_FILE, ['='] = IN_FILE,
	['@'] = IN_FILE, ['['] = IN_FILE, [']'] = IN_FILE, ['^'] = IN_FILE, ['{'] = IN_FILE,
	['}'] = IN_FILE, [' '] = IN_FILE,
};

/* What an error text quotes at most: several fit in one MAX_ERRTEXT. */
#define MAX_QUOTE 160

void modpath_quote(struct str s, struct buf *out)
{
	uint32_t r = 0;
	bool cut = s.n > MAX_QUOTE;

	s = str_head(s, MAX_QUOTE);
	buf_putc(out, '"');
	while (s.n) {
		size_t n = utf8_next(s, &r);
		if (n == 1 && (r == '"' || r == '\\'))
			buf_putc(out, '\\');
		if (n == 1 ? r >= ' ' && r < 0x7f : n > 1 && utf8_is_letter(r)) {
			buf_add(out, s.p, n);
		} else {
			n = 1;
			buf_printf(out, "\\x%02x", (unsigned int)(unsigned char)s.p[0]);
		}
		s = str_from(s, n);
	}
	buf_puts(out, cut ? "...\"" : "\"");
}

int modpath_wrap(struct err *err, const char *what, struct str s)
{
	CLEANUP(buf_release) struct buf quoted = BUF(MAX_ERRTEXT);

	modpath_quote(s, &quoted);
	return err_wrap(err, "%s %s", what, quoted.p);
}

static int bad(struct err *err, const char *rule)
{
	return err_set(err, FAULT_NOT_FOUND, "%s", rule);
}

/* What begins with `c`'s first byte is not allowed: shows the whole code point. */
static int bad_char(struct err *err, struct str c, const char *rule)
{
	uint32_t r = 0;
	size_t n = utf8_next(c, &r);

	bad(err, rule);
	return modpath_wrap(err, "the character", str_head(c, n ? n : 1));
}

/* Names that Windows gives to devices, whatever their case. */
static bool is_device(struct str s)
{
	static const char *const names[] = { "CON", "PRN", "AUX", "NUL", "COM", "LPT" };

	if (s.n != 3 && s.n != 4)
		return false;
	if (s.n == 4 && (s.p[3] < '1' || s.p[3] > '9'))
		return false;
	for (size_t i = s.n == 3 ? 0 : 4; i < (s.n == 3 ? 4 : ARRAY_SIZE(names)); i++)
		if (str_caseeq(str_head(s, 3), str_of(names[i])))
			return true;
	return false;
}

/* "ab~1": what Windows makes of a long name. */
static bool is_short_name(struct str s)
{
	size_t i = s.n;

	while (i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9')
		i--;
	return i > 0 && i < s.n && s.p[i - 1] == '~';
}

static int check_chars(struct str elem, unsigned char place, struct err *err)
{
	for (size_t i = 0; i < elem.n; i++) {
		unsigned char c = (unsigned char)elem.p[i];
		if (c < 0x80 && (where[c] & place))
			continue;
		uint32_t r = 0;
		size_t n = utf8_next(str_from(elem, i), &r);
		if (c < 0x80 || place != IN_FILE || !n || !utf8_is_letter(r))
			return bad_char(err, str_from(elem, i), "not allowed");
		i += n - 1;
	}
	return 0;
}

/* One element; place is IN_MODULE or IN_FILE. */
static int check_elem(struct str elem, unsigned char place, struct err *err)
{
	size_t dots = 0;

	if (elem.n == 0)
		return bad(err, "empty path element");
	while (dots < elem.n && elem.p[dots] == '.')
		dots++;
	if (dots == elem.n)
		return bad(err, "a path element has nothing but dots");
	if (dots && place == IN_MODULE)
		return bad(err, "a path element begins with a dot");
	if (elem.p[elem.n - 1] == '.')
		return bad(err, "a path element ends with a dot");
	if (check_chars(elem, place, err) < 0)
		return -1;
	ptrdiff_t dot = str_chr(elem, '.');
	struct str stem = dot < 0 ? elem : str_head(elem, (size_t)dot);
	if (is_device(stem))
		return bad(err, "a path element is a device's name on Windows");
	if (place == IN_MODULE && is_short_name(stem))
		return bad(err, "a path element ends with a tilde and digits");
	return 0;
}

static int check_elems(struct str path, unsigned char place, struct err *err)
{
	struct str elem;

	if (!path.p)
		path = STR("");
	while (str_cut(&path, '/', &elem))
		if (check_elem(elem, place, err) < 0)
			return -1;
	return 0;
}

static int check_host(struct str path, struct err *err)
{
	ptrdiff_t slash = str_chr(path, '/');
	struct str host = slash < 0 ? path : str_head(path, (size_t)slash);

	if (str_chr(host, '.') < 0)
		return bad(err, "no dot in the first path element");
	if (host.p[0] == '-')
		return bad(err, "leading dash");
	for (size_t i = 0; i < host.n; i++)
		if (!(where[(unsigned char)host.p[i]] & IN_HOST))
			return bad_char(err, str_from(host, i),
					"not allowed in the first path element");
	return 0;
}

int modpath_check(struct str path, struct err *err)
{
	struct str prefix;
	struct str major;

	int rc = check_elems(path, IN_MODULE, err);
	if (!rc)
		rc = check_host(path, err);
	if (!rc && !modpath_split(path, &prefix, &major))
		rc = bad(err, "it ends with something like a major version that is none");
	return rc < 0 ? modpath_wrap(err, "malformed module path", path) : 0;
}

/* "gopkg.in/yaml.v2", "gopkg.in/yaml.v2-unstable", and for x/mod even
 * "gopkg.in/yaml.v-unstable", which no version fits. */
static bool split_gopkg(struct str path, struct str *ret_prefix, struct str *ret_major)
{
	size_t i = path.n;

	if (str_ends(path, STR("-unstable")))
		i -= STR("-unstable").n;
	while (i > 0 && path.p[i - 1] >= '0' && path.p[i - 1] <= '9')
		i--;
	if (i == path.n || i < 2 || path.p[i - 1] != 'v' || path.p[i - 2] != '.')
		return false;
	if (path.p[i] == '0' && i + 1 != path.n)
		return false;
	*ret_prefix = str_head(path, i - 2);
	*ret_major = str_from(path, i - 2);
	return true;
}

bool modpath_split(struct str path, struct str *ret_prefix, struct str *ret_major)
{
	size_t i = path.n;
	bool dot = false;

	if (str_starts(path, STR("gopkg.in/")))
		return split_gopkg(path, ret_prefix, ret_major);
	for (; i > 0; i--) {
		char c = path.p[i - 1];
		if (c != '.' && (c < '0' || c > '9'))
			break;
		dot = dot || c == '.';
	}
	struct str digits = str_from(path, i);
	if (i < 2 || digits.n == 0 || path.p[i - 1] != 'v' || path.p[i - 2] != '/') {
		*ret_prefix = path;
		*ret_major = STR("");
		return true;
	}
	if (dot || digits.p[0] == '0' || str_eq(digits, STR("1")))
		return false;
	*ret_prefix = str_head(path, i - 2);
	*ret_major = str_from(path, i - 2);
	return true;
}

/* "v2" for "/v2", ".v2" and ".v2-unstable". */
static struct str major_prefix(struct str path_major)
{
	if (str_starts(path_major, STR(".v")) && str_ends(path_major, STR("-unstable")))
		path_major.n -= STR("-unstable").n;
	return str_from(path_major, 1);
}

bool modpath_major_fits(struct str version, struct str path_major)
{
	struct str major = semver_major(version);
	struct str wanted = major_prefix(path_major);

	if (path_major.n == 0)
		return str_eq(major, STR("v0")) || str_eq(major, STR("v1")) ||
		       str_eq(semver_build(version), STR("+incompatible"));
	/* An old bug made such versions for gopkg.in, and they are in use. */
	if (path_major.p[0] == '.' && str_eq(wanted, STR("v1")) &&
	    str_starts(version, STR("v0.0.0-")))
		return true;
	return (path_major.p[0] == '/' || path_major.p[0] == '.') && str_eq(major, wanted);
}

int modpath_version_fits(struct str path, struct str version, struct err *err)
{
	CLEANUP(buf_release) struct buf rule = BUF(MAX_ERRTEXT);
	struct str prefix = STR("");
	struct str path_major = STR("");

	bool ok = modpath_split(path, &prefix, &path_major);
	bool canonical = semver_is_canonical(version);
	if (ok && canonical && modpath_major_fits(version, path_major))
		return 0;
	buf_printf(&rule, "%.*s: version ", STR_ARG(str_head(path, MAX_QUOTE)));
	modpath_quote(version, &rule);
	if (canonical) {
		buf_puts(&rule, " should be ");
		buf_str(&rule, path_major.n ? major_prefix(path_major) : STR("v0 or v1"));
		buf_puts(&rule, ", not ");
		buf_str(&rule, semver_major(version));
	} else {
		buf_puts(&rule, " is not a canonical semantic version");
	}
	return bad(err, rule.p);
}

int modpath_check_version(struct str path, struct str version, struct err *err)
{
	if (modpath_check(path, err) < 0)
		return -1;
	return modpath_version_fits(path, version, err);
}

int modpath_check_file_elem(struct str elem, struct err *err)
{
	return check_elem(elem, IN_FILE, err);
}

int modpath_check_file(struct str path, struct err *err)
{
	if (check_elems(path, IN_FILE, err) < 0)
		return modpath_wrap(err, "malformed file path", path);
	return 0;
}

/* Each upper-case letter becomes '!' and the lower-case one, so that names that
 * differ in case alone are different files everywhere. */
static int escape(struct str s, struct buf *out, const char *what, struct err *err)
{
	size_t upper = 0;

	for (size_t i = 0; i < s.n; i++)
		upper += s.p[i] >= 'A' && s.p[i] <= 'Z';
	char *to = buf_room(out, s.n + upper);
	if (!to)
		return buf_ok(out, what, err);
	for (size_t i = 0; i < s.n; i++) {
		bool is_upper = s.p[i] >= 'A' && s.p[i] <= 'Z';
		if (is_upper)
			*to++ = '!';
		*to++ = is_upper ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
	}
	buf_grown(out, s.n + upper);
	return 0;
}

/* Writes the plain form, never longer than s: its length, or -1. */
static ssize_t unescape_to(char *to, struct str s, struct err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if ((unsigned char)c >= 0x80)
			return bad_char(err, str_from(s, i), "not allowed");
		if (c >= 'A' && c <= 'Z')
			return bad(err, "an upper-case letter is not escaped as ! and the "
					"lower-case one");
		if (c == '!') {
			i++;
			if (i == s.n || s.p[i] < 'a' || s.p[i] > 'z')
				return bad(err, "no lower-case letter follows a !");
			c = (char)(s.p[i] - 'a' + 'A');
		}
		to[n++] = c;
	}
	return (ssize_t)n;
}

/* Appends the plain form, whose other rules the caller checks. */
static int unescape(struct str s, struct buf *out, const char *what, struct err *err)
{
	char *to = buf_room(out, s.n);

	if (!to)
		return buf_ok(out, what, err);
	ssize_t n = unescape_to(to, s, err);
	buf_grown(out, n < 0 ? 0 : (size_t)n);
	return n < 0 ? -1 : 0;
}

int modpath_escape(struct str path, struct buf *out, struct err *err)
{
	if (modpath_check(path, err) < 0)
		return -1;
	return escape(path, out, "the module path", err);
}

int modpath_escape_version(struct str version, struct buf *out, struct err *err)
{
	int rc = check_elem(version, IN_FILE, err);

	for (size_t i = 0; !rc && i < version.n; i++)
		if (version.p[i] == '!' || (unsigned char)version.p[i] >= 0x80)
			rc = bad_char(err, str_from(version, i), "not allowed");
	if (rc < 0)
		return modpath_wrap(err, "malformed version", version);
	return escape(version, out, "the version", err);
}

int modpath_unescape(struct str epath, struct buf *out, struct err *err)
{
	size_t from = out->n;

	if (unescape(epath, out, "the module path", err) < 0)
		return modpath_wrap(err, "malformed escaped module path", epath);
	int rc = modpath_check(str_from(buf_view(out), from), err);
	if (rc < 0)
		buf_cut(out, from);
	return rc;
}

int modpath_unescape_version(struct str eversion, struct buf *out, struct err *err)
{
	size_t from = out->n;

	int rc = unescape(eversion, out, "the version", err);
	if (!rc)
		rc = check_elem(str_from(buf_view(out), from), IN_FILE, err);
	if (rc < 0) {
		buf_cut(out, from);
		return modpath_wrap(err, "malformed escaped version", eversion);
	}
	return 0;
}
