/* fetch/note.c: signed notes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>

#include "base/err.h"
#include "base/parse.h"
#include "fetch/base64.h"
#include "fetch/note.h"
#include "module/utf8.h"

#include "base/banned.h"

#define ED25519 1
#define KEY_SIZE 32
#define SIGNATURE_SIZE 64

/* The key's hash before a signature. */
#define HASH_SIZE 4

/* As golang.org/x/mod/sumdb/note, which will not spend for ever on one note. */
#define MAX_SIGNATURES 100

void note_key_release(struct note_key *k)
{
	buf_release(&k->name);
	*k = NOTE_KEY();
}

/* unicode.IsSpace */
static bool is_space(uint32_t r)
{
	return (r >= 0x09 && r <= 0x0d) || r == ' ' || r == 0x85 || r == 0xa0 || r == 0x1680 ||
	       (r >= 0x2000 && r <= 0x200a) || r == 0x2028 || r == 0x2029 || r == 0x202f ||
	       r == 0x205f || r == 0x3000;
}

static bool is_name(struct str s)
{
	if (s.n == 0)
		return false;
	while (s.n) {
		uint32_t r = 0;
		size_t n = utf8_next(s, &r);
		if (n == 0 || is_space(r) || r == '+')
			return false;
		s = str_from(s, n);
	}
	return true;
}

static uint32_t big_endian(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int parse_hash(struct str s, uint32_t *ret)
{
	uint32_t v = 0;

	if (s.n != 8)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		int digit = parse_hex(s.p[i]);
		if (digit < 0)
			return -1;
		v = v << 4 | (uint32_t)digit;
	}
	*ret = v;
	return 0;
}

/* The beginning of SHA-256 of the name, a newline, and the key with its kind. */
static int hash_key(struct str name, const unsigned char *key, size_t n, uint32_t *ret)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = c && EVP_DigestInit_ex(c, EVP_sha256(), NULL) == 1 &&
		  EVP_DigestUpdate(c, name.p, name.n) == 1 && EVP_DigestUpdate(c, "\n", 1) == 1 &&
		  EVP_DigestUpdate(c, key, n) == 1 && EVP_DigestFinal_ex(c, sum, NULL) == 1;

	EVP_MD_CTX_free(c);
	if (!ok)
		return -1;
	*ret = big_endian(sum);
	return 0;
}

int note_key_parse(struct str vkey, struct note_key *ret, struct err *err)
{
	unsigned char key[1 + KEY_SIZE];
	struct str rest = vkey;
	struct str name = STR("");
	struct str hex = STR("");
	uint32_t hash = 0;
	uint32_t want = 0;

	(void)str_cut(&rest, '+', &name);
	if (!rest.p || !str_cut(&rest, '+', &hex) || !rest.p || !is_name(name) ||
	    parse_hash(hex, &hash) < 0)
		return err_set(err, FAULT_LOCAL, "not a verifier key (name+hash+key)");
	ptrdiff_t n = base64_decode(rest, key, sizeof(key));
	if (n != sizeof(key) || key[0] != ED25519)
		return err_set(err, FAULT_LOCAL, "not an Ed25519 verifier key (name+hash+key)");
	if (hash_key(name, key, sizeof(key), &want) < 0)
		return err_set(err, FAULT_BUG, "OpenSSL has no SHA-256");
	if (hash != want)
		return err_set(err, FAULT_LOCAL,
			       "the verifier key's hash is %08x, not %08x: it was "
			       "not copied whole", want, hash);
	buf_reset(&ret->name);
	buf_str(&ret->name, name);
	if (buf_ok(&ret->name, "the verifier key's name", err) < 0) {
		err->fault = FAULT_LOCAL;
		return -1;
	}
	ret->hash = hash;
	memcpy(ret->public_key, key + 1, KEY_SIZE);
	return 0;
}

static bool verifies(const struct note_key *k, struct str text, const unsigned char *signature)
{
	EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->public_key,
						    KEY_SIZE);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool ok = key && c && EVP_DigestVerifyInit(c, NULL, NULL, NULL, key) == 1 &&
		  EVP_DigestVerify(c, signature, SIGNATURE_SIZE, (const unsigned char *)text.p,
				   text.n) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	return ok;
}

/* UTF-8 without control characters but the newline. */
static bool is_text(struct str s)
{
	while (s.n) {
		uint32_t r = 0;
		size_t n = utf8_next(s, &r);
		if (n == 0 || (r < ' ' && r != '\n'))
			return false;
		s = str_from(s, n);
	}
	return true;
}

static int malformed(struct err *err, const char *what)
{
	return err_set(err, FAULT_INTEGRITY, "malformed note: %s", what);
}

/* One line without its newline: "- name base64", with an em dash. 1: signed by
 * k; 0: by somebody else, or by k once more. */
static int take_signature(struct str line, const struct note_key *k, struct str text, bool signed_,
			  struct err *err)
{
	static const char dash[] = "\xe2\x80\x94 ";
	unsigned char raw[HASH_SIZE + SIGNATURE_SIZE];

	if (!str_starts(line, STR(dash)))
		return malformed(err, "a line that is no signature");
	line = str_from(line, sizeof(dash) - 1);
	ptrdiff_t space = str_chr(line, ' ');
	struct str name = space < 0 ? line : str_head(line, (size_t)space);
	ptrdiff_t n = space < 0 ? -1 : base64_decode(str_from(line, (size_t)space + 1), raw,
						     sizeof(raw));
	if (!is_name(name) || n <= HASH_SIZE)
		return malformed(err, "a line that is no signature");
	if (!str_eq(name, buf_view(&k->name)) || big_endian(raw) != k->hash || signed_)
		return 0;
	if (n != sizeof(raw) || !verifies(k, text, raw + HASH_SIZE))
		return err_set(err, FAULT_INTEGRITY, "invalid signature for key %s+%08x", k->name.p,
			       k->hash);
	return 1;
}

int note_open(struct str note, const struct note_key *k, struct str *ret_text, struct err *err)
{
	struct str line;
	bool is_signed = false;

	ptrdiff_t split = str_rfind(note, STR("\n\n"));
	if (!is_text(note) || split < 0)
		return malformed(err, "no text with signatures");
	struct str text = str_head(note, (size_t)split + 1);
	struct str rest = str_from(note, (size_t)split + 2);
	if (!str_ends(rest, STR("\n")))
		return malformed(err, "no whole line of a signature");
	rest.n--;
	for (int i = 0; str_cut(&rest, '\n', &line); i++) {
		if (i == MAX_SIGNATURES)
			return malformed(err, "too many signatures");
		int rc = take_signature(line, k, text, is_signed, err);
		if (rc < 0)
			return -1;
		is_signed = is_signed || rc > 0;
	}
	if (!is_signed)
		return err_set(err, FAULT_INTEGRITY, "no signature of %s+%08x", k->name.p, k->hash);
	*ret_text = text;
	return 0;
}
