/* tests/unit/test_zipcheck.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "fetch/dirhash.h"
#include "fetch/zipcheck.h"
#include "fetch/zipdir.h"
#include "tests/unit/unit.h"
#include "tests/unit/zipmake.h"

#include "base/banned.h"

#define PATH "example.com/M"
#define VERSION "v1.0.0-RC1"
#define P PATH "@" VERSION "/"
#define MAX_ZIP (64u << 20)

static int check_fd(int fd, struct buf *h1, struct err *err)
{
	int rc = zipcheck(fd, STR(PATH), STR(VERSION), h1, err);

	ck_assert_int_ge(fcntl(fd, F_GETFD), 0);
	return rc;
}

static int check_bytes(struct str bytes, struct buf *h1, struct err *err)
{
	CLEANUP(fd_close) int dir = unit_folder();
	CLEANUP(fd_close) int fd = io_open(dir, "z", O_RDWR | O_CREAT, 0666);

	ck_assert_int_eq(io_write_all(fd, bytes.p, bytes.n), 0);
	return check_fd(fd, h1, err);
}

/* --- what is taken --- */

/* The hashes were not made by our code. */
#define TWO { .name = P "go.mod", .text = "module example.com/M\n" }, { .name = P "a/b.go", .text = "package a\n" }
#define TWO_H1 "h1:W1DU6Zty/sxwp5aaOFz3XlFBByx42hX++WgZIDxvtHU="

static const struct good {
	const char *claim;
	struct ent e[6];
	struct tail t;
	const char *h1;		/* NULL: TWO_H1 */
} goods[] = {
	{ "stored", { TWO }, { 0 }, NULL },
	{ "deflated", { { .name = P "go.mod", .text = "module example.com/M\n", .deflate = true },
			{ .name = P "a/b.go", .text = "package a\n", .deflate = true } }, { 0 }, NULL },
	{ "in another order", { { .name = P "a/b.go", .text = "package a\n" },
				{ .name = P "go.mod", .text = "module example.com/M\n" } }, { 0 }, NULL },
	{ "with descriptors as go writes them",
	  { { .name = P "go.mod", .text = "module example.com/M\n", .deflate = true, .descriptor = 16 },
	    { .name = P "a/b.go", .text = "package a\n", .descriptor = 16 } }, { 0 }, NULL },
	{ "with the other descriptors",
	  { { .name = P "go.mod", .text = "module example.com/M\n", .descriptor = 12 },
	    { .name = P "a/b.go", .text = "package a\n", .descriptor = 24 } }, { 0 }, NULL },
	{ "with a descriptor of 20 bytes",
	  { { .name = P "go.mod", .text = "module example.com/M\n", .descriptor = 20 },
	    { .name = P "a/b.go", .text = "package a\n" } }, { 0 }, NULL },
	{ "with a comment", { TWO }, { .comment = "hello" }, NULL },
	{ "with zip64 records, as go writes them", { TWO }, { .zip64 = true }, NULL },
	{ "with zip64 records that say nothing new", { TWO }, { .zip64_plain = true }, NULL },
	{ "that calls a file a symbolic link", { { .name = P "go.mod", .text = "module example.com/M\n",
	    .dir_attributes = LIE(0xa1ff0000u) }, { .name = P "a/b.go", .text = "package a\n" } }, { 0 }, NULL },
	{ "with extra fields", { { .name = P "go.mod", .text = "module example.com/M\n",
	    .extra = { "UT\5\0\3abcd", 9 } }, { .name = P "a/b.go", .text = "package a\n" } }, { 0 }, NULL },
	{ "with sizes in a zip64 field",
	  { { .name = P "go.mod", .text = "module example.com/M\n", .local_packed = LIE(0xffffffffu),
	      .local_size = LIE(0xffffffffu), .dir_packed = LIE(0xffffffffu),
	      .dir_size = LIE(0xffffffffu),
	      .extra = { "\1\0\x10\0\x15\0\0\0\0\0\0\0\x15\0\0\0\0\0\0\0", 20 } },
	    { .name = P "a/b.go", .text = "package a\n" } }, { 0 }, NULL },
	{ "with folders", { { .name = P "", .text = NULL }, { .name = P "a/", .text = NULL },
	  { .name = P "a/b", .text = "x" }, { .name = P "c/", .text = NULL } },
	  { 0 }, "h1:EpNF16Y6vRaEBtUejE95Zjs4SgIhUl55UmgKiYDtCS4=" },
	{ "with a deflated folder", { { .name = P "", .text = NULL }, { .name = P "a/",
	  .text = NULL, .deflate = true },
	    { .name = P "a/b", .text = "x" }, { .name = P "c/",
	  .text = NULL } }, { 0 }, "h1:EpNF16Y6vRaEBtUejE95Zjs4SgIhUl55UmgKiYDtCS4=" },
	{ "with letters of the world", { { .name = P "caf\xc3\xa9.txt", .text = "x", .flags = 0x800 },
	    { .name = P "\xe4\xb8\xad", .text = "y" } }, { 0 }, "h1:0d8wJKclS7oLkH1BzXQjzYtrZg9PrD+HIvEGg1T2iJE=" },
	{ "with odd characters",
	  { { .name = P "-a !#$%&()+,-.=@[]^_{}~ ",
	  .text = "x" } }, { 0 }, "h1:bCj5CKR6PBGqjvvw83yCpD7NJ1RI6rW5b3TRrohDx9U=" },
	{ "with nothing", { { .name = NULL } }, { 0 },
	  "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=" },
	{ "with empty files", { { .name = P "a", .text = "" }, { .name = P "b",
	  .text = "", .deflate = true } }, { 0 },
	  "h1:1G382fN0w3yxqWTBlhRTxCyhCec42iJUjeV3nVapfyc=" },
	{ "with go.mod at its maximum", { { .name = P "go.mod", .zeros = 16 << 20, .deflate = true } },
	  { 0 }, "h1:nQQsVpvNlCwTwXtcwuDR8PqY363RRuQzyoO3hQqZh10=" },
	{ "with vendor and nested names", { { .name = P "vendor/modules.txt", .text = "" },
	  { .name = P "go.mod.txt", .text = "" },
	    { .name = P "_go.mod", .text = "" } }, { 0 }, "h1:iJPmOSEEX5L/AFXasHv3puLdqEBRKOas7abYr7x4W6M=" },
};

