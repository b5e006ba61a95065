/* tests/unit/test_note.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/limits.h"
#include "fetch/base64.h"
#include "fetch/note.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

#define DASH "\xe2\x80\x94 "

/* Keys and notes by golang.org/x/mod/sumdb/note v0.42.0. */
#define DB "test.example/db+00a9042b+AbHE3xwXzOkKA81MBX/HTU4u4k3f4qjJxf2NCkWh8ILz"
#define OTHER "other.example+8d9a2c42+Afh/BJHiakP6ndUAhcwBDd+tpYMBVAeE9RVZ9V06OrYZ"
#define WORLD "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
#define LOCAL "localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6"

#define TREE "go.sum database tree\n13\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nan extra line\n"
#define TREE_SIG DASH "test.example/db " \
	"AKkEK7c3Z+W3J4k+Qon9pHhrxUn092ALT4Epju2LnZzc+uTYpeSEUJSBZWWLN4+Rd9Qgf/fNiCoLvx6LUeYEGqvzUA0=\n"
#define TWO "a\n\nb\n"
#define TWO_OTHER DASH "other.example " \
	"jZosQsdyzfCSugH2T479hmueNr9tHXbsSMXkBS8JnHGkxNmdLgNROiRqwSiPF1tP0YMqvyyeVLQZxVofqDH4oY+eCQ0=\n"
#define TWO_DB DASH "test.example/db " \
	"AKkEK6AfuKKr2sd2nYgazw2BKLyfEboDuHbraZW5QarEF/dGv+CMxkMH+jKFE/22CFGC+Kknsfxo1xqvyLUX7oj6lQM=\n"

/* A tree of the database that everybody uses, and of cmd/go's own tests. */
#define WORLD_TREE "go.sum database tree\n71999284\nq5+IcsQ9SCXC+pYmNIRIRUbPnH/iVuVw/N2fPtPImqw=\n"
#define WORLD_SIG DASH "sum.golang.org " \
	"Az3grn4GNnbtrfETJem3Jr7ZbFYo1Azb5JCrPTzzbWdjm6kXry0pPHrWYdXd/NjK6NcWPMPjjUlE84sNCiwm4c98uwo=\n"
#define LOCAL_TREE "go.sum database tree\n249\nMv5qUR2asAUoYNQhoTmKynJdo/a7/wZllmbcPpVpz40=\n"
#define LOCAL_SIG DASH "localhost.localdev/sumdb " \
	"AAAMZ+CPUx5ydyNTi8ozkUO3Mkbdmptr0A7kWcDUoW3ntZm0OJFeVzs30iQLqyHFZ37HLTVHNxk+9UYm1Aw4p++onwM=\n"

#define LINE DASH "x.example AAAAAAA=\n"
#define TEN_LINES LINE LINE LINE LINE LINE LINE LINE LINE LINE LINE
#define FIFTY_LINES TEN_LINES TEN_LINES TEN_LINES TEN_LINES TEN_LINES
#define NINETY_NINE_LINES FIFTY_LINES TEN_LINES TEN_LINES TEN_LINES TEN_LINES \
	LINE LINE LINE LINE LINE LINE LINE LINE LINE

static const struct {
	const char *vkey, *name;
	uint32_t hash;
} keys[] = {
	{ DB, "test.example/db", 0x00a9042b },
	{ OTHER, "other.example", 0x8d9a2c42 },
	{ WORLD, "sum.golang.org", 0x033de0ae },
	{ LOCAL, "localhost.localdev/sumdb", 0x00000c67 },
	{ "sum.golang.org+033DE0AE+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8", "sum.golang.org",
	  0x033de0ae },
};

START_TEST(a_key_has_a_name_and_a_hash)
{
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();

	ck_assert_msg(note_key_parse(str_of(keys[_i].vkey), &k, &err) == 0, "%s", err.text.p);
	unit_eq(buf_view(&k.name), str_of(keys[_i].name));
	ck_assert_uint_eq(k.hash, keys[_i].hash);
	note_key_release(&k);
}
END_TEST

static const char *const bad_keys[] = {
	"", "sum.golang.org", "sum.golang.org+033de0ae", "sum.golang.org+033de0ae+",
	/* another hash, name, or bit of the key */
	"sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn9",
	/* a hash of another length */
	"sum.golang.org+33de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"sum.golang.org+0033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"sum.golang.org+0x3de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	/* a key that is too short, too long, of another kind, no base64 */
	"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuA==",
	"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8AAAA",
	"sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn",
	"sum.golang.org+033de0ae+Ac4zctda0e5eza-HJyk9SxEdh-s3Ux18htTTAD8OuAn8",
	/* a name with a blank, or none */
	"sum golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
	"+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
};

