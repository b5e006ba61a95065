/* module/key.h: what a request asks for, in the one form that may become a
 * file name.
 *
 * A key is made from a path that has passed every rule of module paths and
 * versions (x/mod's module.CheckPath and kin); nothing else in the program
 * builds a path below the cache from outside text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef MODULE_KEY_H
#define MODULE_KEY_H

#include "base/buf.h"
#include "base/limits.h"

struct err;

enum kind {
	KIND_LIST,		/* <path>/@v/list */
	KIND_LATEST,		/* <path>/@latest */
	KIND_INFO,		/* <path>/@v/<canonical version>.info */
	KIND_MOD,
	KIND_ZIP,
	KIND_QUERY,		/* <path>/@v/<branch, tag or commit>.info */
	KIND_SUMDB_SUPPORTED,	/* sumdb/<name>/supported */
	KIND_SUMDB_LATEST,
	KIND_SUMDB_LOOKUP,	/* sumdb/<name>/lookup/<path>@<version> */
	KIND_SUMDB_TILE,	/* sumdb/<name>/tile/8/<level>/<number>[.p/<width>] */
	KIND_COUNT
};

struct kind_row {
	const char *name;	/* in the helper's command line: "info" */
	const char *suffix;	/* behind the version in URLs and in the tree: ".info" */
	bool immutable;		/* once published it never changes */
	bool versioned;		/* the key has a version */
	int64_t max_size;	/* bytes */
};

const struct kind_row *kind_row(enum kind k);

/* 0 and *ret_k, or -1 when there is no such name. */
int kind_of_name(struct str name, enum kind *ret_k) WARN_UNUSED;

static inline bool kind_is_sumdb(enum kind k)
{
	return k >= KIND_SUMDB_SUPPORTED;
}

struct key {
	enum kind kind;
	struct buf path;	/* module path "github.com/BurntSushi/toml", or the
				 * database's name "sum.golang.org" */
	struct buf version;	/* "v1.2.3-RC1", "master"; for sumdb what follows
				 * lookup/ or tile/, as the URL has it (escaped) */
	struct buf epath;	/* escaped: "github.com/!burnt!sushi/toml" */
	struct buf eversion;	/* escaped: "v1.2.3-!r!c1" */
};

#define KEY() ((struct key){ KIND_LIST, BUF(MAX_URI), BUF(MAX_URI), BUF(MAX_URI), BUF(MAX_URI) })

void key_reset(struct key *k);
void key_release(struct key *k);

/* From the escaped forms, as a URL has them; `version` is ignored for kinds
 * that have none. A KIND_INFO whose version is not canonical, or whose major
 * does not fit the path, becomes KIND_QUERY (a branch, a tag, "v1", "v2.0.0"
 * on an unsuffixed path), and the other way round, so that one thing has one
 * key; for KIND_MOD and KIND_ZIP such a version is an error. The query words
 * latest, upgrade and patch are refused. 0, or -1 with FAULT_NOT_FOUND and the
 * rule that was broken (FAULT_BAD_REQUEST for what is longer than MAX_URI); the
 * key is then good for nothing but another key_set, or release. The texts must
 * not be views into the key itself. */
int key_set_escaped(struct key *k, enum kind kind, struct str epath, struct str eversion,
		    struct err *err) WARN_UNUSED;

/* The same from the plain forms, as people write them. For the sumdb kinds the
 * plain form is the escaped one. */
int key_set_plain(struct key *k, enum kind kind, struct str path, struct str version,
		  struct err *err) WARN_UNUSED;

/* From the path of a version's file below the cache's folder, the other way
 * round: "mod/<epath>/@v/<eversion>.zip". -1 for any other path. */
int key_set_file(struct key *k, struct str file, struct err *err) WARN_UNUSED;

/* Appends the file's path below the cache's folder:
 *	mod/<epath>/@v/<eversion>.zip	state/query/<epath>/@v/<eversion>
 *	mod/<epath>/@latest		state/sumdb/<name>/lookup/<rest> */
void key_file(const struct key *k, struct buf *out);

/* Appends what a proxy is asked for, relative to its base, percent-encoded as
 * the go command does ('!' as %21): "github.com/%21burnt%21sushi/toml/@v/v1.0.0.info" */
void key_url(const struct key *k, struct buf *out);

/* Appends "module@version" or what comes nearest, for people. */
void key_text(const struct key *k, struct buf *out);

#endif