START_TEST(takes_a_zip)
{
	const struct good *g = &goods[_i];
	CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	zipmake(g->e, &g->t, &zip);
	ck_assert_msg(check_bytes(buf_view(&zip), &h1, &err) == 0, "%s: %s", g->claim,
		      err.text.p);
	unit_eq(buf_view(&h1), str_of(g->h1 ? g->h1 : TWO_H1));
}
END_TEST

/* --- what is refused --- */

#define OK { .name = P "ok", .text = "fine" }

static const struct bad {
	const char *claim;
	enum ziprule rule;
	struct ent e[6];
	struct tail t;
} bads[] = {
	/* names */
	{ "no prefix", RULE_PREFIX, { OK, { .name = "go.mod", .text = "x" } }, { 0 } },
	{ "absolute", RULE_PREFIX, { { .name = "/" P "go.mod", .text = "x" } }, { 0 } },
	{ "another module", RULE_PREFIX, { { .name = "example.com/m@v1.0.0-RC1/go.mod", .text = "x" } }, { 0 } },
	{ "another version", RULE_PREFIX, { { .name = PATH "@v1.0.0/go.mod", .text = "x" } }, { 0 } },
	{ "escaped prefix", RULE_PREFIX, { { .name = "example.com/!m@v1.0.0-!r!c1/go.mod", .text = "x" } }, { 0 } },
	{ "prefix without a slash", RULE_PREFIX, { { .name = PATH "@" VERSION, .text = "x" } }, { 0 } },
	{ "leaves before the prefix", RULE_PREFIX, { { .name = "../" P "x", .text = "x" } }, { 0 } },
	{ "no name", RULE_PREFIX, { { .name = "", .text = "x" } }, { 0 } },
	{ "leaves the module", RULE_CLEAN, { OK, { .name = P "../x", .text = "x" } }, { 0 } },
	{ "leaves further down", RULE_CLEAN, { { .name = P "a/../../x", .text = "x" } }, { 0 } },
	{ "dot", RULE_CLEAN, { { .name = P "./x", .text = "x" } }, { 0 } },
	{ "only a dot", RULE_CLEAN, { { .name = P ".", .text = "x" } }, { 0 } },
	{ "two slashes", RULE_CLEAN, { { .name = P "a//b", .text = "x" } }, { 0 } },
	{ "slash behind the prefix", RULE_CLEAN, { { .name = P "/etc/passwd", .text = "x" } }, { 0 } },
	{ "folder with two slashes", RULE_CLEAN, { { .name = P "a//", .text = NULL } }, { 0 } },
	{ "backslash", RULE_NAME, { { .name = P "a\\b", .text = "x" } }, { 0 } },
	{ "colon", RULE_NAME, { { .name = P "c:x", .text = "x" } }, { 0 } },
	{ "quote", RULE_NAME, { { .name = P "a\"b", .text = "x" } }, { 0 } },
	{ "star", RULE_NAME, { { .name = P "a*", .text = "x" } }, { 0 } },
	{ "newline", RULE_NAME, { { .name = P "a\nb", .text = "x" } }, { 0 } },
	{ "DEL", RULE_NAME, { { .name = P "a\x7f", .text = "x" } }, { 0 } },
	{ "device", RULE_NAME, { { .name = P "x/Con.txt", .text = "x" } }, { 0 } },
	{ "device folder", RULE_NAME, { { .name = P "LPT9/x", .text = "x" } }, { 0 } },
	{ "dot at the end", RULE_NAME, { { .name = P "a.", .text = "x" } }, { 0 } },
	{ "three dots", RULE_NAME, { { .name = P "...", .text = "x" } }, { 0 } },
	{ "not UTF-8", RULE_NAME, { { .name = P "a\xff", .text = "x" } }, { 0 } },
	{ "overlong UTF-8", RULE_NAME, { { .name = P "a\xc0\xaf", .text = "x" } }, { 0 } },
	{ "no letter", RULE_NAME, { { .name = P "\xe2\x98\xba", .text = "x" } }, { 0 } },
	{ "combining accent", RULE_NAME, { { .name = P "cafe\xcc\x81", .text = "x" } }, { 0 } },
	{ "case", RULE_CASE, { { .name = P "a/README", .text = "x" }, { .name = P "a/readme",
	  .text = "x" } }, { 0 } },
	{ "case of a folder", RULE_CASE, { { .name = P "A/x", .text = "x" }, { .name = P "a/y",
	  .text = "x" } }, { 0 } },
	{ "case of a folder and a file", RULE_CASE, { { .name = P "A/x", .text = "x" }, { .name = P "a",
	  .text = "x" } }, { 0 } },
	{ "case of folders deep down", RULE_CASE,
	  { { .name = P "a/b/C/d/x", .text = "x" }, { .name = P "a/b/c/e/y", .text = "x" } }, { 0 } },
	{ "case beyond ASCII", RULE_CASE, { { .name = P "\xc3\xa9", .text = "x" }, { .name = P "\xc3\x89",
	  .text = "x" } }, { 0 } },
	{ "Kelvin sign", RULE_CASE, { { .name = P "k", .text = "x" }, { .name = P "\xe2\x84\xaa",
	  .text = "x" } }, { 0 } },
	{ "long s", RULE_CASE, { { .name = P "S", .text = "x" }, { .name = P "\xc5\xbf", .text = "x" } }, { 0 } },
	{ "final sigma", RULE_CASE, { { .name = P "\xcf\x82", .text = "x" }, { .name = P "\xcf\x83",
	  .text = "x" } }, { 0 } },
	{ "file and folder", RULE_CLASH, { { .name = P "a", .text = "x" }, { .name = P "a/b",
	  .text = "x" } }, { 0 } },
	{ "folder and file", RULE_CLASH, { { .name = P "a/b", .text = "x" }, { .name = P "a",
	  .text = "x" } }, { 0 } },
	{ "file and folder's entry", RULE_CLASH, { { .name = P "a", .text = "x" }, { .name = P "a/",
	  .text = NULL } }, { 0 } },
	{ "file twice", RULE_TWICE, { { .name = P "a", .text = "x" }, { .name = P "a", .text = "x" } }, { 0 } },
	{ "folder twice", RULE_TWICE, { { .name = P "a/", .text = NULL }, { .name = P "a/", .text = NULL } }, { 0 } },
	{ "root twice", RULE_TWICE, { { .name = P, .text = NULL }, { .name = P, .text = NULL } }, { 0 } },
	{ "go.mod below", RULE_GOMOD_PLACE, { OK, { .name = P "a/go.mod", .text = "x" } }, { 0 } },
	{ "GO.MOD below", RULE_GOMOD_PLACE, { { .name = P "a/GO.MOD", .text = "x" } }, { 0 } },
	{ "Go.mod", RULE_GOMOD_CASE, { { .name = P "Go.mod", .text = "x" } }, { 0 } },
	/* sizes */
	{ "go.mod too large", RULE_GOMOD_SIZE,
	  { { .name = P "go.mod", .zeros = (16 << 20) + 1, .deflate = true } }, { 0 } },
	{ "LICENSE too large", RULE_LICENSE_SIZE,
	  { { .name = P "LICENSE", .zeros = (16 << 20) + 1, .deflate = true } }, { 0 } },
	{ "declares 500 MiB and a byte", RULE_SIZE,
	  { { .name = P "a", .text = "x", .local_size = LIE(524288001), .dir_size = LIE(524288001) } }, { 0 } },
	{ "declares it in two files", RULE_SIZE,
	  { { .name = P "a", .text = "x", .dir_size = LIE(300 << 20) }, { .name = P "b", .text = "x",
	  .dir_size = LIE(300 << 20) } },
	  { 0 } },
	{ "declares 2^63", RULE_SIZE,
	  { { .name = P "a", .text = "x", .dir_size = LIE(0xffffffffu),
	      .dir_extra = { "\1\0\x08\0\0\0\0\0\0\0\0\x80", 12 } } }, { 0 } },
	{ "a bomb that declares little", RULE_LENGTH,
	  { { .name = P "a", .zeros = 8 << 20, .deflate = true, .local_size = LIE(10), .dir_size = LIE(10) } },
	  { 0 } },
	{ "a bomb without its size before", RULE_LENGTH,
	  { { .name = P "a", .zeros = 8 << 20, .deflate = true, .descriptor = 16, .desc_size = LIE(10),
	      .dir_size = LIE(10) } }, { 0 } },
	{ "declares more than there is", RULE_LENGTH,
	  { { .name = P "a", .text = "xyz", .deflate = true, .local_size = LIE(10), .dir_size = LIE(10) } }, { 0 } },
	{ "stored with two sizes", RULE_LENGTH,
	  { { .name = P "a", .text = "xyz", .local_size = LIE(2), .dir_size = LIE(2) } }, { 0 } },
	/* data */
	{ "wrong CRC", RULE_CRC, { { .name = P "a", .text = "x", .local_crc = LIE(1), .dir_crc = LIE(1) } }, { 0 } },
	{ "wrong CRC when deflated", RULE_CRC,
	  { { .name = P "a", .text = "x", .deflate = true, .local_crc = LIE(1), .dir_crc = LIE(1) } }, { 0 } },
	{ "CRC of zero, which go does not look at", RULE_CRC,
	  { { .name = P "a", .text = "x", .local_crc = LIE(0), .dir_crc = LIE(0) } }, { 0 } },
	{ "CRC of the last file", RULE_CRC,
	  { OK, { .name = P "b", .text = "y" }, { .name = P "c", .text = "z",
	  .local_crc = LIE(7), .dir_crc = LIE(7) } }, { 0 } },
	{ "no deflated data", RULE_DATA,
	  { { .name = P "a", .text = "x", .deflate = true, .raw = { "\xff\xff\xff", 3 } } }, { 0 } },
	{ "cut deflated data", RULE_DATA,
	  { { .name = P "a", .text = "abcdefghijklmnopq", .deflate = true, .raw = { "KLJNI", 5 } } }, { 0 } },
	{ "empty deflated data", RULE_DATA,
	  { { .name = P "a", .text = "", .deflate = true, .raw = { "", 0 } } }, { 0 } },
	{ "bytes behind the deflated data", RULE_DATA,
	  { { .name = P "a", .text = "", .deflate = true, .raw = { "\3\0evil", 6 } } }, { 0 } },
	{ "method 12", RULE_METHOD,
	  { { .name = P "a", .text = "x", .local_method = LIE(12), .dir_method = LIE(12) } }, { 0 } },
	{ "method 9", RULE_METHOD,
	  { { .name = P "a", .text = "x", .local_method = LIE(9), .dir_method = LIE(9) } }, { 0 } },
	{ "encrypted", RULE_ENCRYPTED, { { .name = P "a", .text = "x", .flags = 1 } }, { 0 } },
	{ "strongly encrypted", RULE_ENCRYPTED, { { .name = P "a", .text = "x", .flags = 0x40 } }, { 0 } },
	{ "patch", RULE_ENCRYPTED, { { .name = P "a", .text = "x", .flags = 0x20 } }, { 0 } },
	{ "masked headers", RULE_ENCRYPTED, { { .name = P "a", .text = "x", .flags = 0x2000 } }, { 0 } },
	{ "folder with data", RULE_FOLDER_DATA, { { .name = P "a/", .text = "evil" } }, { 0 } },
	{ "folder with hidden data", RULE_FOLDER_DATA,
	  { { .name = P "a/", .text = "evil", .local_size = LIE(0), .dir_size = LIE(0) } }, { 0 } },
	/* headers that say different things */
	{ "another name before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_name = P "b" } }, { 0 } },
	{ "a longer name before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_name = P "a/b" } }, { 0 } },
	{ "another method before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_method = LIE(8) } }, { 0 } },
	{ "other flags before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_flags = LIE(0x800) } }, { 0 } },
	{ "another CRC before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_crc = LIE(1) } }, { 0 } },
	{ "another size before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_size = LIE(2) } }, { 0 } },
	{ "another packed size before the data", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_packed = LIE(2) } }, { 0 } },
	{ "another packed size in a zip64 field", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .local_packed = LIE(0xffffffffu), .local_size = LIE(0xffffffffu),
	      .local_extra = { "\1\0\x10\0\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 20 } } }, { 0 } },
	{ "a wrong value where a descriptor follows", RULE_DIFFERS,
	  { { .name = P "a", .text = "x", .descriptor = 16, .local_crc = LIE(5) } }, { 0 } },
	{ "descriptor with another CRC", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .descriptor = 16, .desc_crc = LIE(1) } }, { 0 } },
	{ "descriptor with another size", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .descriptor = 16, .desc_size = LIE(2) } }, { 0 } },
	{ "descriptor with another packed size", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .descriptor = 24, .desc_packed = LIE(2) } }, { 0 } },
	{ "descriptor with another signature", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .descriptor = 16, .desc_magic = LIE(0x08074b51) } }, { 0 } },
	{ "descriptor promised and missing", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .no_descriptor = true } }, { 0 } },
	{ "descriptor of an odd length", RULE_DESCRIPTOR,
	  { { .name = P "a", .text = "x", .descriptor = 16, .behind = "z" } }, { 0 } },
	{ "a Unicode name that renames", RULE_EXTRA,
	  { { .name = P "a", .text = "x", .extra = { "up\x06\0\1\0\0\0\0b", 10 } } }, { 0 } },
	{ "an extra field that is cut", RULE_EXTRA,
	  { { .name = P "a", .text = "x", .extra = { "UT\x20\0\1", 5 } } }, { 0 } },
	{ "two zip64 fields", RULE_EXTRA,
	  { { .name = P "a", .text = "x", .extra = { "\1\0\0\0\1\0\0\0", 8 } } }, { 0 } },
	/* places */
	{ "bytes before the first file", RULE_GAP, { { .name = P "a",
	  .text = "x", .before = "#!/bin/sh\n" } }, { 0 } },
	{ "bytes between two files", RULE_GAP,
	  { { .name = P "a", .text = "x", .behind = "evil" }, { .name = P "b", .text = "y" } }, { 0 } },
	{ "a hidden file between two", RULE_GAP,
	  { { .name = P "a", .text = "x", .behind = "PK\3\4hidden and long enough for a file" },
	  { .name = P "b", .text = "y" } },
	  { 0 } },
	{ "bytes before the directory", RULE_GAP, { OK }, { .before_dir = "evil" } },
	{ "bytes behind the directory", RULE_GAP, { OK }, { .before_end = "evil" } },
	{ "bytes behind a descriptor", RULE_GAP,
	  { { .name = P "a", .text = "x", .descriptor = 24, .behind = "0123456789" } }, { 0 } },
	{ "nothing but bytes before the directory", RULE_GAP, { { .name = NULL } }, { .before_dir = "evil" } },
	{ "two names for one file", RULE_OVERLAP,
	  { { .name = P "a", .text = "x" }, { .name = P "b", .text = "x", .drop = true, .dir_at = LIE(0) } }, { 0 } },
	{ "files in one another", RULE_OVERLAP,
	  { { .name = P "a", .text = "PK\3\4 and so on and so on and so on", .dir_packed = LIE(40),
	      .local_packed = LIE(40), .dir_size = LIE(40), .local_size = LIE(40) },
	    { .name = P "b", .text = "y" } }, { 0 } },
	{ "data that reaches into the directory", RULE_OVERLAP,
	  { { .name = P "a", .text = "x", .dir_packed = LIE(1000), .local_packed = LIE(1000) } }, { 0 } },
	{ "a file that is elsewhere", RULE_LOCAL,
	  { { .name = P "a", .text = "x", .local_magic = LIE(0x04034b51) } }, { 0 } },
	{ "a file behind the directory", RULE_LOCAL, { OK, { .name = P "a", .text = "x", .dir_at = LIE(5000) } },
	  { 0 } },
	{ "a file that begins in the last bytes", RULE_DIFFERS,
	  { OK, { .name = P "a", .text = "x", .drop = true } }, { .before_dir = "PK\3\4" } },
	/* the end */
	{ "no directory where it should be", RULE_DIRECTORY,
	  { { .name = P "a", .text = "x", .dir_magic = LIE(0x02014b51) } }, { 0 } },
	{ "directory that is cut", RULE_DIRECTORY, { OK }, { .dir_size = LIE(9999) } },
	{ "directory that begins too early", RULE_GAP, { OK, OK }, { .dir_at = LIE(0) } },
	{ "fewer files than declared", RULE_NUMBER, { OK }, { .number = LIE(2) } },
	{ "more files than declared", RULE_NUMBER, { OK, { .name = P "b", .text = "x" } }, { .number = LIE(1) } },
	{ "65536 more than declared", RULE_NUMBER, { OK },
	  { .zip64 = true, .number64 = LIE(65537) } },
	{ "one of several disks", RULE_DISK, { OK }, { .disk = LIE(1) } },
	{ "directory on another disk", RULE_DISK, { OK }, { .dir_disk = LIE(1) } },
	{ "files on another disk", RULE_DISK, { OK }, { .this_disk = LIE(0) } },
	{ "a file on another disk", RULE_DISK, { { .name = P "a", .text = "x", .dir_disk = LIE(1) } }, { 0 } },
	{ "two zip64 disks", RULE_DISK, { OK }, { .zip64 = true, .disks64 = LIE(2) } },
	{ "bytes behind the end", RULE_TRAILING, { OK }, { .behind = "evil" } },
	{ "comment that is cut", RULE_END, { OK }, { .comment = "hello", .cut = 1 } },
	{ "comment that is too short", RULE_TRAILING, { OK },
	  { .comment = "hello", .comment_size = LIE(4) } },
	{ "end that is cut", RULE_END, { OK }, { .cut = 1 } },
	{ "no end", RULE_END, { OK }, { .cut = 22 } },
	{ "zip64 with another number", RULE_ZIP64, { OK },
	  { .zip64_plain = true, .number64 = LIE(2) } },
	{ "zip64 with another place", RULE_ZIP64, { OK },
	  { .zip64_plain = true, .dir_at64 = LIE(1) } },
	{ "zip64 with another size", RULE_ZIP64, { OK },
	  { .zip64_plain = true, .dir_size64 = LIE(1) } },
	{ "zip64 record elsewhere", RULE_ZIP64, { OK }, { .zip64 = true, .at64 = LIE(0) } },
	{ "zip64 record of another length", RULE_ZIP64, { OK }, { .zip64 = true, .size64 = LIE(60) } },
	{ "no zip64 record", RULE_ZIP64, { OK }, { .zip64 = true, .magic64 = LIE(1) } },
	{ "zip64 for the directory's size alone, which go does not see", RULE_ZIP64, { OK },
	  { .zip64_size_only = true } },
};

