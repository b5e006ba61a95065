/* serve/respond.c: one function for one request, readable top to bottom.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "cache/refusal.h"
#include "http/peer.h"
#include "http/request.h"
#include "policy/policy.h"
#include "serve/miss.h"
#include "serve/respond.h"
#include "serve/route.h"

#include "base/banned.h"

#define HOME_TEXT \
	"This is Stoa " PACKAGE_VERSION ", a Go module proxy.\n" \
	"Use it with: GOPROXY=<this address> go mod download\n"
#define VERSION_TEXT "{\"name\":\"stoa\",\"version\":\"" PACKAGE_VERSION "\"}\n"

static const char text_plain[] = "text/plain; charset=utf-8";

/* Content types as the web servers' static configurations in etc/ give them. */
static const char *const types[KIND_COUNT] = {
	[KIND_LIST] = text_plain,
	[KIND_LATEST] = "application/json",
	[KIND_INFO] = "application/json",
	[KIND_MOD] = text_plain,
	[KIND_ZIP] = "application/zip",
	[KIND_QUERY] = "application/json",
	[KIND_SUMDB_SUPPORTED] = text_plain,
	[KIND_SUMDB_LATEST] = text_plain,
	[KIND_SUMDB_LOOKUP] = text_plain,
	[KIND_SUMDB_TILE] = "application/octet-stream",
};

static void log_fault(const struct worker *w)
{
	struct log_line l;
	enum log_level level = LOG_LEVEL_WARN;

	if (w->err.fault == FAULT_BAD_REQUEST || w->err.fault == FAULT_METHOD)
		level = LOG_LEVEL_DEBUG;
	else if (fault_is_absence(w->err.fault))
		level = LOG_LEVEL_INFO;
	else if (w->err.fault == FAULT_LOCAL || w->err.fault == FAULT_BUG ||
		 w->err.fault == FAULT_INTEGRITY)
		level = LOG_LEVEL_ERROR;
	if (!log_wants(level))
		return;
	log_begin(&l, level);
	log_str(&l, "client", w->rq.remote_addr);
	log_str(&l, "mod", buf_view(&w->what));
	if (!w->what.n)
		log_str(&l, "path", buf_view(&w->rq.path));
	log_str(&l, "fault", str_of(fault_row(w->err.fault)->label));
	log_str(&l, "text", buf_view(&w->err.text));
	log_end(&l);
}

static void refuse(struct worker *w)
{
	log_fault(w);
	reply_error(&w->rp, &w->rq, buf_view(&w->what), &w->err);
}

void respond_error(struct worker *w, enum fault fault, const char *text)
{
	buf_reset(&w->what);
	buf_reset(&w->rq.path);
	w->rq.remote_addr = STR("");
	err_set(&w->err, fault, "%s", text);
	refuse(w);
}

/* The web server's name for a file of mod/: below the cache's folder, or below
 * an internal location; percent-encoded, since the servers decode it. */
static void hand_off_name(const struct server *sv, const struct settings *s, const struct key *k,
			  struct buf *out)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf whole = BUF(2 * MAX_RELPATH);

	key_file(k, &file);
	if (strcmp(s->send_file, "X-Accel-Redirect") == 0)
		buf_printf(&whole, "%s/%s", s->send_file_prefix, file.p + strlen("mod/"));
	else
		buf_printf(&whole, "%s/%s", sv->cache.dir, file.p);
	for (size_t i = 0; i < whole.n; i++) {
		unsigned char c = (unsigned char)whole.p[i];
		if (c <= ' ' || c >= 0x7f || c == '%' || c == '?' || c == '#' || c == '"')
			buf_printf(out, "%%%02X", c);
		else
			buf_putc(out, (char)c);
	}
}

static bool hands_off(const struct settings *s, enum kind kind)
{
	return strcmp(s->send_file, "off") != 0 &&
	       (kind == KIND_INFO || kind == KIND_MOD || kind == KIND_ZIP);
}

static void serve_entry(struct server *sv, struct worker *w, const struct settings *s,
			struct entry *e)
{
	CLEANUP(buf_release) struct buf control = BUF(80);
	CLEANUP(buf_release) struct buf name = BUF(MAX_HEAD / 2);
	const struct key *k = &w->key;

	struct reply_file f = { .fd = fd_steal(&e->fd), .size = e->size, .mtime = e->mtime,
				.type = types[k->kind],
				.cache_control = STR("public, max-age=31536000, immutable") };
	if (!kind_row(k->kind)->immutable) {
		buf_printf(&control, "public, max-age=%lld",
			   (long long)policy_max_age(s, e->mtime.tv_sec, clock_wall()));
		f.cache_control = buf_view(&control);
	}
	if (hands_off(s, k->kind)) {
		hand_off_name(sv, s, k, &name);
		if (!name.over) {
			reply_hand_off(&w->rp, &w->rq, &f, s->send_file, buf_view(&name));
			return;
		}
	}
	reply_file(&w->rp, &w->rq, &f);
}

