/* fetch/net.c: HTTP, by libcurl's multi interface.
 *
 * libcurl never reads the environment here: proxies, certificates and netrc
 * come from the settings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/stop.h"
#include "base/url.h"
#include "config/config.h"
#include "fetch/body.h"
#include "fetch/net.h"
#include "fetch/origin.h"
#include "fetch/status.h"
#include "fetch/text.h"

#include "base/banned.h"

/* As the go command (net/http's default). */
#define MAX_REDIRECTS 10

/* What is read of a body that only explains a failure. */
#define MAX_SAID 2048

/* A redirect is followed once its body has ended; one that is longer than this
 * is not. */
#define MAX_REDIRECT_BODY (1 << 20)

/* libcurl's largest block per write is 16 kB; more room saves system calls on
 * a fast link. */
#define RECEIVE_BUFFER (128 * 1024L)

/* By how much libcurl's own limit on the time to connect comes before ours: it
 * knows better what was waited for. */
#define OWN_LIMIT_MS 100

/* One request under way. */
struct flight {
	struct net *net;
	struct net_request *r;
	CURL *easy;
	struct origin home;	/* of the URL that was asked for */
	struct origin at;	/* of the one that is asked now */
	struct buf said;	/* the body of an answer other than 200 */
	struct err body_err;	/* why we stopped reading */
	int redirects;
	size_t passed;		/* of a redirect's body */
	bool tried_again;
	bool folder_only;	/* of the system's certificates, only the folder */
	bool running;		/* in the multi handle */
	bool finished;		/* nothing may be done to r any more */
	bool never_sent;	/* end_unsent() */
	int64_t start_ms;	/* when it may run */
	int64_t ran_ms;		/* when it began to */
	curl_off_t seen;	/* bytes that had come when we last looked */
	int64_t seen_ms;	/* since when no more have; 0: not asked yet */
	char detail[CURL_ERROR_SIZE];
	struct flight *next;
};

static void flight_free(struct flight *f)
{
	if (!f)
		return;
	if (f->easy) {
		if (f->running)
			curl_multi_remove_handle(f->net->multi, f->easy);
		curl_easy_cleanup(f->easy);
	}
	origin_release(&f->home);
	origin_release(&f->at);
	buf_release(&f->said);
	err_release(&f->body_err);
	free(f);
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct flight *f = ctx;
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status != 200 && (!f->r->any_status || status_is_redirect((int)status))) {
		struct str part = str_head(str_make(p, size * n), f->said.max - f->said.n);
		buf_str(&f->said, part);
		f->passed += size * n;
		return status_is_redirect((int)status) && f->passed <= MAX_REDIRECT_BODY
			       ? size * n : part.n;
	}
	return body_write(f->r->body, p, size * n, &f->body_err) < 0 ? 0 : size * n;
}

/* --- what is set on a handle --- */

static const char *proxy_for(const struct settings *s, const struct origin *o)
{
	if (origin_is_loopback(o))
		return "";
	return strcmp(o->scheme, "https") == 0 ? s->https_proxy : s->http_proxy;
}

/* Reading Debian's bundle of 144 authorities costs OpenSSL 3.0 25 ms of every
 * process that makes one connection (51 ms against 26 ms for one .info over
 * HTTP/2); the system's folder of hashed certificates costs what is looked up.
 * A system whose folder lacks the authority is asked again with the bundle.
 * true: only the folder was set. */
static bool trust(const struct net *n, CURL *easy)
{
	const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
	const char *own = n->settings->ca_file;
	bool by_default = !own[0] || (info->cainfo && strcmp(own, info->cainfo) == 0);
	struct stat st;

	if (!by_default) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, own);
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
		return false;
	}
	if (n->whole_bundle || !info->cainfo || !info->capath || stat(info->capath, &st) < 0) {
		curl_easy_setopt(easy, CURLOPT_CAINFO, info->cainfo);
		return false;
	}
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	return true;
}

/* What stays the same for all that one request asks. -1 when this libcurl
 * cannot limit itself to http and https. */
static int set_always(struct flight *f)
{
	const struct settings *s = f->net->settings;
	CURL *e = f->easy;

	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(e, CURLOPT_ERRORBUFFER, f->detail);
	curl_easy_setopt(e, CURLOPT_PRIVATE, f);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(e, CURLOPT_USERAGENT, PACKAGE_NAME "/" PACKAGE_VERSION);
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(e, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT, (long)s->connect_timeout);
	curl_easy_setopt(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->r->body->max);
	curl_easy_setopt(e, CURLOPT_NOPROXY, s->no_proxy);
	if (f->r->compressed)
		curl_easy_setopt(e, CURLOPT_ACCEPT_ENCODING, "");
	else
		curl_easy_setopt(e, CURLOPT_BUFFERSIZE, RECEIVE_BUFFER);
	return curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK ? 0 : -1;
}

