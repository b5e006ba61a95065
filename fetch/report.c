/* fetch/report.c: one log line about how a job ended.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/log.h"
#include "fetch/base64.h"
#include "fetch/job.h"
#include "fetch/report.h"
#include "module/key.h"

#include "base/banned.h"

/* What nobody asked for is nobody's trouble when it fails. */
static enum log_level level_of(const struct err *err, const char *why)
{
	if (why)
		return LOG_LEVEL_DEBUG;
	if (err->fault == FAULT_INTEGRITY)
		return LOG_LEVEL_ERROR;
	return err->fault == FAULT_NONE ? LOG_LEVEL_INFO : LOG_LEVEL_WARN;
}

static void end_line(struct log_line *l, const struct err *err)
{
	if (err->fault != FAULT_NONE)
		log_str(l, "fault", str_of(fault_row(err->fault)->label));
	log_str(l, "text", buf_view(&err->text));
	log_end(l);
}

void report_job(const struct key *k, const struct job *j, int64_t ms, const char *why,
		const struct err *err)
{
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	struct log_line l;

	if (!log_wants(level_of(err, why)))
		return;
	key_text(k, &what);
	log_begin(&l, level_of(err, why));
	log_str(&l, "mod", buf_view(&what));
	log_str(&l, "kind", str_of(kind_row(k->kind)->name));
	log_str(&l, "why", str_of(why));
	log_str(&l, "source", buf_view(&j->source));
	log_int(&l, "ms", ms);
	log_int(&l, "bytes", j->bytes);
	end_line(&l, err);
}

void report_refused(const char *kind, struct str module, struct str version,
		    const struct err *err)
{
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	struct log_line l;

	buf_str(&what, module);
	buf_puts(&what, version.n ? " " : "");
	buf_str(&what, version);
	log_begin(&l, level_of(err, NULL));
	log_str(&l, "mod", buf_view(&what));
	log_str(&l, "kind", str_of(kind));
	end_line(&l, err);
}

void report_distrust(struct str name, struct str text, struct str older, struct str newer,
		     const unsigned char *hash, size_t hash_size)
{
	CLEANUP(buf_release) struct buf got = BUF(100);
	struct log_line l;

	base64_encode(hash, hash_size, &got);
	log_begin(&l, LOG_LEVEL_ERROR);
	log_str(&l, "sumdb", name);
	log_str(&l, "fault", str_of(fault_row(FAULT_INTEGRITY)->label));
	log_str(&l, "text", text);
	log_str(&l, "older", older);
	log_str(&l, "newer", newer);
	log_str(&l, "newer_begins", buf_view(&got));
	log_end(&l);
}
