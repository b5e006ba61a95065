/* tests/unit/test_dirhash.c
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/dirhash.h"
#include "tests/unit/unit.h"

#include "base/banned.h"

/* From go.sum files. */
static const struct {
	const char *text;
	const char *h1;
} mods[] = {
	{ "module github.com/rsc/vgotest1\n", "h1:Cikz7B+nPkZt/jV9utQtgwwldwX1OWdKqIsrVQcO47c=" },
	{ "", "h1:G7mAYYxgmS0lVkHyy2hEOLQCFB0DlQFTMLWggykrydY=" },
};

START_TEST(a_go_mod_has_go_s_hash)
{
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);

	dirhash_mod(str_of(mods[_i].text), &h1);
	unit_eq(buf_view(&h1), str_of(mods[_i].h1));
	ck_assert_uint_eq(h1.n, H1_SIZE);
}
END_TEST

START_TEST(a_list_without_files_has_a_hash)
{
	CLEANUP(digest_release) struct digest d = DIGEST();
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);

	digest_begin(&d);
	dirhash_end(&d, &h1);
	unit_eq(buf_view(&h1), STR("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
}
END_TEST

static const struct {
	const char *s;
	bool is;
} forms[] = {
	{ "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", true },
	{ "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=", false },	/* loose bits */
	{ "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", false },
	{ "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", false },
	{ "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuF==", false },
	{ "h1:47DEQpj8HBSa+/TImW+5JC=uQeRkm5NMpJWZG3hSuFU=", false },
	{ "h1:47DEQpj8HBSa+/TImW+5JC uQeRkm5NMpJWZG3hSuFU=", false },
	{ "h2:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", false },
	{ "", false },
};

START_TEST(an_h1_is_canonical_base64)
{
	ck_assert_int_eq(dirhash_is_h1(str_of(forms[_i].s)), forms[_i].is);
}
END_TEST

START_TEST(a_digest_can_be_begun_anew)
{
	CLEANUP(digest_release) struct digest d = DIGEST();
	CLEANUP(buf_release) struct buf hex = BUF(64);
	unsigned char sum[DIGEST_SIZE];

	digest_begin(&d);
	digest_add(&d, "other", 5);
	digest_begin(&d);
	digest_add(&d, "a", 1);
	digest_add(&d, "bc", 2);
	digest_end(&d, sum);
	digest_hex(sum, &hex);
	/* FIPS 180-2, B.1 */
	unit_eq(buf_view(&hex), STR("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}
END_TEST

int main(void)
{
	const struct unit_test tests[] = {
		UNIT_EACH(a_go_mod_has_go_s_hash, mods),
		UNIT(a_list_without_files_has_a_hash),
		UNIT_EACH(an_h1_is_canonical_base64, forms),
		UNIT(a_digest_can_be_begun_anew),
	};
	return unit_run("dirhash", tests, ARRAY_SIZE(tests));
}
