/* tests/unit/test_status.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/status.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	int status;
	enum fault fault;
} faults[] = {
	{ 100, FAULT_UPSTREAM },     { 201, FAULT_UPSTREAM }, { 204, FAULT_UPSTREAM },
	{ 206, FAULT_UPSTREAM },     { 302, FAULT_UPSTREAM }, { 304, FAULT_UPSTREAM },
	{ 400, FAULT_UPSTREAM },     { 401, FAULT_AUTH },     { 403, FAULT_AUTH },
	{ 404, FAULT_NOT_FOUND },    { 405, FAULT_UPSTREAM }, { 407, FAULT_AUTH },
	{ 408, FAULT_TIMEOUT },	     { 410, FAULT_GONE },     { 418, FAULT_UPSTREAM },
	{ 429, FAULT_RATE_LIMITED }, { 451, FAULT_UPSTREAM }, { 500, FAULT_UPSTREAM },
	{ 502, FAULT_UPSTREAM },     { 503, FAULT_UPSTREAM }, { 504, FAULT_TIMEOUT },
	{ 999, FAULT_UPSTREAM },
};

START_TEST(only_404_and_410_are_absence)
{
	ck_assert_int_eq(status_fault(faults[_i].status), faults[_i].fault);
	ck_assert(fault_is_absence(status_fault(faults[_i].status)) ==
		  (faults[_i].status == 404 || faults[_i].status == 410));
}
END_TEST

static const struct {
	int status;
	const char *type, *body, *text;
} texts[] = {
	{ 404, "text/plain; charset=utf-8", "not found: x\n", "http: 404 Not Found: not found: x" },
	{ 404, "text/plain", "no", "http: 404 Not Found: no" },
	{ 410, "Text/Plain;Charset=\"US-ASCII\"", "no", "http: 410 Gone: no" },
	{ 404, "text/plain; charset=latin1", "no", "http: 404 Not Found" },
	{ 404, "text/html", "<html>", "http: 404 Not Found" },
	{ 404, "text/plainish", "no", "http: 404 Not Found" },
	{ 404, "", "no", "http: 404 Not Found" },
	{ 404, "text/plain", " \n\x01\n", "http: 404 Not Found" },
	{ 500, "text/plain", "a\nb\nc\nd\n", "http: 500 Internal Server Error: a\nb\nc" },
	{ 599, "", "", "http: 599" },
};

START_TEST(says_what_a_text_plain_body_says)
{
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(status_err(texts[_i].status, str_of(texts[_i].type),
				    str_of(texts[_i].body), 0, &err), -1);
	unit_eq(buf_view(&err.text), str_of(texts[_i].text));
}
END_TEST

START_TEST(hands_retry_after_on)
{
	CLEANUP(err_release) struct err err = ERR();

	status_err(503, STR(""), STR(""), 77, &err);
	ck_assert_int_eq(err.retry_after, 77);
	status_err(429, STR(""), STR(""), INT64_MAX, &err);
	ck_assert_int_eq(err.retry_after, INT32_MAX);
}
END_TEST

START_TEST(five_statuses_redirect)
{
	int n = 0;

	for (int s = 0; s < 1000; s++)
		n += status_is_redirect(s);
	ck_assert_int_eq(n, 5);
	ck_assert(!status_is_redirect(300) && !status_is_redirect(304));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(only_404_and_410_are_absence, faults),
		UNIT_EACH(says_what_a_text_plain_body_says, texts),
		UNIT(hands_retry_after_on),
		UNIT(five_statuses_redirect),
	};
	return unit_run("status", tests, ARRAY_SIZE(tests));
}
