/* module/key.c: what a request asks for, in the one form that may become a
 * file name.
 *
 * Every request passes here: nothing is allocated once the buffers are warm,
 * and each text is read a fixed number of times.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/parse.h"
#include "module/key.h"
#include "module/modpath.h"
#include "module/semver.h"

#include "base/banned.h"

static const struct kind_row rows[KIND_COUNT] = {
	[KIND_LIST] = { .name = "list", .suffix = "", .max_size = MAX_SMALL_FILE },
	[KIND_LATEST] = { .name = "latest", .suffix = "", .max_size = MAX_SMALL_FILE },
	[KIND_INFO] = { .name = "info", .suffix = ".info", .immutable = true,
			.versioned = true, .max_size = MAX_SMALL_FILE },
	[KIND_MOD] = { .name = "mod", .suffix = ".mod", .immutable = true,
		       .versioned = true, .max_size = MAX_SMALL_FILE },
	[KIND_ZIP] = { .name = "zip", .suffix = ".zip", .immutable = true,
		       .versioned = true, .max_size = MAX_ZIP_FILE },
	[KIND_QUERY] = { .name = "query", .suffix = ".info", .versioned = true,
			 .max_size = MAX_SMALL_FILE },
	[KIND_SUMDB_SUPPORTED] = { .name = "sumdb-supported", .suffix = "",
				   .max_size = MAX_SMALL_FILE },
	[KIND_SUMDB_LATEST] = { .name = "sumdb-latest", .suffix = "",
				.max_size = MAX_SMALL_FILE },
	[KIND_SUMDB_LOOKUP] = { .name = "sumdb-lookup", .suffix = "", .immutable = true,
				.versioned = true, .max_size = MAX_SMALL_FILE },
	[KIND_SUMDB_TILE] = { .name = "sumdb-tile", .suffix = "", .immutable = true,
			      .versioned = true, .max_size = MAX_SMALL_FILE },
};

/* What stands around the path and the version, in files and in URLs. */
static const struct frame {
	const char *file, *file_mid, *file_end;
	const char *url, *url_mid, *url_end;
} frames[KIND_COUNT] = {
	[KIND_LIST] = { "mod/", "/@v/list", "", "", "/@v/list", "" },
	[KIND_LATEST] = { "mod/", "/@latest", "", "", "/@latest", "" },
	[KIND_INFO] = { "mod/", "/@v/", ".info", "", "/@v/", ".info" },
	[KIND_MOD] = { "mod/", "/@v/", ".mod", "", "/@v/", ".mod" },
	[KIND_ZIP] = { "mod/", "/@v/", ".zip", "", "/@v/", ".zip" },
	[KIND_QUERY] = { "state/query/", "/@v/", "", "", "/@v/", ".info" },
	[KIND_SUMDB_SUPPORTED] = { "state/sumdb/", "/supported", "",
				   "sumdb/", "/supported", "" },
	[KIND_SUMDB_LATEST] = { "state/sumdb/", "/latest", "", "sumdb/", "/latest", "" },
	[KIND_SUMDB_LOOKUP] = { "state/sumdb/", "/lookup/", "", "sumdb/", "/lookup/", "" },
	[KIND_SUMDB_TILE] = { "state/sumdb/", "/tile/", "", "sumdb/", "/tile/", "" },
};

const struct kind_row *kind_row(enum kind k)
{
	return &rows[k];
}

int kind_of_name(struct str name, enum kind *ret_k)
{
	for (int k = 0; k < KIND_COUNT; k++) {
		if (str_eqz(name, rows[k].name)) {
			*ret_k = (enum kind)k;
			return 0;
		}
	}
	return -1;
}

void key_reset(struct key *k)
{
	k->kind = KIND_LIST;
	buf_reset(&k->path);
	buf_reset(&k->version);
	buf_reset(&k->epath);
	buf_reset(&k->eversion);
}

void key_release(struct key *k)
{
	if (!k)
		return;
	k->kind = KIND_LIST;
	buf_release(&k->path);
	buf_release(&k->version);
	buf_release(&k->epath);
	buf_release(&k->eversion);
}

static int bad(struct err *err, const char *what, struct str s, const char *rule)
{
	err_set(err, FAULT_NOT_FOUND, "%s", rule);
	return modpath_wrap(err, what, s);
}

/* "sum.golang.org", "localhost.localdev/sumdb". */
static int check_database(struct str name, struct err *err)
{
	struct str rest = name.p ? name : STR("");
	struct str elem;
	bool first = true;

	while (str_cut(&rest, '/', &elem)) {
		if (elem.n == 0 || str_eq(elem, STR(".")) || str_eq(elem, STR("..")))
			return bad(err, "checksum database", name, "malformed path element");
		if (first && str_chr(elem, '.') < 0)
			return bad(err, "checksum database", name,
				   "no dot in the first path element");
		if (elem.p[0] == '-')
			return bad(err, "checksum database", name, "a leading dash");
		first = false;
		for (size_t i = 0; i < elem.n; i++) {
			char c = elem.p[i];
			if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' &&
			    c != '-' && c != '_' && c != '~')
				return bad(err, "checksum database", name,
					   "not allowed in a database's name");
		}
	}
	return 0;
}

