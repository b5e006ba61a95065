/* tests/unit/test_key.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "module/key.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	enum kind kind;
	const char *path, *version;	/* plain */
	const char *epath, *eversion;
	enum kind becomes;
	const char *file, *url, *text;
} keys[] = {
	{ KIND_LIST, "github.com/BurntSushi/toml", "", "github.com/!burnt!sushi/toml", "",
	  KIND_LIST, "mod/github.com/!burnt!sushi/toml/@v/list",
	  "github.com/%21burnt%21sushi/toml/@v/list", "github.com/BurntSushi/toml" },
	{ KIND_LATEST, "example.com/m", "", "example.com/m", "", KIND_LATEST,
	  "mod/example.com/m/@latest", "example.com/m/@latest", "example.com/m@latest" },
	{ KIND_INFO, "github.com/BurntSushi/toml", "v1.0.0-RC1",
	  "github.com/!burnt!sushi/toml", "v1.0.0-!r!c1", KIND_INFO,
	  "mod/github.com/!burnt!sushi/toml/@v/v1.0.0-!r!c1.info",
	  "github.com/%21burnt%21sushi/toml/@v/v1.0.0-%21r%21c1.info",
	  "github.com/BurntSushi/toml@v1.0.0-RC1" },
	{ KIND_MOD, "example.com/m/v2", "v2.0.0", "example.com/m/v2", "v2.0.0", KIND_MOD,
	  "mod/example.com/m/v2/@v/v2.0.0.mod", "example.com/m/v2/@v/v2.0.0.mod",
	  "example.com/m/v2@v2.0.0" },
	{ KIND_ZIP, "example.com/m", "v2.0.0+incompatible", "example.com/m",
	  "v2.0.0+incompatible", KIND_ZIP, "mod/example.com/m/@v/v2.0.0+incompatible.zip",
	  "example.com/m/@v/v2.0.0+incompatible.zip", "example.com/m@v2.0.0+incompatible" },
	{ KIND_ZIP, "gopkg.in/check.v1", "v0.0.0-20161208181325-20d25e280405",
	  "gopkg.in/check.v1", "v0.0.0-20161208181325-20d25e280405", KIND_ZIP,
	  "mod/gopkg.in/check.v1/@v/v0.0.0-20161208181325-20d25e280405.zip",
	  "gopkg.in/check.v1/@v/v0.0.0-20161208181325-20d25e280405.zip",
	  "gopkg.in/check.v1@v0.0.0-20161208181325-20d25e280405" },
	{ KIND_QUERY, "example.com/m", "master", "example.com/m", "master", KIND_QUERY,
	  "state/query/example.com/m/@v/master", "example.com/m/@v/master.info",
	  "example.com/m@master" },
	/* What is no canonical version of this module is a query; and the other
	 * way round. */
	{ KIND_INFO, "example.com/m", "HEAD", "example.com/m", "!h!e!a!d", KIND_QUERY,
	  "state/query/example.com/m/@v/!h!e!a!d", "example.com/m/@v/%21h%21e%21a%21d.info",
	  "example.com/m@HEAD" },
	{ KIND_INFO, "example.com/m", "v1", "example.com/m", "v1", KIND_QUERY,
	  "state/query/example.com/m/@v/v1", "example.com/m/@v/v1.info", "example.com/m@v1" },
	{ KIND_INFO, "example.com/m", "v1.0.0+meta", "example.com/m", "v1.0.0+meta", KIND_QUERY,
	  "state/query/example.com/m/@v/v1.0.0+meta", "example.com/m/@v/v1.0.0+meta.info",
	  "example.com/m@v1.0.0+meta" },
	{ KIND_INFO, "example.com/m", "v2.0.0", "example.com/m", "v2.0.0", KIND_QUERY,
	  "state/query/example.com/m/@v/v2.0.0", "example.com/m/@v/v2.0.0.info",
	  "example.com/m@v2.0.0" },
	{ KIND_INFO, "example.com/m/v2", "v1.0.0", "example.com/m/v2", "v1.0.0", KIND_QUERY,
	  "state/query/example.com/m/v2/@v/v1.0.0", "example.com/m/v2/@v/v1.0.0.info",
	  "example.com/m/v2@v1.0.0" },
	{ KIND_QUERY, "example.com/m", "v1.0.0", "example.com/m", "v1.0.0", KIND_INFO,
	  "mod/example.com/m/@v/v1.0.0.info", "example.com/m/@v/v1.0.0.info",
	  "example.com/m@v1.0.0" },
	/* Escaped as cmd/go's pathEscape does. */
	{ KIND_INFO, "example.com/m", "#$%&()+,-.=@[]^_{}~ x", "example.com/m",
	  "#$%&()+,-.=@[]^_{}~ x", KIND_QUERY,
	  "state/query/example.com/m/@v/#$%&()+,-.=@[]^_{}~ x",
	  "example.com/m/@v/%23$%25&%28%29+%2C-.=@%5B%5D%5E_%7B%7D~%20x.info",
	  "example.com/m@#$%&()+,-.=@[]^_{}~ x" },
	{ KIND_SUMDB_SUPPORTED, "sum.golang.org", "", "sum.golang.org", "",
	  KIND_SUMDB_SUPPORTED, "state/sumdb/sum.golang.org/supported",
	  "sumdb/sum.golang.org/supported", "sum.golang.org/supported" },
	{ KIND_SUMDB_LATEST, "localhost.localdev/sumdb", "", "localhost.localdev/sumdb", "",
	  KIND_SUMDB_LATEST, "state/sumdb/localhost.localdev/sumdb/latest",
	  "sumdb/localhost.localdev/sumdb/latest", "localhost.localdev/sumdb/latest" },
	{ KIND_SUMDB_LOOKUP, "sum.golang.org", "rsc.io/!quote@v1.5.2-!r!c1", "sum.golang.org",
	  "rsc.io/!quote@v1.5.2-!r!c1", KIND_SUMDB_LOOKUP,
	  "state/sumdb/sum.golang.org/lookup/rsc.io/!quote@v1.5.2-!r!c1",
	  "sumdb/sum.golang.org/lookup/rsc.io/%21quote@v1.5.2-%21r%21c1",
	  "sum.golang.org/lookup/rsc.io/!quote@v1.5.2-!r!c1" },
	{ KIND_SUMDB_TILE, "sum.golang.org", "8/0/x001/234.p/5", "sum.golang.org",
	  "8/0/x001/234.p/5", KIND_SUMDB_TILE,
	  "state/sumdb/sum.golang.org/tile/8/0/x001/234.p/5",
	  "sumdb/sum.golang.org/tile/8/0/x001/234.p/5",
	  "sum.golang.org/tile/8/0/x001/234.p/5" },
};

