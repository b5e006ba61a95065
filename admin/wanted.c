/* admin/wanted.c: what a project needs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdlib.h>

#include "admin/wanted.h"
#include "base/err.h"
#include "base/io.h"
#include "base/mem.h"
#include "fetch/gomod.h"
#include "module/modpath.h"

#include "base/banned.h"

void wanted_release(struct wanted *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->items[i].path);
		free(w->items[i].version);
	}
	free(w->items);
	*w = WANTED();
}

static void add(struct wanted *w, enum kind kind, struct str path, struct str version)
{
	if (w->n == w->size) {
		w->size = w->size ? w->size * 2 : 64;
		w->items = xreallocarray(w->items, w->size, sizeof(*w->items));
	}
	w->items[w->n++] = (struct want){ kind, xmemdup0(path.p, path.n),
					  xmemdup0(version.p, version.n) };
}

void wanted_version(struct wanted *w, struct str path, struct str version)
{
	CLEANUP(err_release) struct err ignored = ERR();

	if (str_eqz(version, "latest")) {
		add(w, KIND_LATEST, path, version);
		return;
	}
	bool exact = modpath_check_version(path, version, &ignored) == 0;
	add(w, exact ? KIND_INFO : KIND_QUERY, path, version);
	if (exact && w->zips)
		add(w, KIND_ZIP, path, version);
}

int wanted_operand(struct wanted *w, const char *operand, struct err *err)
{
	struct str s = str_of(operand);
	ptrdiff_t at = str_rchr(s, '@');

	if (at <= 0 || (size_t)at + 1 == s.n)
		return err_set(err, FAULT_BAD_REQUEST,
			       "\"%s\" is no go.mod, go.sum or MODULE@VERSION", operand);
	struct str path = str_head(s, (size_t)at);
	if (modpath_check(path, err) < 0)
		return -1;
	wanted_version(w, path, str_from(s, (size_t)at + 1));
	return 0;
}

/* What a go.mod says about its requirements: exclusions come first, as
 * replacements by nothing. */
struct edits {
	struct wanted *w;
	struct gomod_replace *items;
	size_t n;
	size_t size;
};

static void edits_release(struct edits *e)
{
	free(e->items);
}

static void on_replace(void *ctx, const struct gomod_replace *r)
{
	struct edits *e = ctx;

	if (e->n == e->size) {
		e->size = e->size ? e->size * 2 : 16;
		e->items = xreallocarray(e->items, e->size, sizeof(*e->items));
	}
	e->items[e->n++] = *r;
}

static void on_exclude(void *ctx, struct str path, struct str version)
{
	on_replace(ctx, &(struct gomod_replace){ path, version, STR(""), STR("") });
}

/* The one for this version comes before the one for all versions. */
static const struct gomod_replace *find_edit(const struct edits *e, struct str path,
					     struct str version)
{
	const struct gomod_replace *of_all = NULL;

	for (size_t i = 0; i < e->n; i++) {
		const struct gomod_replace *r = &e->items[i];

		if (!str_eq(r->path, path))
			continue;
		if (str_eq(r->version, version))
			return r;
		if (r->version.n == 0)
			of_all = r;
	}
	return of_all;
}

static void on_require(void *ctx, struct str path, struct str version)
{
	const struct edits *e = ctx;
	const struct gomod_replace *r = find_edit(e, path, version);

	if (!r)
		wanted_version(e->w, path, version);
	else if (r->new_version.n)
		wanted_version(e->w, r->new_path, r->new_version);
}

int wanted_gomod(struct wanted *w, struct str text, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(edits_release) struct edits edits = { w, NULL, 0, 0 };

	if (gomod_parse(text, &path, err) < 0)
		return -1;
	gomod_exclusions(text, on_exclude, &edits);
	gomod_replacements(text, on_replace, &edits);
	gomod_requirements(text, on_require, &edits);
	return 0;
}

/* "path version[/go.mod] hash" */
int wanted_gosum(struct wanted *w, struct str text, struct err *err)
{
	struct str line;

	for (int number = 1; str_cut(&text, '\n', &line); number++) {
		struct str path;
		struct str version;
		struct str hash;

		line = str_trim(line);
		if (line.n == 0)
			continue;
		if (!str_cut(&line, ' ', &path) || !str_cut(&line, ' ', &version) ||
		    !str_cut(&line, ' ', &hash) || line.p)
			return err_set(err, FAULT_BAD_REQUEST, "line %d: not a line of a go.sum",
				       number);
		if (str_ends(version, STR("/go.mod")))
			add(w, KIND_MOD, path, str_head(version, version.n - 7));
		else
			wanted_version(w, path, version);
	}
	return 0;
}

int wanted_file(struct wanted *w, const char *file, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_SMALL_FILE);
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, file, O_RDONLY, 0);

	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, -fd, "%s", file);
	int rc = io_read_all(fd, &text);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "%s", file);
	if (str_ends(str_of(file), STR(".sum")))
		rc = wanted_gosum(w, buf_view(&text), err);
	else
		rc = wanted_gomod(w, buf_view(&text), err);
	return rc < 0 ? err_wrap(err, "%s", file) : 0;
}