/* Nothing in the cache: a refusal that still holds, or a fetch. */
static void serve_miss(struct server *sv, struct worker *w, const struct settings *s)
{
	struct entry e = ENTRY();

	if (refusal_find(&sv->cache, &w->key, &w->err) ||
	    miss_fetch(sv, &w->key, s, 0, &w->err) < 0 ||
	    cache_lookup(&sv->cache, &w->key, &e, &w->err) < 0) {
		refuse(w);
		return;
	}
	if (e.fd < 0) {
		err_set(&w->err, FAULT_BUG, "the fetch helper published nothing");
		refuse(w);
		return;
	}
	serve_entry(sv, w, s, &e);
}

/* Too old to be served without asking; served all the same when asking fails,
 * but not when the sources say that there is no such thing any more and the cache
 * does not hold one either. */
static void serve_expired(struct server *sv, struct worker *w, const struct settings *s,
			  struct entry *e)
{
	CLEANUP(entry_release) struct entry newer = ENTRY();
	CLEANUP(err_release) struct err trouble = ERR();
	bool brought = !refusal_find(&sv->cache, &w->key, &w->err) &&
		       miss_fetch(sv, &w->key, s, e->mtime.tv_sec, &w->err) == 0;

	if (cache_lookup(&sv->cache, &w->key, &newer, &trouble) == 0 && newer.fd >= 0 &&
	    (brought || newer.mtime.tv_sec == CACHE_COMPOSED))
		serve_entry(sv, w, s, &newer);
	else if (fault_is_absence(w->err.fault))
		refuse(w);
	else
		serve_entry(sv, w, s, e);
}

static void serve_key(struct server *sv, struct worker *w)
{
	CLEANUP(entry_release) struct entry e = ENTRY();
	struct settings s;

	key_text(&w->key, &w->what);
	policy_settings(sv->config, &w->key, &s);
	if (cache_lookup(&sv->cache, &w->key, &e, &w->err) < 0) {
		refuse(w);
		return;
	}
	if (e.fd < 0) {
		serve_miss(sv, w, &s);
		return;
	}
	if (kind_row(w->key.kind)->immutable) {
		serve_entry(sv, w, &s, &e);
		return;
	}
	switch (policy_freshness(&s, e.mtime.tv_sec, clock_wall())) {
	case FRESH:
		serve_entry(sv, w, &s, &e);
		break;
	case STALE:
		serve_entry(sv, w, &s, &e);
		sv->background(sv, job_new(sv, &w->key));
		break;
	case EXPIRED:
		serve_expired(sv, w, &s, &e);
		break;
	}
}

static void serve_ready(struct server *sv, struct worker *w)
{
	if (cache_check_writable(&sv->cache, &w->err) < 0 ||
	    helper_check(&sv->helper, &w->err) < 0)
		refuse(w);
	else
		reply_text(&w->rp, &w->rq, text_plain, STR("ready\n"));
}

/* Whom the log names. Without a trusted peer the header is not even read. */
static void find_client(const struct server *sv, struct worker *w, request_var_fn *var, void *ctx)
{
	struct str trusted = str_of(config_global(sv->config)->trusted_peers);

	if (trusted.n)
		w->rq.remote_addr = peer_client(w->rq.remote_addr,
						str_of(var(ctx, "HTTP_X_FORWARDED_FOR")), trusted);
}

void respond(struct server *sv, struct worker *w, request_var_fn *var, void *ctx)
{
	enum route route = ROUTE_HOME;

	buf_reset(&w->what);
	err_reset(&w->err);
	int rc = request_parse(&w->rq, var, ctx, config_global(sv->config)->prefix, &w->err);
	find_client(sv, w, var, ctx);
	if (rc < 0 ||
	    route_parse(buf_view(&w->rq.path), &route, &w->key, &w->err) < 0) {
		refuse(w);
		return;
	}
	switch (route) {
	case ROUTE_HOME:
		reply_text(&w->rp, &w->rq, text_plain, STR(HOME_TEXT));
		break;
	case ROUTE_HEALTHZ:
		reply_text(&w->rp, &w->rq, text_plain, STR("ok\n"));
		break;
	case ROUTE_READYZ:
		serve_ready(sv, w);
		break;
	case ROUTE_VERSION:
		reply_text(&w->rp, &w->rq, "application/json", STR(VERSION_TEXT));
		break;
	case ROUTE_KEY:
		serve_key(sv, w);
		break;
	}
}