static void check_key(const struct key *k, int i)
{
	struct buf b = BUF(1000);

	ck_assert_int_eq(k->kind, keys[i].becomes);
	ck_assert_str_eq(k->path.p, keys[i].path);
	ck_assert_str_eq(k->version.p, keys[i].version);
	ck_assert_str_eq(k->epath.p, keys[i].epath);
	ck_assert_str_eq(k->eversion.p, keys[i].eversion);
	buf_puts(&b, "x:");
	key_file(k, &b);
	unit_eq(str_from(buf_view(&b), 2), str_of(keys[i].file));
	buf_reset(&b);
	buf_puts(&b, "x:");
	key_url(k, &b);
	unit_eq(str_from(buf_view(&b), 2), str_of(keys[i].url));
	buf_reset(&b);
	buf_puts(&b, "x:");
	key_text(k, &b);
	unit_eq(str_from(buf_view(&b), 2), str_of(keys[i].text));
	buf_release(&b);
}

START_TEST(escaped_and_plain_give_the_same_key)
{
	struct key k = KEY();
	struct err err = ERR();

	int rc = key_set_escaped(&k, keys[_i].kind, str_of(keys[_i].epath),
				 str_of(keys[_i].eversion), &err);
	ck_assert_msg(rc == 0, "%s", err.text.p);
	check_key(&k, _i);
	rc = key_set_plain(&k, keys[_i].kind, str_of(keys[_i].path), str_of(keys[_i].version),
			   &err);
	ck_assert_msg(rc == 0, "%s", err.text.p);
	check_key(&k, _i);
	key_release(&k);
	err_release(&err);
}
END_TEST