/* "rsc.io/!quote@v1.5.2"; scratch is emptied and written to. */
static int check_lookup(struct str rest, struct buf *scratch, struct err *err)
{
	ptrdiff_t at = str_rchr(rest, '@');

	if (at < 0)
		return bad(err, "lookup", rest, "no @ before a version");
	buf_reset(scratch);
	if (modpath_unescape(str_head(rest, (size_t)at), scratch, err) < 0)
		return -1;
	buf_reset(scratch);
	if (modpath_unescape_version(str_from(rest, (size_t)at + 1), scratch, err) < 0)
		return -1;
	if (!semver_is_canonical(buf_view(scratch)))
		return bad(err, "lookup", rest, "not a canonical semantic version");
	return 0;
}

/* A decimal number of at most max without needless zeros. */
static bool is_number(struct str s, uint64_t max)
{
	uint64_t v = 0;

	return parse_u64(s, max, &v) == 0 && (s.n == 1 || s.p[0] != '0');
}

/* Groups of three digits, six at most to fit in 63 bits, with an x before each
 * but the last: "000", "x001/x234/067". *rest holds what follows the level. */
static bool is_tile_number(struct str groups)
{
	struct str group;

	for (int i = 0; i < 6 && str_cut(&groups, '/', &group); i++) {
		uint64_t v = 0;
		bool last = !groups.p;
		struct str digits = last ? group : str_from(group, 1);
		if (digits.n != 3 || parse_u64(digits, 999, &v) < 0 ||
		    (!last && group.p[0] != 'x') || (!last && i == 0 && v == 0))
			return false;
		if (last)
			return true;
	}
	return false;
}

/* "8/0/x001/234.p/5", as golang.org/x/mod/sumdb/tlog writes a tile's path; the
 * go command has no other height than 8. */
static int check_tile(struct str rest, struct err *err)
{
	struct str tile = rest;
	struct str level = STR("");

	bool ok = str_starts(tile, STR("8/"));
	tile = str_from(tile, 2);
	ok = ok && str_cut(&tile, '/', &level) && tile.p;
	ok = ok && (str_eq(level, STR("data")) || is_number(level, 63));
	ptrdiff_t partial = ok ? str_find(tile, STR(".p/")) : -1;
	if (partial >= 0) {
		struct str width = str_from(tile, (size_t)partial + 3);
		ok = is_number(width, 255) && width.p[0] != '0';
		tile = str_head(tile, (size_t)partial);
	}
	if (!ok || !is_tile_number(tile))
		return bad(err, "tile", rest, "malformed");
	return 0;
}

/* ".ziphash" is the longest of a version's endings. */
#define MAX_ENDING 8

/* A name that no file system can hold was never stored, and never will be: no
 * source need be asked about it. */
static int check_storable(const struct key *k, struct err *err)
{
	const struct buf *parts[] = { &k->epath, &k->eversion };
	size_t all = 0;

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		size_t ending = i == 1 && !kind_is_sumdb(k->kind) ? MAX_ENDING : 0;
		struct str rest = buf_view(parts[i]);
		struct str elem;
		while (str_cut(&rest, '/', &elem))
			if (elem.n + ending > MAX_NAME)
				return err_set(err, FAULT_NOT_FOUND, "a name of more than %d bytes "
					       "(upper-case letters count twice)", MAX_NAME);
		all += parts[i]->n;
	}
	if (all > MAX_RELPATH - MAX_NAME)
		return err_set(err, FAULT_NOT_FOUND, "a path of more than %d bytes",
			       MAX_RELPATH - MAX_NAME);
	return 0;
}

static int set_sumdb(struct key *k, struct str name, struct str rest, struct err *err)
{
	int rc = check_database(name, err);

	if (!rc && k->kind == KIND_SUMDB_LOOKUP)
		rc = check_lookup(rest, &k->eversion, err);
	if (!rc && k->kind == KIND_SUMDB_TILE)
		rc = check_tile(rest, err);
	if (rc < 0)
		return rc;
	buf_reset(&k->eversion);
	buf_str(&k->path, name);
	buf_str(&k->epath, name);
	if (rows[k->kind].versioned) {
		buf_str(&k->version, rest);
		buf_str(&k->eversion, rest);
	}
	rc = buf_ok(&k->path, "the checksum database's name", err);
	if (rc < 0 || buf_ok(&k->version, "the lookup or tile", err) < 0)
		return -1;
	return check_storable(k, err);
}

/* Turns INFO into QUERY or back, as the version wants it, and refuses versions
 * that are in no file. */