static void has_rule(const struct err *err, enum ziprule rule, const char *claim)
{
	CLEANUP(buf_release) struct buf head = BUF(100);

	buf_printf(&head, "body: bad module zip: %s: ", zipdir_rule(rule));
	ck_assert_int_eq(err->fault, FAULT_UPSTREAM);
	ck_assert_msg(str_starts(buf_view(&err->text), buf_view(&head)), "%s: wanted %s, got %s",
		      claim, zipdir_rule(rule), err->text.p);
}

START_TEST(refuses_a_zip)
{
	const struct bad *b = &bads[_i];
	CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	zipmake(b->e, &b->t, &zip);
	ck_assert_msg(check_bytes(buf_view(&zip), &h1, &err) == -1, "%s: was taken", b->claim);
	has_rule(&err, b->rule, b->claim);
	ck_assert_uint_eq(h1.n, 0);
}
END_TEST

START_TEST(at_least_sixty_kinds)
{
	ck_assert_uint_ge(ARRAY_SIZE(bads), 60);
}
END_TEST

START_TEST(a_zip_in_the_comment_of_another_is_refused)
{
	static const struct ent one[] = { OK, { .name = NULL } };
	static const struct ent other[] = { { .name = P "evil", .text = "x" }, { .name = NULL } };
	CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf inner = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	zipmake(one, NULL, &zip);
	zipmake(other, NULL, &inner);
	zip.p[zip.n - 2] = (char)inner.n;
	buf_str(&zip, buf_view(&inner));
	ck_assert_int_eq(check_bytes(buf_view(&zip), &h1, &err), -1);
	has_rule(&err, RULE_GAP, "a zip in a comment");
}
END_TEST