static const struct {
	enum kind kind;
	const char *epath, *eversion;
	const char *text;	/* what the error says, somewhere */
} refused[] = {
	{ KIND_LIST, "", "", "empty path element" },
	{ KIND_LIST, "example", "", "no dot" },
	{ KIND_LIST, "example.com/M", "", "escaped" },
	{ KIND_LIST, "example.com/../m", "", "dots" },
	{ KIND_LIST, "/example.com/m", "", "empty path element" },
	{ KIND_LIST, "example.com/m/v1", "", "major version" },
	{ KIND_LIST, "example.com/m@v", "", "\"@\"" },
	{ KIND_INFO, "example.com/m", "", "empty" },
	{ KIND_INFO, "example.com/m", "feature/x", "\"/\"" },
	{ KIND_INFO, "example.com/m", "..", "dots" },
	{ KIND_INFO, "example.com/m", "V1.0.0", "escaped" },
	{ KIND_INFO, "example.com/m", "nul", "Windows" },
	{ KIND_INFO, "example.com/m", "latest", "\"latest\"" },
	{ KIND_INFO, "example.com/m", "upgrade", "\"upgrade\"" },
	{ KIND_INFO, "example.com/m", "patch", "\"patch\"" },
	{ KIND_QUERY, "example.com/m", "latest", "\"latest\"" },
	{ KIND_MOD, "example.com/m", "latest", "\"latest\"" },
	{ KIND_ZIP, "example.com/m", "v2.0.0",
	  "example.com/m: version \"v2.0.0\" should be v0 or v1, not v2" },
	{ KIND_MOD, "example.com/m/v2", "v1.0.0",
	  "example.com/m/v2: version \"v1.0.0\" should be v2, not v1" },
	{ KIND_MOD, "example.com/m", "master",
	  "\"master\" is not a canonical version; ask for master.info first" },
	{ KIND_ZIP, "example.com/m", "v1.0",
	  "\"v1.0\" is not a canonical version; ask for v1.0.info first" },
	{ KIND_ZIP, "example.com/m", "v1.0.0+meta", "is not a canonical version" },
	{ KIND_SUMDB_SUPPORTED, "", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "sum", "", "no dot" },
	{ KIND_SUMDB_SUPPORTED, "localhost:8080", "", "no dot" },
	{ KIND_SUMDB_SUPPORTED, "a.b:8080", "", "not allowed" },
	{ KIND_SUMDB_SUPPORTED, "Sum.golang.org", "", "not allowed" },
	{ KIND_SUMDB_SUPPORTED, "sum.golang.org/..", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "../a.b", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "./a.b", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "sum.golang.org/", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "/sum.golang.org", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "sum.golang.org//x", "", "malformed path element" },
	{ KIND_SUMDB_SUPPORTED, "a.b/x!", "", "not allowed" },
	{ KIND_SUMDB_SUPPORTED, "a.b\n", "", "not allowed" },
};

START_TEST(what_breaks_a_rule_is_not_found_and_says_which)
{
	struct key k = KEY();
	struct err err = ERR();

	ck_assert_int_eq(key_set_escaped(&k, refused[_i].kind, str_of(refused[_i].epath),
					 str_of(refused[_i].eversion), &err), -1);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	ck_assert_msg(strstr(err.text.p, refused[_i].text) != NULL, "%s", err.text.p);
	key_release(&k);
	err_release(&err);
}
END_TEST

