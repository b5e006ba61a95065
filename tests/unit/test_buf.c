/* tests/unit/test_buf.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/err.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

START_TEST(new_is_empty_text_without_memory)
{
	struct buf b = BUF(10);

	ck_assert_str_eq(b.p, "");
	ck_assert_uint_eq(b.n, 0);
	ck_assert_uint_eq(b.size, 0);
	buf_release(&b);
}
END_TEST

START_TEST(appends_stand_behind_each_other)
{
	struct buf b = BUF(100);

	buf_puts(&b, "one");
	buf_putc(&b, ' ');
	buf_str(&b, STR("two"));
	buf_add(&b, " three!", 6);
	buf_printf(&b, " %d%s", 4, ".");
	ck_assert_str_eq(b.p, "one two three 4.");
	ck_assert_uint_eq(b.n, strlen(b.p));
	buf_release(&b);
}
END_TEST

static const struct {
	uint64_t v;
	const char *decimal, *hex, *hex9;
} numbers[] = {
	{ 0, "0", "0", "000000000" },
	{ 9, "9", "9", "000000009" },
	{ 10, "10", "a", "00000000a" },
	{ 206, "206", "ce", "0000000ce" },
	{ 999999999, "999999999", "3b9ac9ff", "03b9ac9ff" },
	{ 68719476735, "68719476735", "fffffffff", "fffffffff" },
	{ 68719476736, "68719476736", "1000000000", "1000000000" },
	{ UINT64_MAX, "18446744073709551615", "ffffffffffffffff", "ffffffffffffffff" },
};

START_TEST(numbers_are_as_long_as_they_must_be)
{
	struct buf b = BUF(100);

	buf_u64(&b, numbers[_i].v);
	ck_assert_str_eq(b.p, numbers[_i].decimal);
	buf_reset(&b);
	buf_hex(&b, numbers[_i].v, 1);
	ck_assert_str_eq(b.p, numbers[_i].hex);
	buf_putc(&b, ' ');
	buf_hex(&b, numbers[_i].v, 9);
	ck_assert_str_eq(b.p + strlen(numbers[_i].hex) + 1, numbers[_i].hex9);
	buf_release(&b);
}
END_TEST

START_TEST(holds_nul_bytes)
{
	struct buf b = BUF(10);

	buf_add(&b, "a\0b", 3);
	unit_eq(buf_view(&b), STR("a\0b"));
	ck_assert_int_eq(b.p[3], '\0');
	buf_release(&b);
}
END_TEST

START_TEST(grows_to_exactly_its_maximum)
{
	struct buf b = BUF(5000);

	for (int i = 0; i < 5000; i++)
		buf_putc(&b, 'x');
	ck_assert_uint_eq(b.n, 5000);
	ck_assert(!b.over);
	ck_assert_uint_le(b.size, 5001);
	buf_putc(&b, 'x');
	ck_assert_uint_eq(b.n, 5000);
	ck_assert(b.over);
	buf_release(&b);
}
END_TEST

START_TEST(a_refused_append_adds_nothing_and_marks)
{
	struct buf b = BUF(5);

	buf_puts(&b, "abc");
	buf_puts(&b, "def");
	ck_assert_str_eq(b.p, "abc");
	ck_assert(b.over);
	buf_putc(&b, 'd'); /* would fit */
	buf_printf(&b, "%s", "d");
	ck_assert_str_eq(b.p, "abc");
	buf_release(&b);
}
END_TEST

START_TEST(ok_says_what_is_too_long)
{
	struct buf b = BUF(3);
	struct err err = ERR();

	buf_puts(&b, "abc");
	ck_assert_int_eq(buf_ok(&b, "the name", &err), 0);
	ck_assert_int_eq(err.fault, FAULT_NONE);
	buf_putc(&b, 'd');
	ck_assert_int_eq(buf_ok(&b, "the name", &err), -1);
	ck_assert_int_eq(err.fault, FAULT_BAD_REQUEST);
	ck_assert_str_eq(err.text.p, "the name is longer than 3 bytes");
	err_release(&err);
	buf_release(&b);
}
END_TEST

