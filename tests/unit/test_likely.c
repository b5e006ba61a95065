/* tests/unit/test_likely.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "base/buf.h"
#include "fetch/likely.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static bool put(void *ctx, struct str path, struct str version)
{
	struct buf *b = ctx;

	buf_str(b, path);
	buf_putc(b, '@');
	buf_str(b, version);
	buf_putc(b, ' ');
	return true;
}

static bool refuse(void *ctx, struct str path, struct str version)
{
	(void)ctx;
	(void)path;
	(void)version;
	return false;
}

static void note(struct likely *l, const char *path, const char *version)
{
	likely_note(l, str_of(path), str_of(version));
}

static void next_are(struct likely *l, const char *path, const char *want)
{
	CLEANUP(buf_release) struct buf got = BUF(10000);

	likely_next(l, str_of(path), put, &got);
	unit_eq(buf_view(&got), str_of(want));
}

START_TEST(the_highest_of_each_comes_in_the_order_of_paths)
{
	CLEANUP(likely_release) struct likely l = LIKELY();

	next_are(&l, "a", "");
	note(&l, "c", "v1.9.0");
	note(&l, "b", "v1.0.0");
	note(&l, "a", "v1.0.0");
	note(&l, "c", "v1.10.0");
	note(&l, "c", "v1.2.0");
	note(&l, "d", "v0.0.0-20200101000000-0123456789ab");
	next_are(&l, "a", "b@v1.0.0 c@v1.10.0 d@v0.0.0-20200101000000-0123456789ab ");
}
END_TEST

START_TEST(nothing_comes_twice_but_what_is_higher)
{
	CLEANUP(likely_release) struct likely l = LIKELY();

	note(&l, "b", "v1.0.0");
	note(&l, "c", "v1.0.0");
	likely_next(&l, STR("a"), refuse, NULL);
	next_are(&l, "a", "b@v1.0.0 c@v1.0.0 ");
	next_are(&l, "a", "");
	note(&l, "b", "v1.0.0");
	note(&l, "c", "v1.0.1");
	next_are(&l, "a", "c@v1.0.1 ");
}
END_TEST

START_TEST(what_is_far_off_waits_for_the_client_to_come_nearer)
{
	CLEANUP(likely_release) struct likely l = LIKELY();
	CLEANUP(buf_release) struct buf near = BUF(10000);
	CLEANUP(buf_release) struct buf far = BUF(10000);
	char path[16];

	for (int i = 0; i < 2 * LIKELY_WINDOW; i++) {
		snprintf(path, sizeof(path), "m%03d", i);
		note(&l, path, "v1.0.0");
		buf_printf(i < LIKELY_WINDOW ? &near : &far, "%s@v1.0.0 ", path);
	}
	next_are(&l, "a", near.p);
	snprintf(path, sizeof(path), "m%03d", LIKELY_WINDOW - 1);
	next_are(&l, path, far.p);
	next_are(&l, "z", "");
}
END_TEST

START_TEST(no_more_are_noted_than_there_is_room_for)
{
	CLEANUP(likely_release) struct likely l = LIKELY();
	char path[16];

	for (int i = 0; i < LIKELY_MAX + 3; i++) {
		snprintf(path, sizeof(path), "m%04d", i);
		note(&l, path, "v1.0.0");
	}
	ck_assert_uint_eq(l.n, LIKELY_MAX);
	note(&l, "m0007", "v1.0.1");
	next_are(&l, "m4094", "m4095@v1.0.0 ");
	likely_release(&l);
	next_are(&l, "a", "");
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(the_highest_of_each_comes_in_the_order_of_paths),
		UNIT(nothing_comes_twice_but_what_is_higher),
		UNIT(what_is_far_off_waits_for_the_client_to_come_nearer),
		UNIT(no_more_are_noted_than_there_is_room_for),
	};
	return unit_run("likely", tests, ARRAY_SIZE(tests));
}