START_TEST(a_long_name_is_refused)
{
	CLEANUP(buf_release) struct buf name = BUF(5000);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	for (int more = 0; more < 2; more++) {
		CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
		buf_reset(&name);
		buf_puts(&name, P "x");
		while (name.n < (more ? 4097 : 4096))
			buf_puts(&name, name.n % 2 ? "n" : "/");
		name.p[name.n - 1] = 'n';
		const struct ent e[] = { { .name = name.p }, { .name = NULL } };
		zipmake(e, NULL, &zip);
		ck_assert_msg(check_bytes(buf_view(&zip), &h1, &err) == (more ? -1 : 0), "%s",
			      err.text.p);
	}
	has_rule(&err, RULE_LONG_NAME, "4097 bytes");
}
END_TEST

static const struct ent usual[] = {
	{ .name = P "go.mod", .text = "module example.com/M\n", .deflate = true, .descriptor = 16 },
	{ .name = P "a/b.go", .text = "package a\n" },
	{ .name = NULL },
};

START_TEST(no_cut_zip_is_taken)
{
	CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	zipmake(usual, NULL, &zip);
	for (size_t n = 0; n < zip.n; n++)
		ck_assert_int_eq(check_bytes(str_head(buf_view(&zip), n), &h1, &err), -1);
}
END_TEST