/* What depends on the URL that is asked now. netrc is left out after a redirect
 * to another origin: its "default" entry would go to whoever we are sent to.
 * The second of two requests to one host waits to see whether the first one's
 * connection takes both. */
static void set_target(struct flight *f)
{
	const struct settings *s = f->net->settings;
	bool home = origin_same(&f->home, &f->at);
	bool https = strcmp(f->at.scheme, "https") == 0;
	int64_t left = clock_left(f->r->deadline_ms);
	CURL *e = f->easy;

	curl_easy_setopt(e, CURLOPT_URL, f->at.url);
	curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, (long)(left ? left : 1));
	curl_easy_setopt(e, CURLOPT_PIPEWAIT, https ? 1L : 0L);
	curl_easy_setopt(e, CURLOPT_PROXY, proxy_for(s, &f->at));
	curl_easy_setopt(e, CURLOPT_USERNAME, home ? f->home.user : NULL);
	curl_easy_setopt(e, CURLOPT_PASSWORD, home ? f->home.password : NULL);
	curl_easy_setopt(e, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(e, CURLOPT_NETRC, (long)(home && s->netrc[0] ? CURL_NETRC_OPTIONAL
								      : CURL_NETRC_IGNORED));
	if (s->netrc[0])
		curl_easy_setopt(e, CURLOPT_NETRC_FILE, s->netrc);
	f->folder_only = https && trust(f->net, e);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, f->r->insecure ? 0L : 1L);
	curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, f->r->insecure ? 0L : 2L);
}

/* Tells whoever waits. The request is its owner's again from here on. */
static void finish(struct flight *f)
{
	struct net *n = f->net;

	f->finished = true;
	if (!n->threaded) {
		f->r->done = true;
		return;
	}
	pthread_mutex_lock(&n->lock);
	f->r->done = true;
	if (f->r->waker)
		pthread_cond_signal(f->r->waker);
	pthread_mutex_unlock(&n->lock);
}

/* A redirect's query may be a key to a store. */
static void trace_target(const struct flight *f)
{
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

	if (!trace_on(TRACE_NET))
		return;
	url_redact(&url, str_of(f->at.url));
	trace(TRACE_NET, "GET %s", url.p);
}

static void flight_run(struct flight *f)
{
	f->seen_ms = 0;
	f->ran_ms = clock_ms();
	set_target(f);
	f->detail[0] = '\0';
	trace_target(f);
	f->running = curl_multi_add_handle(f->net->multi, f->easy) == CURLM_OK;
	if (f->running)
		return;
	err_set(&f->r->err, FAULT_BUG, "the HTTP library takes no request");
	finish(f);
}

/* --- what an end means --- */

static bool has_passed(CURL *easy, CURLINFO what)
{
	curl_off_t us = 0;

	curl_easy_getinfo(easy, what, &us);
	return us > 0;
}

/* How far a request had come that has timed out. */
static const char *stage_reached(const struct flight *f)
{
	bool https = strcmp(f->at.scheme, "https") == 0;

	char *address = NULL;
	long connects = 0;

	if (f->r->status)
		return "body";
	curl_easy_getinfo(f->easy, CURLINFO_PRIMARY_IP, &address);
	curl_easy_getinfo(f->easy, CURLINFO_NUM_CONNECTS, &connects);
	if (address && address[0] && connects == 0)
		return "http"; /* on a connection that was there already */
	if (f->never_sent)
		return "connect";
	if (!has_passed(f->easy, CURLINFO_NAMELOOKUP_TIME_T))
		return "dns";
	if (!has_passed(f->easy, CURLINFO_CONNECT_TIME_T))
		return "connect";
	if (https && !has_passed(f->easy, CURLINFO_APPCONNECT_TIME_T))
		return "tls";
	return "http";
}

static const char *stage_of(const struct flight *f, CURLcode code)
{
	switch ((int)code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return "dns";
	case CURLE_COULDNT_CONNECT:
		return "connect";
	case CURLE_SSL_CONNECT_ERROR:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return "tls";
	case CURLE_PARTIAL_FILE:
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_FILESIZE_EXCEEDED:
		return "body";
	default:
		return stage_reached(f);
	}
}

