/* base/log.c: one line per event to standard error.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"

#include "base/banned.h"

static const char *const level_names[] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARN] = "warn",
	[LOG_LEVEL_INFO] = "info",
	[LOG_LEVEL_DEBUG] = "debug",
};

static const char *const topic_names[TRACE_COUNT] = {
	[TRACE_SPAWN] = "spawn",
	[TRACE_CACHE] = "cache",
	[TRACE_POLICY] = "policy",
	[TRACE_NET] = "net",
};

static struct {
	const char *name;
	enum log_level most;
	bool topics[TRACE_COUNT];
} log_state = { "stoa", LOG_LEVEL_INFO, { false } };

void log_init(const char *name, enum log_level most)
{
	log_state.name = name;
	log_state.most = most;
}

bool log_wants(enum log_level level)
{
	return level <= log_state.most;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return s.n > 0;
}

void log_quote(struct buf *b, struct str s)
{
	if (is_plain(s)) {
		buf_str(b, s);
		return;
	}
	buf_putc(b, '"');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c == '\n')
			buf_puts(b, "\\n");
		else if (c == '"' || c == '\\')
			buf_printf(b, "\\%c", c);
		else if (c < ' ' || c >= 0x7f)
			buf_printf(b, "\\x%02x", c);
		else
			buf_putc(b, (char)c);
	}
	buf_putc(b, '"');
}

void log_begin(struct log_line *l, enum log_level level)
{
	l->level = level;
	l->b = BUF(4 * MAX_LOGLINE);
	buf_printf(&l->b, "level=%s prog=%s", level_names[level], log_state.name);
}

void log_str(struct log_line *l, const char *key, struct str value)
{
	if (value.n == 0)
		return;
	buf_printf(&l->b, " %s=", key);
	log_quote(&l->b, str_head(value, MAX_LOGLINE / 2));
}

void log_int(struct log_line *l, const char *key, int64_t value)
{
	buf_printf(&l->b, " %s=%lld", key, (long long)value);
}

void log_end(struct log_line *l)
{
	if (log_wants(l->level)) {
		if (l->b.over) { /* cut, so that the next line is one of its own */
			buf_cut(&l->b, l->b.max - 1);
			l->b.over = false;
		}
		buf_putc(&l->b, '\n');
		int rc = io_write_all(2, l->b.p, l->b.n);
		(void)rc; /* nowhere left to say so */
	}
	buf_release(&l->b);
}

void log_text(enum log_level level, const char *fmt, ...)
{
	char text[MAX_LOGLINE + 1]; /* longer is cut, not lost */
	struct log_line l;
	va_list ap;

	if (!log_wants(level))
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_begin(&l, level);
	log_str(&l, "text", str_of(text));
	log_end(&l);
}

void trace_init(const char *topics)
{
	struct str rest = str_of(topics);
	struct str name;

	while (str_cut(&rest, ',', &name))
		for (int i = 0; i < TRACE_COUNT; i++)
			if (str_eqz(name, topic_names[i]) || str_eqz(name, "all"))
				log_state.topics[i] = true;
}

bool trace_on(enum trace_topic topic)
{
	return log_state.topics[topic];
}

void trace(enum trace_topic topic, const char *fmt, ...)
{
	char text[MAX_LOGLINE + 1]; /* longer is cut, not lost */
	struct log_line l;
	va_list ap;

	if (!log_state.topics[topic])
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_begin(&l, LOG_LEVEL_ERROR); /* asked for by name: whatever log_level says */
	log_str(&l, "trace", str_of(topic_names[topic]));
	log_str(&l, "text", str_of(text));
	log_end(&l);
}