/* Times, versions and modes are all that nobody reads: a byte that is changed
 * is noticed, or it changes nothing. */
START_TEST(a_changed_byte_never_gives_another_hash)
{
	CLEANUP(buf_release) struct buf zip = BUF(MAX_ZIP);
	CLEANUP(buf_release) struct buf was = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();
	int taken = 0;

	zipmake(usual, NULL, &zip);
	ck_assert_int_eq(check_bytes(buf_view(&zip), &was, &err), 0);
	for (size_t i = 0; i < zip.n; i++) {
		CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
		zip.p[i] ^= 0x15;
		if (check_bytes(buf_view(&zip), &h1, &err) == 0) {
			unit_eq(buf_view(&h1), buf_view(&was));
			taken++;
		}
		zip.p[i] ^= 0x15;
	}
	/* two local headers with 6 such bytes (version, time, date), two heads with
	 * 14 (two versions, time, date, inner and outer attributes) */
	ck_assert_int_le(taken, 2 * 6 + 2 * 14);
}
END_TEST

START_TEST(html_is_no_zip)
{
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();

	ck_assert_int_eq(check_bytes(STR("<html>there is no such thing</html>"), &h1, &err), -1);
	has_rule(&err, RULE_END, "html");
}
END_TEST

/* --- large ones --- */