START_TEST(plain_refuses_what_cannot_be_escaped)
{
	static const char *const versions[] = { "a!b", "a/b", "\xc3\xa9", "..", "", "patch" };
	struct key k = KEY();
	struct err err = ERR();

	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		ck_assert_int_eq(key_set_plain(&k, KIND_QUERY, STR("example.com/m"),
					       str_of(versions[i]), &err), -1);
		ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
	}
	ck_assert_int_eq(key_set_plain(&k, KIND_LIST, STR("example.com/!m"), STR(""), &err), -1);
	key_release(&k);
	err_release(&err);
}
END_TEST

static const struct {
	const char *rest;
	bool ok;
} lookups[] = {
	{ "rsc.io/quote@v1.5.2", true },
	{ "rsc.io/!quote@v1.5.2-!r!c1", true },
	{ "rsc.io/quote@v2.0.0+incompatible", true },
	{ "golang.org/toolchain@v0.0.1-go1.21.0.linux-amd64", true },
	{ "rsc.io/quote", false },
	{ "rsc.io/quote@", false },
	{ "@v1.5.2", false },
	{ "rsc.io/quote@v1", false },
	{ "rsc.io/quote@v1.5.2+meta", false },
	{ "rsc.io/quote@master", false },
	{ "rsc.io/quote@latest", false },
	{ "rsc.io/Quote@v1.5.2", false },
	{ "rsc.io/quote@v1.5.2-RC1", false },
	{ "rsc.io/quote@v1.5.2/go.mod", false },
	{ "rsc.io/quote@x@v1.5.2", false },
	{ "rsc.io/../quote@v1.5.2", false },
	{ "rscio/quote@v1.5.2", false },
	{ "/rsc.io/quote@v1.5.2", false },
	{ "", false },
};

START_TEST(lookups_name_a_module_and_a_version)
{
	struct key k = KEY();
	struct err err = ERR();

	ck_assert_int_eq(key_set_escaped(&k, KIND_SUMDB_LOOKUP, STR("sum.golang.org"),
					 str_of(lookups[_i].rest), &err),
			 lookups[_i].ok ? 0 : -1);
	ck_assert_int_eq(err.fault, lookups[_i].ok ? FAULT_NONE : FAULT_NOT_FOUND);
	key_release(&k);
	err_release(&err);
}
END_TEST

/* golang.org/x/mod/sumdb/tlog, ParseTilePath, at height 8. */
static const struct {
	const char *rest;
	bool ok;
} tiles[] = {
	{ "8/0/000", true },
	{ "8/0/005", true },
	{ "8/0/999", true },
	{ "8/0/x001/000", true },
	{ "8/0/x001/x234/067", true },
	{ "8/63/000", true },
	{ "8/data/000", true },
	{ "8/data/x001/234", true },
	{ "8/1/000.p/1", true },
	{ "8/1/x001/234.p/255", true },
	{ "8/0/x999/x999/x999/x999/x999/999", true },
	{ "8/0/x001/x000/x000/x000/x000/x000/000", false },	/* passes 63 bits */
	{ "8/0/x000/001", false },
	{ "8/0/x000/000", false },
	{ "8/64/000", false },
	{ "8/00/000", false },
	{ "8/01/000", false },
	{ "8/-1/000", false },
	{ "8/+1/000", false },
	{ "8/Data/000", false },
	{ "9/0/000", false },
	{ "08/0/000", false },
	{ "8/0", false },
	{ "8/0/", false },
	{ "8/", false },
	{ "8", false },
	{ "", false },
	{ "/8/0/000", false },
	{ "8//000", false },
	{ "8/0/0", false },
	{ "8/0/00", false },
	{ "8/0/0000", false },
	{ "8/0/x00", false },
	{ "8/0/x001", false },
	{ "8/0/001/000", false },
	{ "8/0/x001/x000", false },
	{ "8/0/x001//000", false },
	{ "8/0/x001/000/", false },
	{ "8/0/X001/000", false },
	{ "8/0/y001/000", false },
	{ "8/0/00a", false },
	{ "8/0/-01", false },
	{ "8/0/000.p/0", false },
	{ "8/0/000.p/256", false },
	{ "8/0/000.p/01", false },
	{ "8/0/000.p/", false },
	{ "8/0/000.p", false },
	{ "8/0/000.p/1/2", false },
	{ "8/0/000.p/1.p/1", false },
	{ "8/0/.p/1", false },
	{ "8/0/000.p/-1", false },
	{ "8/0/../000", false },
	{ "8/0.p/1/000", false },
};

