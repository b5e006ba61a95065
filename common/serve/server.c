/* serve/server.c: what all requests of a process share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/log.h"
#include "serve/miss.h"
#include "serve/server.h"

#include "base/banned.h"

static enum log_level level_of(const char *name)
{
	static const struct {
		const char *name;
		enum log_level level;
	} levels[] = { { "error", LOG_LEVEL_ERROR }, { "warn", LOG_LEVEL_WARN },
		       { "info", LOG_LEVEL_INFO }, { "debug", LOG_LEVEL_DEBUG } };

	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		if (strcmp(name, levels[i].name) == 0)
			return levels[i].level;
	return LOG_LEVEL_INFO;
}

int server_init(struct server *sv, const char *conf_file, char *const *environment, bool cgi,
		struct err *err)
{
	*sv = (struct server){ .cache = CACHE() };
	if (config_load(conf_file, environment, cgi, &sv->config, err) < 0)
		return -1;
	const struct settings *s = config_global(sv->config);
	log_init(cgi ? "stoa.cgi" : "stoa.fcgi", level_of(s->log_level));
	if (cache_open(&sv->cache, s->cache, err) < 0 ||
	    helper_init(&sv->helper, sv->config, &sv->cache, cgi, err) < 0) {
		cache_release(&sv->cache);
		config_free(sv->config);
		return -1;
	}
	/* A CGI process has one request, which may always wait; the pool of stoa.fcgi
	 * says how many of its threads may. */
	sv->miss_most = 1;
	return 0;
}

void server_release(struct server *sv)
{
	helper_release(&sv->helper);
	cache_release(&sv->cache);
	config_free(sv->config);
	sv->config = NULL;
}

void worker_init(struct worker *w)
{
	*w = (struct worker){ .rq = REQUEST(), .key = KEY(), .rp = REPLY(), .err = ERR(),
			      .what = BUF(2 * MAX_URI) };
}

void worker_release(struct worker *w)
{
	request_release(&w->rq);
	key_release(&w->key);
	reply_release(&w->rp);
	err_release(&w->err);
	buf_release(&w->what);
}