static void transport_err(struct flight *f, CURLcode code, struct err *err)
{
	CLEANUP(buf_release) struct buf why = BUF(200);
	const char *said = f->detail[0] ? f->detail : curl_easy_strerror(code);
	long tunnel = 0;

	curl_easy_getinfo(f->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	text_clean(str_of(said), 1, why.max, &why);
	if (code == CURLE_WRITE_ERROR && f->body_err.fault != FAULT_NONE)
		err_move(err, &f->body_err);
	else if (code == CURLE_FILESIZE_EXCEEDED)
		err_set(err, FAULT_UPSTREAM, "body: larger than %lld bytes",
			(long long)f->r->body->max);
	else if (code == CURLE_SSL_CACERT_BADFILE)
		err_set(err, FAULT_LOCAL, "the file of certificate authorities cannot be read");
	else if (tunnel >= 300)
		err_set(err, tunnel == 407 ? FAULT_AUTH : FAULT_UPSTREAM,
			"connect: the HTTP proxy answered %ld", tunnel);
	else
		err_set(err, code == CURLE_OPERATION_TIMEDOUT ? FAULT_TIMEOUT : FAULT_UPSTREAM,
			"%s: %s", stage_of(f, code), why.p);
}

/* The connection broke (reset, closed, GOAWAY, refused stream) before the body
 * began: nothing of it was used yet. */
static bool may_try_again(const struct flight *f, CURLcode code)
{
	bool broken = code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR ||
		      code == CURLE_GOT_NOTHING || code == CURLE_HTTP2 ||
		      code == CURLE_HTTP2_STREAM;
	/* What an answer before this one had left over on the connection. */
	bool leftover = code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_WEIRD_SERVER_REPLY;
	long tunnel = 0;

	curl_easy_getinfo(f->easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
	return (broken || leftover) && tunnel < 300 && !f->tried_again && f->r->body->n == 0;
}

/* true when the request was started anew. */
static bool try_again(struct flight *f, CURLcode code)
{
	if (code == CURLE_PEER_FAILED_VERIFICATION && f->folder_only) {
		f->net->whole_bundle = true;
		f->start_ms = clock_ms();
		return true;
	}
	if (!may_try_again(f, code))
		return false;
	f->tried_again = true;
	curl_easy_setopt(f->easy, CURLOPT_FRESH_CONNECT, 1L);
	/* 100 to 300 ms; the clock's low digits spread those who failed together */
	int64_t now = clock_ms();
	f->start_ms = now + 100 + now % 201;
	return clock_left(f->r->deadline_ms) > f->start_ms - now;
}

/* 1: on its way to the new place; -1: refused. */
static int follow(struct flight *f, const char *target)
{
	if (++f->redirects > MAX_REDIRECTS)
		return err_set(&f->r->err, FAULT_UPSTREAM, "http: more than %d redirects",
			       MAX_REDIRECTS);
	if (origin_redirect(&f->at, target, &f->at, &f->r->err) < 0)
		return -1;
	buf_reset(&f->said);
	f->passed = 0;
	f->start_ms = clock_ms();
	return 1;
}

/* 1 when it goes on, 0 for a whole body, -1 with r->err. */
static int judge_answer(struct flight *f, int status)
{
	char *target = NULL;
	char *type = NULL;
	curl_off_t after = 0;

	if (status == 200)
		return 0;
	curl_easy_getinfo(f->easy, CURLINFO_REDIRECT_URL, &target);
	if (target && status_is_redirect(status))
		return follow(f, target);
	if (f->r->any_status)
		return 0;
	curl_easy_getinfo(f->easy, CURLINFO_CONTENT_TYPE, &type);
	curl_easy_getinfo(f->easy, CURLINFO_RETRY_AFTER, &after);
	return status_err(status, str_of(type), buf_view(&f->said), after, &f->r->err);
}

static int judge(struct flight *f, CURLcode code)
{
	long status = 0;

	curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
	f->r->status = (int)status;
	/* A status other than 200 is the answer, whatever became of its body. */
	if (code == CURLE_OK || (status >= 300 && f->body_err.fault == FAULT_NONE))
		return judge_answer(f, (int)status);
	if (try_again(f, code))
		return 1;
	transport_err(f, code, &f->r->err);
	return -1;
}

/* Says where we were sent, when that is not where we asked. */
static void name_target(struct flight *f)
{
	if (f->r->err.fault != FAULT_LOCAL && !origin_same(&f->home, &f->at))
		err_wrap(&f->r->err, "redirected to %s", f->at.host);
}

static void ended(struct flight *f, CURLcode code)
{
	curl_multi_remove_handle(f->net->multi, f->easy);
	f->running = false;
	int rc = judge(f, code);
	if (rc > 0)
		return;
	if (rc < 0)
		name_target(f);
	finish(f);
}

static bool was_sent(const struct flight *f)
{
	return has_passed(f->easy, CURLINFO_PRETRANSFER_TIME_T);
}

/* How long a request may go on without a connection; 0: it may not. libcurl's
 * own limit comes first where it holds: not for one that waits for another's
 * connection, and these it would let try one after the other. */
static int64_t unsent_left(const struct flight *f)
{
	int64_t until = f->ran_ms + f->net->settings->connect_timeout * 1000;

	return clock_left((until < f->r->deadline_ms ? until : f->r->deadline_ms) + OWN_LIMIT_MS);
}

/* libcurl's own limit looks at the average speed of five seconds, and so comes
 * five seconds late. How long a request that was sent may go on before it has
 * been idle for too long; 0: it has. */
static int64_t idle_left(struct flight *f, int64_t idle_ms)
{
	curl_off_t body = 0;
	long head = 0;

	curl_easy_getinfo(f->easy, CURLINFO_SIZE_DOWNLOAD_T, &body);
	curl_easy_getinfo(f->easy, CURLINFO_HEADER_SIZE, &head);
	if (f->seen_ms == 0 || f->seen != body + head) {
		f->seen = body + head;
		f->seen_ms = clock_ms();
	}
	return clock_left(f->seen_ms + idle_ms);
}

static void end_idle(struct flight *f)
{
	snprintf(f->detail, sizeof(f->detail), "nothing came for %lld s",
		 (long long)f->net->settings->idle_timeout);
	ended(f, CURLE_OPERATION_TIMEDOUT);
}

static void end_unsent(struct flight *f)
{
	f->never_sent = true;
	snprintf(f->detail, sizeof(f->detail), "no connection for %lld s",
		 (long long)((clock_ms() - f->ran_ms) / 1000));
	ended(f, CURLE_OPERATION_TIMEDOUT);
}

/* --- the loop --- */

static int multi_open(struct net *n, struct err *err)
{
	if (n->multi)
		return 0;
	if (curl_global_init(CURL_GLOBAL_SSL) != CURLE_OK)
		return err_set(err, FAULT_LOCAL, "the HTTP library does not start");
	n->multi = curl_multi_init();
	if (n->multi)
		return 0;
	curl_global_cleanup();
	return err_set(err, FAULT_LOCAL, "the HTTP library does not start");
}

static int flight_prepare(struct flight *f, struct err *err)
{
	if (multi_open(f->net, err) < 0)
		return -1;
	if (origin_parse(f->r->url, &f->home, err) < 0 || origin_parse(f->r->url, &f->at, err) < 0)
		return err_wrap(err, "http");
	f->easy = curl_easy_init();
	if (!f->easy || set_always(f) < 0)
		return err_set(err, FAULT_LOCAL, "the HTTP library lacks what is needed");
	return 0;
}

void net_start(struct net *n, struct net_request *r)
{
	struct flight *f = xcalloc(1, sizeof(*f));

	f->net = n;
	f->r = r;
	f->said = BUF(MAX_SAID);
	f->body_err = ERR();
	r->done = false;
	r->status = 0;
	r->waker = NULL;
	atomic_store(&r->unwanted, false);
	err_reset(&r->err);
	if (flight_prepare(f, &r->err) < 0) {
		r->done = true;
		flight_free(f);
		return;
	}
	if (n->threaded) {
		pthread_mutex_lock(&n->lock);
		f->next = n->incoming;
		n->incoming = f;
		pthread_mutex_unlock(&n->lock);
		curl_multi_wakeup(n->multi);
		return;
	}
	f->next = n->flights;
	n->flights = f;
	flight_run(f);
}

static void drop(struct flight *f)
{
	if (f->running)
		curl_multi_remove_handle(f->net->multi, f->easy);
	f->running = false;
	err_set(&f->r->err, FAULT_BUSY, "nobody waits for it any more");
	finish(f);
}

/* Ends it when it is idle, unwanted or without a connection, starts it when its
 * time has come; returns how long nothing of that kind will happen. */
static int64_t tend_one(struct flight *f)
{
	int64_t idle_ms = f->net->settings->idle_timeout * 1000;

	if (atomic_load(&f->r->unwanted)) {
		drop(f);
		return 0;
	}
	bool sent = f->running && was_sent(f);
	int64_t left = !f->running ? clock_left(f->start_ms)
		       : sent ? idle_left(f, idle_ms) : unsent_left(f);

	if (left > 0)
		return left;
	if (!f->running)
		flight_run(f);
	else if (sent)
		end_idle(f);
	else
		end_unsent(f);
	return 0;
}

/* Takes the finished ones out as well. */
static int64_t tend(struct net *n)
{
	int64_t wait = 1000;
	struct flight **link = &n->flights;

	while (*link) {
		struct flight *f = *link;
		int64_t left = f->finished ? 0 : tend_one(f);
		if (f->finished) {
			*link = f->next;
			flight_free(f);
			continue;
		}
		if (left < wait)
			wait = left;
		link = &f->next;
	}
	return wait;
}

static void collect(struct net *n)
{
	int more = 0;
	CURLMsg *m = NULL;

	while ((m = curl_multi_info_read(n->multi, &more)) != NULL) {
		char *p = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &p);
		ended((struct flight *)(void *)p, code);
	}
}

static void work(struct net *n)
{
	int running = 0;

	curl_multi_perform(n->multi, &running);
	collect(n);
	int64_t wait = tend(n);
	if (n->threaded || n->flights)
		curl_multi_poll(n->multi, NULL, 0, (int)wait, NULL);
}

void net_wait(struct net *n, struct net_request *r)
{
	if (!n->threaded) {
		while (!r->done)
			work(n);
		tend(n); /* takes the finished flight out */
		return;
	}
	pthread_cond_t waker;

	pthread_cond_init(&waker, NULL);
	pthread_mutex_lock(&n->lock);
	r->waker = &waker;
	while (!r->done)
		pthread_cond_wait(&waker, &n->lock);
	r->waker = NULL;
	pthread_mutex_unlock(&n->lock);
	pthread_cond_destroy(&waker);
}

/* Moves what others started to the thread's own list. false at the end. */
static bool admit(struct net *n)
{
	pthread_mutex_lock(&n->lock);
	struct flight *f = n->incoming;
	n->incoming = NULL;
	bool going = !n->ending;
	pthread_mutex_unlock(&n->lock);
	while (f) {
		struct flight *next = f->next;
		f->next = n->flights;
		n->flights = f;
		f = next;
	}
	return going;
}

static void abandon(struct net *n)
{
	for (struct flight *f = n->flights; f; f = f->next) {
		if (f->finished)
			continue;
		/* first, since the request's owner may free what bytes go to */
		if (f->running)
			curl_multi_remove_handle(n->multi, f->easy);
		f->running = false;
		err_set(&f->r->err, FAULT_BUSY, "the fetch helper is being stopped; try again");
		finish(f);
	}
}

static void *net_main(void *arg)
{
	struct net *n = arg;

	while (admit(n)) {
		if (stop_requested())
			abandon(n);
		work(n);
	}
	abandon(n);
	return NULL;
}

void net_cancel(struct net *n, struct net_request *r)
{
	atomic_store(&r->unwanted, true);
	if (n->threaded)
		curl_multi_wakeup(n->multi);
	else
		tend(n);
}

void net_nudge(struct net *n)
{
	curl_multi_wakeup(n->multi);
}

int net_run(struct net *n, struct err *err)
{
	if (multi_open(n, err) < 0)
		return -1;
	pthread_mutex_init(&n->lock, NULL);
	n->threaded = true;
	int rc = pthread_create(&n->thread, NULL, net_main, n);
	if (rc == 0)
		return 0;
	n->threaded = false;
	pthread_mutex_destroy(&n->lock);
	return err_sys(err, FAULT_LOCAL, rc, "cannot start a thread");
}

void net_request_release(struct net_request *r)
{
	err_release(&r->err);
}

void net_release(struct net *n)
{
	if (n->threaded) {
		pthread_mutex_lock(&n->lock);
		n->ending = true;
		pthread_mutex_unlock(&n->lock);
		curl_multi_wakeup(n->multi);
		pthread_join(n->thread, NULL);
		pthread_mutex_destroy(&n->lock);
		n->threaded = false;
	}
	while (n->flights) {
		struct flight *f = n->flights;
		n->flights = f->next;
		flight_free(f);
	}
	if (n->multi) {
		curl_multi_cleanup(n->multi);
		curl_global_cleanup();
	}
	*n = NET(n->settings);
}