START_TEST(tiles_have_one_spelling_each)
{
	struct key k = KEY();
	struct err err = ERR();

	ck_assert_int_eq(key_set_escaped(&k, KIND_SUMDB_TILE, STR("sum.golang.org"),
					 str_of(tiles[_i].rest), &err), tiles[_i].ok ? 0 : -1);
	ck_assert_int_eq(err.fault, tiles[_i].ok ? FAULT_NONE : FAULT_NOT_FOUND);
	key_release(&k);
	err_release(&err);
}
END_TEST

START_TEST(kinds_without_a_version_ignore_it)
{
	struct key k = KEY();
	struct err err = ERR();

	ck_assert_int_eq(key_set_escaped(&k, KIND_LIST, STR("a.b/c"), STR("../x"), &err), 0);
	ck_assert_str_eq(k.eversion.p, "");
	ck_assert_int_eq(key_set_plain(&k, KIND_LATEST, STR("a.b/c"), STR("../x"), &err), 0);
	ck_assert_str_eq(k.version.p, "");
	ck_assert_int_eq(key_set_escaped(&k, KIND_SUMDB_LATEST, STR("a.b"), STR("x"), &err), 0);
	ck_assert_str_eq(k.eversion.p, "");
	key_release(&k);
	err_release(&err);
}
END_TEST

START_TEST(nothing_is_left_of_the_key_before)
{
	struct key k = KEY();
	struct err err = ERR();

	ck_assert_int_eq(key_set_escaped(&k, KIND_ZIP, STR("example.com/!long"),
					 STR("v1.0.0-!r!c1"), &err), 0);
	ck_assert_int_eq(key_set_escaped(&k, KIND_LIST, STR("a.b"), STR(""), &err), 0);
	ck_assert_str_eq(k.path.p, "a.b");
	ck_assert_str_eq(k.version.p, "");
	ck_assert_str_eq(k.epath.p, "a.b");
	ck_assert_str_eq(k.eversion.p, "");
	key_reset(&k);
	ck_assert_str_eq(k.path.p, "");
	key_release(&k);
	key_release(NULL);
	err_release(&err);
}
END_TEST

START_TEST(a_warm_key_allocates_nothing)
{
	struct key k = KEY();
	struct err err = ERR();
	const char *path = NULL;
	const char *version = NULL;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(key_set_escaped(&k, KIND_ZIP, STR("example.com/!long"),
						 STR("v1.0.0-!r!c1"), &err), 0);
		ck_assert(!path || path == k.path.p);
		ck_assert(!version || version == k.version.p);
		path = k.path.p;
		version = k.version.p;
	}
	key_release(&k);
	err_release(&err);
}
END_TEST

/* A file name has at most 255 bytes, ".ziphash" included. */
static const struct {
	const char *before;
	size_t n;
	const char *after;
	const char *version;
	bool storable;
} long_names[] = {
	{ "example.com/", 255, "", "v1.0.0", true },
	{ "example.com/", 256, "", "v1.0.0", false },
	{ "example.com/", 255, "/m", "v1.0.0", true },
	{ "example.com/A", 253, "", "v1.0.0", true },
	{ "example.com/A", 254, "", "v1.0.0", false },
	{ "example.com/m", 0, "", "v1.0.0-", true },
	{ "example.com/m", 240, "", "v1.0.0-", true },
	{ "example.com/m", 241, "", "v1.0.0-", false },
};

