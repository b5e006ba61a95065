/* fetch/note.h: signed notes, by the rules of golang.org/x/mod/sumdb/note: a
 * text, a blank line, and lines with Ed25519 signatures of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_NOTE_H
#define FETCH_NOTE_H

#include "base/buf.h"

struct err;

/* Who may sign. */
struct note_key {
	struct buf name;	/* "sum.golang.org" */
	uint32_t hash;		/* of name and key, which signatures are marked with */
	unsigned char public_key[32];
};

/* A name is the host and path of a URL. */
#define NOTE_KEY() ((struct note_key){ .name = BUF(1024) })

void note_key_release(struct note_key *k);

/* From "name+hash+key". -1 with FAULT_LOCAL: the administrator gave it. */
int note_key_parse(struct str vkey, struct note_key *ret, struct err *err) WARN_UNUSED;

/* Verifies the note: *ret_text is a view of the text with its last newline. Only
 * k's signature counts; those of others are passed over. -1 with
 * FAULT_INTEGRITY. */
int note_open(struct str note, const struct note_key *k, struct str *ret_text,
	      struct err *err) WARN_UNUSED;

#endif