START_TEST(a_key_that_was_changed_is_none)
{
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();

	ck_assert_int_eq(note_key_parse(str_of(bad_keys[_i]), &k, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_LOCAL);
	unit_eq(buf_view(&k.name), STR(""));
}
END_TEST

static const struct {
	const char *vkey, *note, *text;
} notes[] = {
	{ WORLD, WORLD_TREE "\n" WORLD_SIG, WORLD_TREE },
	{ LOCAL, LOCAL_TREE "\n" LOCAL_SIG, LOCAL_TREE },
	{ DB, TREE "\n" TREE_SIG, TREE },
	{ DB, TWO "\n" TWO_OTHER TWO_DB, TWO },
	{ OTHER, TWO "\n" TWO_OTHER TWO_DB, TWO },
	/* a second signature with a known key is not looked at */
	{ DB, TWO "\n" TWO_DB TWO_DB, TWO },
	{ DB, TWO "\n" TWO_DB TREE_SIG, TWO },
	{ DB, TREE "\n" NINETY_NINE_LINES TREE_SIG, TREE },
	/* the right key under another name is nobody's */
	{ DB, TREE "\n" DASH "a.b AKkEK7c3Z+W3J4k+Qon9pHhr\n" TREE_SIG, TREE },
	{ DB, TREE "\n" DASH "a\x7f" "b AAAAAAA=\n" TREE_SIG, TREE },
};

START_TEST(a_note_is_opened_by_its_key)
{
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();
	struct str text = STR("");

	ck_assert_int_eq(note_key_parse(str_of(notes[_i].vkey), &k, &err), 0);
	ck_assert_msg(note_open(str_of(notes[_i].note), &k, &text, &err) == 0, "%s", err.text.p);
	unit_eq(text, str_of(notes[_i].text));
	note_key_release(&k);
}
END_TEST

static const struct {
	const char *vkey, *note, *text;	/* what the error says */
} bad_notes[] = {
	{ DB, "", "malformed" },
	{ DB, TREE, "malformed" },
	{ DB, TREE "\n", "malformed" },
	{ DB, TREE "\n\n", "malformed" },
	{ DB, TREE TREE_SIG, "malformed" },
	/* signed by another, or for another text */
	{ OTHER, TREE "\n" TREE_SIG, "no signature" },
	{ WORLD, TREE "\n" TREE_SIG, "no signature" },
	{ DB, TREE "\n" TWO_DB, "invalid signature" },
	{ DB, "x" TREE "\n" TREE_SIG, "invalid signature" },
	{ DB, TREE "one more line\n\n" TREE_SIG, "invalid signature" },
	{ DB, TREE "\n\n" TREE_SIG, "invalid signature" },
	/* the first signature with a known key is bad */
	{ DB, TWO "\n" TREE_SIG TWO_DB, "invalid signature" },
	/* the lines */
	{ DB, TREE "\nx\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" TREE_SIG "x\n", "malformed" },
	{ DB, TREE "\n- test.example/db AAAAAAAA\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "test.example/db\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x.example \n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x.example AAAA\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x.example AAAAAA==\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x.example AAAAAAA\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x.example AAAAAAA= \n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x+y AAAAAAA=\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x\xc2\xa0y AAAAAAA=\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH " AAAAAAA=\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x\xff AAAAAAA=\n" TREE_SIG, "malformed" },
	{ DB, TREE "\n" DASH "x AAAA\tAAA=\n" TREE_SIG, "malformed" },
	{ DB, "\r" TREE "\n" TREE_SIG, "malformed" },
	/* the last line is cut */
	{ DB, TREE "\n" DASH "x.example AAAAAAA=\n" DASH "y.example AAAAAAA=", "malformed" },
	/* a hundred and one */
	{ DB, TREE "\n" LINE NINETY_NINE_LINES TREE_SIG, "too many" },
	{ DB, TREE "\n" NINETY_NINE_LINES TREE_SIG LINE, "too many" },
	/* a signature that is cut, with the known key */
	{ DB, TREE "\n" DASH "test.example/db AKkEK7c3Z+W3J4k+Qon9pHhr\n", "invalid signature" },
};

START_TEST(a_note_that_is_not_whole_or_not_signed_is_refused)
{
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();
	struct str text = STR("untouched");

	ck_assert_int_eq(note_key_parse(str_of(bad_notes[_i].vkey), &k, &err), 0);
	ck_assert_int_eq(note_open(str_of(bad_notes[_i].note), &k, &text, &err), -1);
	ck_assert_int_eq(err.fault, FAULT_INTEGRITY);
	ck_assert_msg(strstr(err.text.p, bad_notes[_i].text) != NULL, "%s", err.text.p);
	unit_eq(text, STR("untouched"));
	note_key_release(&k);
}
END_TEST

START_TEST(no_bit_of_a_note_may_change)
{
	static const char whole[] = WORLD_TREE "\n" WORLD_SIG;
	CLEANUP(err_release) struct err err = ERR();
	struct note_key k = NOTE_KEY();
	char note[sizeof(whole)];
	struct str text;
	size_t still_good = 0;

	ck_assert_int_eq(note_key_parse(STR(WORLD), &k, &err), 0);
	for (size_t bit = 0; bit < 8 * (sizeof(whole) - 1); bit++) {
		memcpy(note, whole, sizeof(whole));
		note[bit / 8] = (char)(note[bit / 8] ^ (1 << bit % 8));
		still_good += note_open(str_make(note, sizeof(whole) - 1), &k, &text, &err) == 0;
	}
	/* the two bits that base64 leaves unused at the end of 68 bytes */
	ck_assert_uint_le(still_good, 2);
	note_key_release(&k);
}
END_TEST

static const struct {
	const char *text;
	ptrdiff_t n;
	const char *bytes;
} base64s[] = {
	{ "", 0, "" },	       { "AAAA", 3, "\0\0\0" },	 { "aGk=", 2, "hi" },
	{ "aA==", 1, "h" },    { "aB==", 1, "h" },	 { "aGl=", 2, "hi" },
	{ "aG\nk\r=\n", 2, "hi" }, { "+/+/", 3, "\xfb\xff\xbf" }, { "a", -1, "" },
	{ "aA", -1, "" },      { "aA=", -1, "" },	 { "aGk", -1, "" },
	{ "=", -1, "" },       { "a===", -1, "" },	 { "====", -1, "" },
	{ "aGk=a", -1, "" },   { "aGk=aGk=", -1, "" },	 { "aA=a", -1, "" },
	{ "aGk==", -1, "" },   { "a-__", -1, "" },	 { "aG k=", -1, "" },
};

START_TEST(base64_is_read_as_go_reads_it)
{
	unsigned char got[16] = { 0 };

	ck_assert_int_eq(base64_decode(str_of(base64s[_i].text), got, sizeof(got)), base64s[_i].n);
	if (base64s[_i].n > 0)
		ck_assert_mem_eq(got, base64s[_i].bytes, (size_t)base64s[_i].n);
}
END_TEST

START_TEST(base64_has_no_more_room_than_it_is_given)
{
	unsigned char got[4] = { 0, 0, 0, 7 };

	ck_assert_int_eq(base64_decode(STR("////////"), got, 3), 6);
	ck_assert_mem_eq(got, "\xff\xff\xff\x07", 4);
}
END_TEST

START_TEST(base64_is_written_with_padding)
{
	CLEANUP(buf_release) struct buf out = BUF(100);

	base64_encode((const unsigned char *)"h", 1, &out);
	base64_encode((const unsigned char *)"hi", 2, &out);
	base64_encode((const unsigned char *)"\xfb\xff\xbf", 3, &out);
	base64_encode((const unsigned char *)"", 0, &out);
	unit_eq(buf_view(&out), STR("aA==aGk=+/+/"));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(a_key_has_a_name_and_a_hash, keys),
		UNIT_EACH(a_key_that_was_changed_is_none, bad_keys),
		UNIT_EACH(a_note_is_opened_by_its_key, notes),
		UNIT_EACH(a_note_that_is_not_whole_or_not_signed_is_refused, bad_notes),
		UNIT(no_bit_of_a_note_may_change),
		UNIT_EACH(base64_is_read_as_go_reads_it, base64s),
		UNIT(base64_has_no_more_room_than_it_is_given),
		UNIT(base64_is_written_with_padding),
	};
	return unit_run("note", tests, ARRAY_SIZE(tests));
}