START_TEST(name_that_no_disk_can_hold_is_not_found)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf version = BUF(MAX_URI);
	bool in_version = str_ends(str_of(long_names[_i].version), STR("-"));

	buf_puts(&path, long_names[_i].before);
	buf_puts(&version, long_names[_i].version);
	for (size_t i = 0; i < long_names[_i].n; i++)
		buf_putc(in_version ? &version : &path, 'a');
	if (in_version && long_names[_i].n == 0)
		buf_putc(&version, 'a');
	buf_puts(&path, long_names[_i].after);
	int rc = key_set_plain(&k, KIND_MOD, buf_view(&path), buf_view(&version), &err);
	ck_assert_msg((rc == 0) == long_names[_i].storable, "%s", err.text.p);
	if (rc < 0)
		ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
}
END_TEST

START_TEST(path_that_is_too_long_is_not_found)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(buf_release) struct buf path = BUF(MAX_URI);

	buf_puts(&path, "example.com");
	while (path.n < MAX_RELPATH)
		buf_puts(&path, "/abcdefghi");
	ck_assert_int_lt(key_set_plain(&k, KIND_LIST, buf_view(&path), STR(""), &err), 0);
	ck_assert_int_eq(err.fault, FAULT_NOT_FOUND);
}
END_TEST

static const struct {
	enum kind kind;
	const char *name, *suffix;
	bool immutable, versioned;
} kinds[] = {
	{ KIND_LIST, "list", "", false, false },
	{ KIND_LATEST, "latest", "", false, false },
	{ KIND_INFO, "info", ".info", true, true },
	{ KIND_MOD, "mod", ".mod", true, true },
	{ KIND_ZIP, "zip", ".zip", true, true },
	{ KIND_QUERY, "query", ".info", false, true },
	{ KIND_SUMDB_SUPPORTED, "sumdb-supported", "", false, false },
	{ KIND_SUMDB_LATEST, "sumdb-latest", "", false, false },
	{ KIND_SUMDB_LOOKUP, "sumdb-lookup", "", true, true },
	{ KIND_SUMDB_TILE, "sumdb-tile", "", true, true },
};

START_TEST(kinds_have_their_row_and_name)
{
	const struct kind_row *row = kind_row(kinds[_i].kind);
	enum kind k = KIND_COUNT;

	ck_assert_uint_eq(ARRAY_SIZE(kinds), KIND_COUNT);
	ck_assert_str_eq(row->name, kinds[_i].name);
	ck_assert_str_eq(row->suffix, kinds[_i].suffix);
	ck_assert_int_eq(row->immutable, kinds[_i].immutable);
	ck_assert_int_eq(row->versioned, kinds[_i].versioned);
	ck_assert_int_eq(row->max_size, kinds[_i].kind == KIND_ZIP ? MAX_ZIP_FILE : MAX_SMALL_FILE);
	ck_assert_int_eq(kind_of_name(str_of(kinds[_i].name), &k), 0);
	ck_assert_int_eq(k, kinds[_i].kind);
}
END_TEST

START_TEST(unknown_names_are_no_kind)
{
	enum kind k = KIND_ZIP;

	ck_assert_int_eq(kind_of_name(STR(""), &k), -1);
	ck_assert_int_eq(kind_of_name(STR("Info"), &k), -1);
	ck_assert_int_eq(kind_of_name(STR("sumdb"), &k), -1);
	ck_assert_int_eq(k, KIND_ZIP);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(escaped_and_plain_give_the_same_key, keys),
		UNIT_EACH(what_breaks_a_rule_is_not_found_and_says_which, refused),
		UNIT(plain_refuses_what_cannot_be_escaped),
		UNIT_EACH(lookups_name_a_module_and_a_version, lookups),
		UNIT_EACH(tiles_have_one_spelling_each, tiles),
		UNIT(kinds_without_a_version_ignore_it),
		UNIT(nothing_is_left_of_the_key_before),
		UNIT(a_warm_key_allocates_nothing),
		UNIT_EACH(name_that_no_disk_can_hold_is_not_found, long_names),
		UNIT(path_that_is_too_long_is_not_found),
		UNIT_EACH(kinds_have_their_row_and_name, kinds),
		UNIT(unknown_names_are_no_kind),
	};

	return unit_run("key", tests, ARRAY_SIZE(tests));
}
