/* tests/unit/test_zipnames.c: names beside each other, in any order and number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "fetch/zipdir.h"
#include "fetch/zipnames.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define P "m@v1.0.0/"

static bool has_rule(const struct err *err, enum ziprule rule)
{
	CLEANUP(buf_release) struct buf head = BUF(100);

	buf_printf(&head, "body: bad module zip: %s: ", zipdir_rule(rule));
	return str_starts(buf_view(&err->text), buf_view(&head));
}

/* --- a few names, in each order --- */

#define MOST 4

static const struct {
	const char *names[MOST];
	enum ziprule rule;	/* RULE_COUNT: they may be together */
} sets[] = {
	{ { "a", "b", "c/d", "c/e" }, RULE_COUNT },
	{ { "a/", "a/b", "a/c/", "a/c/d" }, RULE_COUNT },
	{ { "a/b/c/d", "a/b/", "a/", "x" }, RULE_COUNT },
	{ { "", "a", "go.mod", "b/" }, RULE_COUNT },
	{ { "a-b", "a/b", "a.b", "ab" }, RULE_COUNT },
	{ { "a", "A", "b", "c" }, RULE_CASE },
	{ { "x/y", "X/z", "b", "c" }, RULE_CASE },
	{ { "x/y/1", "x/Y/2", "x/", "c" }, RULE_CASE },
	{ { "a/", "A", "b", "c" }, RULE_CASE },
	{ { "\xc3\x84/1", "\xc3\xa4", "b", "c" }, RULE_CASE },
	{ { "a", "a/b", "c", "d" }, RULE_CLASH },
	{ { "a", "a/", "c", "d" }, RULE_CLASH },
	{ { "a/b", "a/b/c/d", "c", "d" }, RULE_CLASH },
	{ { "a", "b", "c", "a" }, RULE_TWICE },
	{ { "a/", "a/b", "c", "a/" }, RULE_TWICE },
	{ { "", "a", "b", "" }, RULE_TWICE },
};

/* 0, or the rule's -1: each name is added once, `order` says which is next. */
static int add_all(const char *const *names, const int *order, struct err *err)
{
	CLEANUP(zipnames_release) struct zipnames z;
	char whole[MOST][64];
	struct str rel;

	zipnames_init(&z, STR(P));
	for (int i = 0; i < MOST; i++) {
		snprintf(whole[i], sizeof(whole[i]), P "%s", names[order[i]]);
		if (zipnames_add(&z, str_of(whole[i]), &rel, err) < 0)
			return -1;
		unit_eq(rel, str_of(names[order[i]]));
	}
	return 0;
}

/* The order-th of the 24 orders of four. */
static void make_order(int order, int ret[MOST])
{
	int left[MOST] = { 0, 1, 2, 3 };

	for (int n = MOST; n > 0; n--) {
		int take = order % n;
		order /= n;
		ret[MOST - n] = left[take];
		for (int i = take; i + 1 < n; i++)
			left[i] = left[i + 1];
	}
}

START_TEST(the_order_of_names_does_not_matter)
{
	for (int order = 0; order < 24; order++) {
		CLEANUP(err_release) struct err err = ERR();
		int which[MOST];

		make_order(order, which);
		int rc = add_all(sets[_i].names, which, &err);
		if (sets[_i].rule == RULE_COUNT)
			ck_assert_msg(rc == 0, "order %d: %s", order, err.text.p);
		else
			ck_assert_msg(rc < 0 && has_rule(&err, sets[_i].rule), "order %d: %s",
				      order, err.text.p);
	}
}
END_TEST

/* --- very many --- */

#define EACH 64

struct many {
	char *text;		/* names, EACH bytes for each, and room for as many others */
	struct zipnames z;
};

static void many_release(struct many *m)
{
	zipnames_release(&m->z);
	free(m->text);
}

