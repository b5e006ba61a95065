/* tests/unit/test_merge.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/limits.h"
#include "fetch/merge.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *path, *source, *cached, *merged;
	bool pseudo;
} merges[] = {
	{ "a.b/m", "", "", "", false },
	{ "a.b/m", "v1.0.0\nv1.1.0\n", "", "v1.0.0\nv1.1.0\n", false },
	{ "a.b/m", "v1.10.0\nv1.9.0\nv1.10.0-rc1\n", "", "v1.9.0\nv1.10.0-rc1\nv1.10.0\n", false },
	{ "a.b/m", "v1.1.0\n", "v1.0.0 v1.1.0", "v1.0.0\nv1.1.0\n", false },
	{ "a.b/m", "v1.1.0 2020-01-02T03:04:05Z\r\n\n  \nv1.0.0\ttime\n", "", "v1.0.0\nv1.1.0\n",
	  false },
	{ "a.b/m", "v1\nv1.0\nv1.0.0+meta\nv01.0.0\nmaster\n1.0.0\n<html>\n", "", "", false },
	{ "a.b/m", "v2.0.0\nv2.0.0+incompatible\nv1.0.0+incompatible\n", "",
	  "v1.0.0+incompatible\nv2.0.0+incompatible\n", false },
	{ "a.b/m/v2", "v1.0.0\nv2.0.0\nv1.0.0+incompatible\nv3.0.0\n", "", "v2.0.0\n", false },
	{ "gopkg.in/y.v3", "v2.0.0\nv3.0.0\n", "v3.1.0", "v3.0.0\nv3.1.0\n", false },
	{ "a.b/m", "v0.0.0-20200101000000-abcdefabcdef\n", "", "", true },
	{ "a.b/m", "v1.0.0\n", "v1.0.1-0.20200101000000-abcdefabcdef", "v1.0.0\n", true },
	{ "golang.org/toolchain", "v0.0.1-go1.9.linux-amd64\nv0.0.1-go1.21.0.linux-amd64\n", "",
	  "v0.0.1-go1.9.linux-amd64\nv0.0.1-go1.21.0.linux-amd64\n", false },
};

START_TEST(merges_sorts_and_drops)
{
	CLEANUP(buf_release) struct buf out = BUF(MAX_SMALL_FILE);
	CLEANUP(versions_release) struct versions vs;
	struct str cached = str_of(merges[_i].cached);
	struct str v;

	versions_init(&vs, str_of(merges[_i].path));
	while (str_cut(&cached, ' ', &v))
		versions_offer(&vs, v);
	versions_offer_list(&vs, str_of(merges[_i].source));
	versions_text(&vs, &out);
	unit_eq(buf_view(&out), str_of(merges[_i].merged));
	ck_assert(vs.pseudo_seen == merges[_i].pseudo);
}
END_TEST

START_TEST(a_long_list_keeps_each_version_once)
{
	CLEANUP(buf_release) struct buf out = BUF(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf list = BUF(MAX_SMALL_FILE);
	CLEANUP(versions_release) struct versions vs;

	for (int i = 9999; i >= 0; i--)
		buf_printf(&list, "v1.%d.0\nv1.%d.0\n", i, i);
	versions_init(&vs, STR("a.b/m"));
	versions_offer_list(&vs, buf_view(&list));
	versions_text(&vs, &out);
	size_t lines = 0;
	for (size_t i = 0; i < out.n; i++)
		lines += out.p[i] == '\n';
	ck_assert_uint_eq(lines, 10000);
	ck_assert(str_starts(buf_view(&out), STR("v1.0.0\nv1.1.0\nv1.2.0\n")));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(merges_sorts_and_drops, merges),
		UNIT(a_long_list_keeps_each_version_once),
	};
	return unit_run("merge", tests, ARRAY_SIZE(tests));
}
