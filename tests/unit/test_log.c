/* tests/unit/test_log.c: standard error goes to a file here, and is read back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static int dir = -1;
static struct buf written = { buf_empty, 0, 0, 1 << 20, false };

static void begin(enum log_level most)
{
	dir = unit_folder();
	unit_write(dir, "stderr", "");
	int fd = openat(dir, "stderr", O_WRONLY | O_APPEND | O_CLOEXEC);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(dup2(fd, 2), 2);
	close(fd);
	log_init("prog", most);
}

/* What has been written since begin(). */
static const char *lines(void)
{
	buf_reset(&written);
	ck_assert_int_eq(io_read_file(dir, "stderr", &written), 0);
	return written.p;
}

static const struct {
	struct str from;
	const char *to;
} quotes[] = {
	{ { "example.com/m@v1.2.3", 20 }, "example.com/m@v1.2.3" },
	{ { "", 0 }, "\"\"" },
	{ { "a b", 3 }, "\"a b\"" },
	{ { "a=b", 3 }, "\"a=b\"" },
	{ { "a\"b", 3 }, "\"a\\\"b\"" },
	{ { "a\\b", 3 }, "\"a\\\\b\"" },
	{ { "a\nlevel=error", 13 }, "\"a\\nlevel=error\"" },
	{ { "\r\t\x1b\x7f", 4 }, "\"\\x0d\\x09\\x1b\\x7f\"" },
	{ { "\xc3\xa9", 2 }, "\"\\xc3\\xa9\"" },
	{ { "a\0b", 3 }, "\"a\\x00b\"" },
};

START_TEST(quote_leaves_no_control_byte)
{
	struct buf b = BUF(100);

	log_quote(&b, quotes[_i].from);
	ck_assert_str_eq(b.p, quotes[_i].to);
	buf_release(&b);
}
END_TEST

START_TEST(a_line_has_its_fields_in_order)
{
	struct log_line l;

	begin(LOG_LEVEL_INFO);
	log_begin(&l, LOG_LEVEL_WARN);
	log_str(&l, "req", STR("8f3a"));
	log_str(&l, "nothing", STR(""));
	log_int(&l, "ms", -12);
	log_str(&l, "text", STR("two words"));
	log_end(&l);
	ck_assert_str_eq(lines(), "level=warn prog=prog req=8f3a ms=-12 text=\"two words\"\n");
}
END_TEST

START_TEST(text_is_one_line_whatever_is_in_it)
{
	begin(LOG_LEVEL_INFO);
	log_text(LOG_LEVEL_ERROR, "a\n%s", "b");
	ck_assert_str_eq(lines(), "level=error prog=prog text=\"a\\nb\"\n");
}
END_TEST

START_TEST(levels_above_the_setting_are_silent)
{
	struct log_line l;

	begin(LOG_LEVEL_WARN);
	ck_assert(log_wants(LOG_LEVEL_ERROR));
	ck_assert(log_wants(LOG_LEVEL_WARN));
	ck_assert(!log_wants(LOG_LEVEL_INFO));
	log_text(LOG_LEVEL_INFO, "x");
	log_begin(&l, LOG_LEVEL_DEBUG);
	log_end(&l);
	ck_assert_str_eq(lines(), "");
}
END_TEST

START_TEST(a_long_text_is_cut_not_lost)
{
	static char text[2 * MAX_LOGLINE];

	memset(text, 'x', sizeof(text) - 1);
	begin(LOG_LEVEL_INFO);
	log_text(LOG_LEVEL_ERROR, "%s", text);
	ck_assert_ptr_nonnull(strstr(lines(), "text=xxxxxxxxxx"));
	ck_assert_uint_lt(written.n, 4 * MAX_LOGLINE);
}
END_TEST

START_TEST(a_line_that_is_too_long_still_ends)
{
	static char text[MAX_LOGLINE];
	struct log_line l;

	memset(text, '\xff', sizeof(text) - 1);
	begin(LOG_LEVEL_INFO);
	log_begin(&l, LOG_LEVEL_ERROR);
	for (int i = 0; i < 10; i++)
		log_str(&l, "text", str_of(text));
	log_end(&l);
	log_text(LOG_LEVEL_ERROR, "next");
	ck_assert_ptr_nonnull(strstr(lines(), "\nlevel=error prog=prog text=next\n"));
}
END_TEST

START_TEST(trace_writes_what_was_asked_for)
{
	begin(LOG_LEVEL_ERROR);
	trace_init("spawn,net,bogus");
	ck_assert(trace_on(TRACE_SPAWN));
	ck_assert(!trace_on(TRACE_CACHE));
	ck_assert(trace_on(TRACE_NET));
	trace(TRACE_CACHE, "not this");
	trace(TRACE_SPAWN, "pid %d", 7);
	ck_assert_str_eq(lines(), "level=error prog=prog trace=spawn text=\"pid 7\"\n");
}
END_TEST

START_TEST(trace_all_is_all_and_null_is_nothing)
{
	trace_init(NULL);
	trace_init("");
	for (int i = 0; i < TRACE_COUNT; i++)
		ck_assert(!trace_on((enum trace_topic)i));
	trace_init("all");
	for (int i = 0; i < TRACE_COUNT; i++)
		ck_assert(trace_on((enum trace_topic)i));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(quote_leaves_no_control_byte, quotes),
		UNIT(a_line_has_its_fields_in_order),
		UNIT(text_is_one_line_whatever_is_in_it),
		UNIT(levels_above_the_setting_are_silent),
		UNIT(a_long_text_is_cut_not_lost),
		UNIT(a_line_that_is_too_long_still_ends),
		UNIT(trace_writes_what_was_asked_for),
		UNIT(trace_all_is_all_and_null_is_nothing),
	};

	return unit_run("log", tests, ARRAY_SIZE(tests));
}