/* Files in folders of ten; the claim is that of zipnames_expect(). */
static void add_many(struct many *m, int n, int expect)
{
	CLEANUP(err_release) struct err err = ERR();
	struct str rel;

	m->text = xmallocarray(2 * (size_t)n, EACH);
	zipnames_init(&m->z, STR(P));
	if (expect >= 0)
		zipnames_expect(&m->z, (size_t)expect);
	for (int i = 0; i < n; i++) {
		char *name = m->text + (size_t)i * EACH;
		snprintf(name, EACH, P "Folder%d/file%d", i / 10, i);
		ck_assert_msg(zipnames_add(&m->z, str_of(name), &rel, &err) == 0, "%s", err.text.p);
	}
	ck_assert_uint_eq(m->z.n, (size_t)n + (size_t)(n + 9) / 10);
}

static const struct {
	int n, expect;
} manies[] = {
	{ 5000, -1 }, { 5000, 0 }, { 5000, 1 }, { 5000, 5000 }, { 5000, 1000000000 },
	{ 682, 682 }, { 683, 683 }, { 1, 100000 }, { 100000, 100000 },
};

START_TEST(none_is_forgotten_however_many_were_expected)
{
	CLEANUP(many_release) struct many m;
	int n = manies[_i].n;
	struct str rel;

	add_many(&m, n, manies[_i].expect);
	for (int i = 0; i < n; i += n / 300 + 1) {
		CLEANUP(err_release) struct err err = ERR();

		ck_assert_int_eq(zipnames_add(&m.z, str_of(m.text + (size_t)i * EACH), &rel, &err), -1);
		ck_assert_msg(has_rule(&err, RULE_TWICE), "%s", err.text.p);
		err_reset(&err);
		char *name = m.text + (size_t)(n + i) * EACH;
		snprintf(name, EACH, P "folder%d/other%d", i / 10, i);
		ck_assert_int_eq(zipnames_add(&m.z, str_of(name), &rel, &err), -1);
		ck_assert_msg(has_rule(&err, RULE_CASE), "%s", err.text.p);
	}
}
END_TEST

START_TEST(room_that_was_made_is_enough)
{
	CLEANUP(zipnames_release) struct zipnames z;
	CLEANUP(many_release) struct many m;

	zipnames_init(&z, STR(P));
	zipnames_expect(&z, 100000);
	size_t room = z.room;
	zipnames_expect(&z, 10);
	ck_assert_uint_eq(z.room, room);
	add_many(&m, 90000, 100000);
	ck_assert_uint_eq(m.z.room, room);
}
END_TEST

/* Each of these has 2000 folders of its own: the maximum is passed by folders. */
START_TEST(folders_count_too)
{
	static struct buf names[1000];
	CLEANUP(zipnames_release) struct zipnames z;
	CLEANUP(err_release) struct err err = ERR();
	struct str rel;
	int rc = 0;
	int n = 0;

	zipnames_init(&z, STR(P));
	for (; rc == 0 && n < (int)ARRAY_SIZE(names); n++) {
		names[n] = BUF(4096);
		buf_printf(&names[n], P "%d", n);
		for (int i = 0; i < 2000; i++)
			buf_puts(&names[n], "/a");
		rc = zipnames_add(&z, buf_view(&names[n]), &rel, &err);
	}
	for (int i = 0; i < n; i++)
		buf_release(&names[i]);
	ck_assert_int_eq(rc, -1);
	ck_assert_msg(has_rule(&err, RULE_TOO_MANY), "%s", err.text.p);
	ck_assert_int_eq(n, (1 << 20) / 2001 + 1);
	ck_assert_uint_eq(z.n, 1u << 20);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(the_order_of_names_does_not_matter, sets),
		UNIT_EACH(none_is_forgotten_however_many_were_expected, manies),
		UNIT(room_that_was_made_is_enough),
		UNIT(folders_count_too),
	};
	return unit_run("zipnames", tests, ARRAY_SIZE(tests));
}
