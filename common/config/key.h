/* config/key.h: the table of keys, and the values that they may have. For
 * config/ alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFIG_KEY_H
#define CONFIG_KEY_H

#include "base/buf.h"
#include "config/config.h"

struct err;

enum conf_type {
	CONF_TEXT,
	CONF_PATH,
	CONF_MOUNT,
	CONF_PROXY,
	CONF_BOOL,
	CONF_COUNT,
	CONF_DURATION,
	CONF_PROXIES,
	CONF_PATTERNS,
	CONF_PEERS,
	CONF_CHOICE
};

enum conf_scope { CONF_GLOBAL, CONF_MODULE };

/* Positions in conf_keys, and their number. */
enum conf_index {
#define CONF(type, name, def, scope, unit, text) KEY_##name,
#include "config/conf.def"
#undef CONF
	KEY_COUNT
};

struct conf_key {
	const char *name;
	enum conf_type type;
	enum conf_scope scope;
	const char *def;	/* as written in a file */
	const char *unit;
	const char *text;
	size_t offset;		/* of the member in struct settings */
	size_t size;
};

extern const struct conf_key conf_keys[KEY_COUNT];

/* Owns every text and list that settings point to. */
struct conf_pool {
	char **texts;
	size_t n_texts;
	struct goproxy **lists;
	size_t n_lists;
};

/* A copy that lives as long as the pool. */
const char *conf_pool_text(struct conf_pool *pool, struct str text);
void conf_pool_release(struct conf_pool *pool);

/* NULL when no key has that name. */
const struct conf_key *key_of_name(struct str name);

/* As key_of_name, for LIST_TTL. */
const struct conf_key *key_of_variable(struct str upper);

/* Appends the name in upper case. */
void key_variable(const struct conf_key *k, struct buf *out);

/* Checks the value and sets the key's member of s. -1 with the reason (which
 * does not name the key) for a bad one; s is untouched then. */
int key_set(const struct conf_key *k, struct str value, struct conf_pool *pool,
	    struct settings *s, struct err *err) WARN_UNUSED;

/* -1 when one of the comma-separated patterns could never match. */
int key_check_patterns(struct str globs, struct err *err) WARN_UNUSED;

/* Copies the key's member. */
void key_copy(const struct conf_key *k, const struct settings *from, struct settings *to);

/* Appends the member's value as it could be written, without passwords. */
void key_format(const struct conf_key *k, const struct settings *s, struct buf *out);

#endif
