/* serve/route.c: what a path asks for.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "serve/route.h"

#include "base/banned.h"

static const struct {
	const char *path;
	enum route route;
} pages[] = {
	{ "/", ROUTE_HOME },
	{ "/healthz", ROUTE_HEALTHZ },
	{ "/readyz", ROUTE_READYZ },
	{ "/version", ROUTE_VERSION },
};

static const struct {
	const char *suffix;
	enum kind kind;
} files[] = {
	{ ".info", KIND_INFO },
	{ ".mod", KIND_MOD },
	{ ".zip", KIND_ZIP },
};

/* What follows /@v/. */
static int parse_file(struct str module, struct str file, struct key *k, struct err *err)
{
	if (str_eq(file, STR("list")))
		return key_set_escaped(k, KIND_LIST, module, STR(""), err);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct str suffix = str_of(files[i].suffix);
		if (str_ends(file, suffix))
			return key_set_escaped(k, files[i].kind, module,
					       str_head(file, file.n - suffix.n), err);
	}
	return err_set(err, FAULT_NOT_FOUND, "no such file: a version has .info, .mod and .zip");
}

/* The endpoint is the first that occurs, since what follows lookup/ may have
 * the same words in it, and a database's name cannot. */
static int parse_sumdb(struct str rest, struct key *k, struct err *err)
{
	ptrdiff_t lookup = str_find(rest, STR("/lookup/"));
	ptrdiff_t tile = str_find(rest, STR("/tile/"));

	if (lookup >= 0 && (tile < 0 || lookup < tile))
		return key_set_escaped(k, KIND_SUMDB_LOOKUP, str_head(rest, (size_t)lookup),
				       str_from(rest, (size_t)lookup + 8), err);
	if (tile >= 0)
		return key_set_escaped(k, KIND_SUMDB_TILE, str_head(rest, (size_t)tile),
				       str_from(rest, (size_t)tile + 6), err);
	if (str_ends(rest, STR("/supported")))
		return key_set_escaped(k, KIND_SUMDB_SUPPORTED, str_head(rest, rest.n - 10),
				       STR(""), err);
	if (str_ends(rest, STR("/latest")))
		return key_set_escaped(k, KIND_SUMDB_LATEST, str_head(rest, rest.n - 7), STR(""),
				       err);
	return err_set(err, FAULT_NOT_FOUND, "no such path of a checksum database");
}

int route_parse(struct str path, enum route *ret_route, struct key *k, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		if (str_eqz(path, pages[i].path)) {
			*ret_route = pages[i].route;
			return 0;
		}
	}
	*ret_route = ROUTE_KEY;
	if (str_starts(path, STR("/sumdb/")))
		return parse_sumdb(str_from(path, 7), k, err);
	struct str latest = STR("/@latest");
	if (str_ends(path, latest) && path.n > latest.n)
		return key_set_escaped(k, KIND_LATEST,
				       str_head(str_from(path, 1), path.n - 1 - latest.n),
				       STR(""), err);
	ptrdiff_t v = str_rfind(path, STR("/@v/"));
	if (v > 0)
		return parse_file(str_head(str_from(path, 1), (size_t)v - 1),
				  str_from(path, (size_t)v + 4), k, err);
	return err_set(err, FAULT_NOT_FOUND,
		       "no such page: a go command asks for <module>/@v/... or <module>/@latest");
}
