/* fetch/origin.c: whose URL it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <curl/curl.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/mem.h"
#include "fetch/origin.h"

#include "base/banned.h"

static void handle_free(CURLU **u)
{
	curl_url_cleanup(*u);
}

/* The part in our own memory, NULL when the URL has none. */
static char *part_of(CURLU *u, CURLUPart what, unsigned int flags)
{
	char *part = NULL;

	if (curl_url_get(u, what, &part, flags) != CURLUE_OK)
		return NULL;
	char *copy = xstrdup(part);
	curl_free(part);
	return copy;
}

static void lower(char *s)
{
	for (; *s; s++)
		if (*s >= 'A' && *s <= 'Z')
			*s = (char)(*s + ('a' - 'A'));
}

static void take_parts(CURLU *u, struct origin *o)
{
	o->scheme = part_of(u, CURLUPART_SCHEME, 0);
	o->host = part_of(u, CURLUPART_HOST, 0);
	o->port = part_of(u, CURLUPART_PORT, CURLU_DEFAULT_PORT);
	o->user = part_of(u, CURLUPART_USER, CURLU_URLDECODE);
	o->password = part_of(u, CURLUPART_PASSWORD, CURLU_URLDECODE);
	curl_url_set(u, CURLUPART_USER, NULL, 0);
	curl_url_set(u, CURLUPART_PASSWORD, NULL, 0);
	curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0);
	o->url = part_of(u, CURLUPART_URL, 0);
}

int origin_parse(const char *url, struct origin *ret, struct err *err)
{
	CLEANUP(handle_free) CURLU *u = curl_url();
	CLEANUP(origin_release) struct origin o = ORIGIN();

	if (!u || curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS) != CURLUE_OK)
		return err_set(err, FAULT_UPSTREAM, "the URL is malformed");
	take_parts(u, &o);
	if (!o.scheme || !o.host || !o.port || !o.url)
		return err_set(err, FAULT_UPSTREAM, "the URL is malformed");
	lower(o.scheme);
	lower(o.host);
	if (strcmp(o.scheme, "http") != 0 && strcmp(o.scheme, "https") != 0)
		return err_set(err, FAULT_UPSTREAM, "the scheme %s is not allowed",
			       o.scheme);
	origin_release(ret);
	*ret = o;
	o = ORIGIN();
	return 0;
}

void origin_release(struct origin *o)
{
	free(o->url);
	free(o->scheme);
	free(o->host);
	free(o->port);
	free(o->user);
	free(o->password);
	*o = ORIGIN();
}

bool origin_same(const struct origin *a, const struct origin *b)
{
	return strcmp(a->scheme, b->scheme) == 0 && strcmp(a->host, b->host) == 0 &&
	       strcmp(a->port, b->port) == 0;
}

bool origin_is_loopback(const struct origin *o)
{
	struct str host = str_of(o->host);

	if (str_eqz(host, "localhost") || str_eqz(host, "[::1]"))
		return true;
	if (!str_starts(host, STR("127.")))
		return false;
	for (size_t i = 0; i < host.n; i++)
		if (host.p[i] != '.' && (host.p[i] < '0' || host.p[i] > '9'))
			return false;
	return true;
}

int origin_redirect(const struct origin *from, const char *target, struct origin *ret,
		    struct err *err)
{
	CLEANUP(origin_release) struct origin to = ORIGIN();

	if (origin_parse(target, &to, err) < 0)
		return err_wrap(err, "http: redirect");
	if (strcmp(from->scheme, "https") == 0 && strcmp(to.scheme, "https") != 0)
		return err_set(err, FAULT_UPSTREAM, "http: redirect: from https to http (%s)",
			       to.host);
	free(to.user);
	free(to.password);
	to.user = NULL;
	to.password = NULL;
	origin_release(ret);
	*ret = to;
	to = ORIGIN();
	return 0;
}
