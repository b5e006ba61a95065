/* base/log.h: one line per event to standard error.
 *
 * Programs log; libraries fill a struct err instead. A line is
 *
 *	level=warn prog=stoa.fcgi req=8f3a mod=example.com/m@v1.2.3 \
 *		fault=upstream text="..."
 *
 * written with one write(2), so that lines of many processes do not mix.
 * Values with blanks, quotes, control or non-ASCII bytes are quoted, with
 * those bytes as \xNN.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/buf.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* The program's name in each line and what is still written; both are set once
 * at the start, before any thread. `name` is borrowed for the process's life. */
void log_init(const char *name, enum log_level most);

bool log_wants(enum log_level level);

struct log_line {
	enum log_level level;
	struct buf b;
};

/* log_begin, fields, log_end; log_end writes and releases. */
void log_begin(struct log_line *l, enum log_level level);
void log_str(struct log_line *l, const char *key, struct str value);
void log_int(struct log_line *l, const char *key, int64_t value);
void log_end(struct log_line *l);

/* The common case: a text and nothing else. */
void log_text(enum log_level level, const char *fmt, ...) PRINTF(2, 3);

/* Appends the value as a log line shows it. */
void log_quote(struct buf *b, struct str value);

/* Debug output by STOA_TRACE=spawn,cache,policy,net (or "all"), read once by
 * trace_init from the given value (NULL: nothing). */
enum trace_topic { TRACE_SPAWN, TRACE_CACHE, TRACE_POLICY, TRACE_NET, TRACE_COUNT };
void trace_init(const char *topics);
bool trace_on(enum trace_topic topic);
void trace(enum trace_topic topic, const char *fmt, ...) PRINTF(2, 3);

#endif
