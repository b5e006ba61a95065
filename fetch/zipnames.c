/* fetch/zipnames.c: the names in a module zip, by the rules of x/mod/zip.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "fetch/zipdir.h"
#include "fetch/zipnames.h"
#include "module/modpath.h"
#include "module/utf8.h"

#include "base/banned.h"

/* Files and folders: above what the directory's maximum has room for, unless
 * somebody nests folders for its own sake. */
#define MAX_SEEN (1u << 20)

struct zipname {
	const char *p;		/* NULL: a free slot */
	uint32_t hash;		/* of the folded name */
	uint16_t n;		/* zipdir's names have at most 4096 bytes */
	bool folder;
	bool entry;		/* not only a parent of one */
};

void zipnames_init(struct zipnames *z, struct str prefix)
{
	/* Whoever makes a zip shall not know which names share a slot. */
	*z = (struct zipnames){
		.prefix = prefix,
		.seed = (uint64_t)(uintptr_t)z * 0x9e3779b97f4a7c15u ^ (uint64_t)clock_ms(),
	};
}

void zipnames_release(struct zipnames *z)
{
	free(z->slots);
	*z = (struct zipnames){ .slots = NULL };
}

/* Both are valid UTF-8. */
static bool same_folded(struct str a, struct str b)
{
	uint32_t x = 0;
	uint32_t y = 0;

	while (a.n && b.n) {
		size_t n = utf8_next(a, &x);
		size_t m = utf8_next(b, &y);
		if (utf8_fold(x) != utf8_fold(y))
			return false;
		a = str_from(a, n);
		b = str_from(b, m);
	}
	return a.n == b.n;
}

static uint64_t hash_folded(uint64_t h, struct str s)
{
	uint32_t r = 0;

	while (s.n) {
		size_t n = utf8_next(s, &r);
		h = (h ^ utf8_fold(r)) * 0x100000001b3u;
		s = str_from(s, n);
	}
	h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
	return h ^ h >> 33;
}

static struct zipname *find(const struct zipnames *z, struct str name, uint32_t hash)
{
	size_t i = hash & (z->room - 1);

	for (;; i = (i + 1) & (z->room - 1)) {
		struct zipname *at = &z->slots[i];
		if (!at->p ||
		    (at->hash == hash && same_folded(str_make(at->p, at->n), name)))
			return at;
	}
}

static void grow(struct zipnames *z, size_t room)
{
	struct zipname *old = z->slots;
	size_t n = z->room;

	z->room = room;
	z->slots = xcalloc(z->room, sizeof(*z->slots));
	for (size_t i = 0; i < n; i++) {
		if (!old[i].p)
			continue;
		size_t at = old[i].hash & (z->room - 1);
		while (z->slots[at].p)
			at = (at + 1) & (z->room - 1);
		z->slots[at] = old[i];
	}
	free(old);
}

static bool is_full(size_t n, size_t room)
{
	return n + n / 2 >= room;
}

void zipnames_expect(struct zipnames *z, size_t n)
{
	size_t room = 1024;

	while (room < MAX_SEEN && is_full(n, room))
		room *= 2;
	if (room > z->room)
		grow(z, room);
}

/* 1: it is new; 0: a folder that is known already. */
static int see(struct zipnames *z, struct str name, bool folder, bool entry, struct err *err)
{
	if (is_full(z->n, z->room))
		grow(z, z->room ? 2 * z->room : 1024);
	uint32_t hash = (uint32_t)hash_folded(z->seed, name);
	struct zipname *at = find(z, name, hash);
	if (at->p) {
		if (!str_eq(str_make(at->p, at->n), name))
			return zipdir_bad(err, RULE_CASE, name);
		if (at->folder != folder)
			return zipdir_bad(err, RULE_CLASH, name);
		if (!folder || (entry && at->entry))
			return zipdir_bad(err, RULE_TWICE, name);
		at->entry |= entry;
		return 0;
	}
	if (z->n >= MAX_SEEN)
		return zipdir_bad(err, RULE_TOO_MANY, name);
	*at = (struct zipname){ name.p, hash, (uint16_t)name.n, folder, entry };
	z->n++;
	return 1;
}

/* The name and its parents, up to one that is known: its parents are known too. */
static int see_all(struct zipnames *z, struct str name, bool folder, struct err *err)
{
	int rc = see(z, name, folder, true, err);

	while (rc > 0) {
		ptrdiff_t slash = str_rchr(name, '/');
		if (slash < 0)
			return 0;
		name = str_head(name, (size_t)slash);
		rc = see(z, name, true, false, err);
	}
	return rc < 0 ? -1 : 0;
}

/* path.Clean would change it, or it is empty, absolute or leaves. */
static bool is_unclean(struct str name)
{
	struct str elem;

	do {
		ptrdiff_t slash = str_chr(name, '/');
		elem = slash < 0 ? name : str_head(name, (size_t)slash);
		if (elem.n == 0 || str_eqz(elem, ".") || str_eqz(elem, ".."))
			return true;
		if (slash < 0)
			return false;
		name = str_from(name, elem.n + 1);
	} while (true);
}

static int check_file(struct str name, struct err *err)
{
	CLEANUP(err_release) struct err why = ERR();

	if (modpath_check_file(name, &why) == 0)
		return 0;
	zipdir_bad(err, RULE_NAME, name);
	buf_puts(&err->text, " (");
	buf_str(&err->text, str_head(buf_view(&why.text), 200));
	buf_puts(&err->text, ")");
	return -1;
}

static int check_gomod(struct str name, struct err *err)
{
	ptrdiff_t slash = str_rchr(name, '/');

	if (!str_caseeq(str_from(name, (size_t)(slash + 1)), STR("go.mod")))
		return 0;
	if (slash >= 0)
		return zipdir_bad(err, RULE_GOMOD_PLACE, name);
	return str_eqz(name, "go.mod") ? 0 : zipdir_bad(err, RULE_GOMOD_CASE, name);
}

int zipnames_add(struct zipnames *z, struct str name, struct str *ret_rel, struct err *err)
{
	if (!str_starts(name, z->prefix))
		return zipdir_bad(err, RULE_PREFIX, name);
	struct str rel = str_from(name, z->prefix.n);
	*ret_rel = rel;
	if (rel.n == 0) {
		/* go ignores the root's own entry */
		if (z->root)
			return zipdir_bad(err, RULE_TWICE, name);
		z->root = true;
		return 0;
	}
	bool folder = rel.p[rel.n - 1] == '/';
	if (folder)
		rel = str_head(rel, rel.n - 1);
	if (is_unclean(rel))
		return zipdir_bad(err, RULE_CLEAN, name);
	if (check_file(rel, err) < 0 || see_all(z, rel, folder, err) < 0)
		return -1;
	return folder ? 0 : check_gomod(rel, err);
}