static const struct {
	int files;
	uint32_t each;
	long most_kb;
} large[] = {
	{ 10, 52 << 20, 0 },		/* too large */
	{ 10, 52428000, 16384 },	/* 500 MiB less a few kB */
	{ 20000, 26000, 16384 },	/* 496 MiB */
	{ 100000, 5000, 28672 },
};

START_TEST(memory_stays_flat)
{
	CLEANUP(fd_close) int dir = unit_folder();
	CLEANUP(fd_close) int fd = zipmake_large(dir, P, large[_i].files, large[_i].each, -1);
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);
	CLEANUP(err_release) struct err err = ERR();
	int report[2] = { -1, -1 };
	struct rusage use;

	if (!large[_i].most_kb) {
		ck_assert_int_eq(check_fd(fd, &h1, &err), -1);
		has_rule(&err, RULE_PACKED_SIZE, "520 MiB");
		return;
	}
	/* a process of its own, since the making of the zip takes memory too */
	ck_assert_int_eq(pipe(report), 0);
	if (check_fork() == 0) {
		int rc = check_fd(fd, &h1, &err);
		getrusage(RUSAGE_SELF, &use);
		long kb = rc == 0 ? use.ru_maxrss : -1;
		rc = io_write_all(report[1], &kb, sizeof(kb));
		_exit(rc < 0);
	}
	long kb = 0;
	ck_assert_int_eq(io_read(report[0], &kb, sizeof(kb)), sizeof(kb));
	ck_assert_int_gt(kb, 0);
	fprintf(stderr, "%d files, %lld bytes: %ld kB\n", large[_i].files,
		(long long)large[_i].files * large[_i].each, kb);
#ifndef STOA_SANITIZERS
	ck_assert_int_lt(kb, large[_i].most_kb);
#endif
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(takes_a_zip, goods),
		UNIT_EACH(refuses_a_zip, bads),
		UNIT(at_least_sixty_kinds),
		UNIT(a_zip_in_the_comment_of_another_is_refused),
		UNIT(a_long_name_is_refused),
		UNIT(no_cut_zip_is_taken),
		UNIT(a_changed_byte_never_gives_another_hash),
		UNIT(html_is_no_zip),
		UNIT_EACH(memory_stays_flat, large),
	};
	return unit_run("zipcheck", tests, ARRAY_SIZE(tests));
}
