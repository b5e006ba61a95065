/* tests/unit/test_url.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/url.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

static const struct {
	const char *from, *to;
} urls[] = {
	{ "", "" },
	{ "https://a.b/c", "https://a.b/c" },
	{ "https://a.b", "https://a.b" },
	{ "https://user:secret@a.b/c", "https://a.b/c" },
	{ "https://user:sec@ret@a.b:8080/c", "https://a.b:8080/c" },
	{ "https://user@a.b", "https://a.b" },
	{ "https://a.b/c@v1/d", "https://a.b/c@v1/d" },
	{ "https://user:x@a.b/c@v1/d", "https://a.b/c@v1/d" },
	{ "https://a.b/c?token=secret", "https://a.b/c" },
	{ "https://a.b/c#secret", "https://a.b/c" },
	{ "https://u:p@a.b?q=/@x", "https://a.b" },
	{ "https://u:p@[::1]:80/x", "https://[::1]:80/x" },
	{ "file:///var/cache/mod", "file:///var/cache/mod" },
	{ "ssh://git@a.b/c.git", "ssh://a.b/c.git" },
	{ "x?u=http://u:secret@a.b", "x" },
	{ "https://", "https://" },
	{ "https://@", "https://" },
	/* What somebody forgot the scheme of, and what ssh calls an address. */
	{ "user:secret@a.b/c", "a.b/c" },
	{ "git@a.b:c/d.git", "a.b:c/d.git" },
	{ "a.b/c@v1", "a.b/c@v1" },
	{ "a.b/c", "a.b/c" },
};

START_TEST(redact_takes_away_name_password_query_and_fragment)
{
	struct buf b = BUF(100);

	buf_puts(&b, "at ");
	url_redact(&b, str_of(urls[_i].from));
	unit_eq(str_from(buf_view(&b), 3), str_of(urls[_i].to));
	buf_release(&b);
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(redact_takes_away_name_password_query_and_fragment, urls),
	};

	return unit_run("url", tests, ARRAY_SIZE(tests));
}