static int settle_version(struct key *k, struct err *err)
{
	struct str version = buf_view(&k->version);

	if (str_eq(version, STR("latest")) || str_eq(version, STR("upgrade")) ||
	    str_eq(version, STR("patch")))
		return err_set(err, FAULT_NOT_FOUND, "\"%s\" is a query of the go command's own; "
			       "ask for @latest or @v/list", version.p);
	bool canonical = semver_is_canonical(version);
	if (k->kind == KIND_INFO || k->kind == KIND_QUERY) {
		struct str prefix = STR("");
		struct str major = STR("");
		bool fits = canonical && modpath_split(buf_view(&k->path), &prefix, &major) &&
			    modpath_major_fits(version, major);
		k->kind = fits ? KIND_INFO : KIND_QUERY;
		return 0;
	}
	if (!canonical) {
		struct str shown = str_head(version, MAX_NAME);
		return err_set(err, FAULT_NOT_FOUND, "\"%.*s\" is not a canonical version; ask "
			       "for %.*s.info first", STR_ARG(shown), STR_ARG(shown));
	}
	return modpath_version_fits(buf_view(&k->path), version, err);
}

int key_set_escaped(struct key *k, enum kind kind, struct str epath, struct str eversion,
		    struct err *err)
{
	key_reset(k);
	k->kind = kind;
	if (kind_is_sumdb(kind))
		return set_sumdb(k, epath, eversion, err);
	if (modpath_unescape(epath, &k->path, err) < 0)
		return -1;
	buf_str(&k->epath, epath);
	if (!rows[kind].versioned)
		return check_storable(k, err);
	if (modpath_unescape_version(eversion, &k->version, err) < 0)
		return -1;
	buf_str(&k->eversion, eversion);
	return check_storable(k, err) < 0 ? -1 : settle_version(k, err);
}

int key_set_plain(struct key *k, enum kind kind, struct str path, struct str version,
		  struct err *err)
{
	key_reset(k);
	k->kind = kind;
	if (kind_is_sumdb(kind))
		return set_sumdb(k, path, version, err);
	if (modpath_escape(path, &k->epath, err) < 0)
		return -1;
	buf_str(&k->path, path);
	if (!rows[kind].versioned)
		return check_storable(k, err);
	if (modpath_escape_version(version, &k->eversion, err) < 0)
		return -1;
	buf_str(&k->version, version);
	return check_storable(k, err) < 0 ? -1 : settle_version(k, err);
}

int key_set_file(struct key *k, struct str file, struct err *err)
{
	static const enum kind kinds[] = { KIND_INFO, KIND_MOD, KIND_ZIP };
	ptrdiff_t at = str_rfind(file, STR("/@v/"));

	key_reset(k);
	for (size_t i = 0; at >= 0 && str_starts(file, STR("mod/")) && i < ARRAY_SIZE(kinds); i++) {
		struct str suffix = str_of(rows[kinds[i]].suffix);
		struct str name = str_from(file, (size_t)at + 4);
		if (!str_ends(name, suffix))
			continue;
		if (key_set_escaped(k, kinds[i], str_from(str_head(file, (size_t)at), 4),
				    str_head(name, name.n - suffix.n), err) < 0)
			return -1;
		if (k->kind == kinds[i])
			return 0;
	}
	return err_set(err, FAULT_NOT_FOUND, "not a version's file");
}

void key_file(const struct key *k, struct buf *out)
{
	const struct frame *f = &frames[k->kind];

	buf_puts(out, f->file);
	buf_str(out, buf_view(&k->epath));
	buf_puts(out, f->file_mid);
	buf_str(out, buf_view(&k->eversion));
	buf_puts(out, f->file_end);
}

/* What net/url leaves alone in a path's element, and the '/' between them. The
 * go command escapes elements one by one (cmd/go's pathEscape), which is why a
 * comma and a semicolon are not among these. */
static bool is_url_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c && strchr("/-._~$&+=:@", c));
}

static void add_url(struct buf *out, struct str s)
{
	while (s.n) {
		size_t n = 0;
		while (n < s.n && is_url_plain(s.p[n]))
			n++;
		buf_str(out, str_head(s, n));
		if (n < s.n)
			buf_printf(out, "%%%02X", (unsigned int)(unsigned char)s.p[n++]);
		s = str_from(s, n);
	}
}

void key_url(const struct key *k, struct buf *out)
{
	const struct frame *f = &frames[k->kind];

	buf_puts(out, f->url);
	add_url(out, buf_view(&k->epath));
	buf_puts(out, f->url_mid);
	add_url(out, buf_view(&k->eversion));
	buf_puts(out, f->url_end);
}

void key_text(const struct key *k, struct buf *out)
{
	const struct frame *f = &frames[k->kind];

	buf_str(out, buf_view(&k->path));
	if (kind_is_sumdb(k->kind)) {
		buf_puts(out, f->url_mid);
		buf_str(out, buf_view(&k->version));
		return;
	}
	if (k->kind == KIND_LATEST)
		buf_puts(out, "@latest");
	if (rows[k->kind].versioned) {
		buf_putc(out, '@');
		buf_str(out, buf_view(&k->version));
	}
}