START_TEST(reset_empties_unmarks_and_keeps_small_memory)
{
	struct buf b = BUF(5);

	buf_puts(&b, "abc");
	buf_puts(&b, "def");
	size_t size = b.size;
	buf_reset(&b);
	ck_assert_str_eq(b.p, "");
	ck_assert(!b.over);
	ck_assert_uint_eq(b.size, size);
	buf_puts(&b, "defgh");
	ck_assert_str_eq(b.p, "defgh");
	buf_release(&b);
}
END_TEST

START_TEST(reset_gives_large_memory_back)
{
	struct buf b = BUF(1 << 20);

	ck_assert_ptr_nonnull(buf_room(&b, 100000));
	buf_reset(&b);
	ck_assert_uint_eq(b.size, 0);
	ck_assert_uint_eq(b.max, 1 << 20);
	ck_assert_str_eq(b.p, "");
}
END_TEST

START_TEST(release_leaves_it_as_new)
{
	struct buf b = BUF(7);

	buf_puts(&b, "abc");
	buf_release(&b);
	ck_assert_str_eq(b.p, "");
	ck_assert_uint_eq(b.size, 0);
	ck_assert_uint_eq(b.max, 7);
	buf_release(&b);
	buf_puts(&b, "again");
	ck_assert_str_eq(b.p, "again");
	buf_release(&b);
}
END_TEST

START_TEST(cut_shortens_and_never_lengthens)
{
	struct buf b = BUF(10);

	buf_cut(&b, 0);
	buf_puts(&b, "abcdef");
	buf_cut(&b, 9);
	ck_assert_str_eq(b.p, "abcdef");
	buf_cut(&b, 2);
	ck_assert_str_eq(b.p, "ab");
	ck_assert_uint_eq(b.n, 2);
	buf_release(&b);
}
END_TEST

START_TEST(room_is_written_and_then_counted)
{
	struct buf b = BUF(10);

	buf_puts(&b, "ab");
	char *to = buf_room(&b, 8);
	ck_assert_ptr_nonnull(to);
	ck_assert_ptr_eq(to, b.p + 2);
	memcpy(to, "cde", 3);
	buf_grown(&b, 3);
	ck_assert_str_eq(b.p, "abcde");
	ck_assert_ptr_null(buf_room(&b, 6));
	ck_assert(b.over);
	buf_release(&b);
}
END_TEST

START_TEST(detach_hands_the_text_over)
{
	struct buf b = BUF(10);

	buf_puts(&b, "abc");
	char *p = buf_detach(&b);
	ck_assert_str_eq(p, "abc");
	ck_assert_uint_eq(b.size, 0);
	free(p);
	p = buf_detach(&b); /* never NULL */
	ck_assert_str_eq(p, "");
	free(p);
}
END_TEST

START_TEST(printf_of_nothing_allocates_nothing)
{
	struct buf b = BUF(10);

	buf_printf(&b, "%s", "");
	buf_add(&b, NULL, 0);
	ck_assert_uint_eq(b.size, 0);
	ck_assert(!b.over);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT(new_is_empty_text_without_memory),
		UNIT(appends_stand_behind_each_other),
		UNIT_EACH(numbers_are_as_long_as_they_must_be, numbers),
		UNIT(holds_nul_bytes),
		UNIT(grows_to_exactly_its_maximum),
		UNIT(a_refused_append_adds_nothing_and_marks),
		UNIT(ok_says_what_is_too_long),
		UNIT(reset_empties_unmarks_and_keeps_small_memory),
		UNIT(reset_gives_large_memory_back),
		UNIT(release_leaves_it_as_new),
		UNIT(cut_shortens_and_never_lengthens),
		UNIT(room_is_written_and_then_counted),
		UNIT(detach_hands_the_text_over),
		UNIT(printf_of_nothing_allocates_nothing),
	};

	return unit_run("buf", tests, ARRAY_SIZE(tests));
}
