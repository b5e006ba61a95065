/* fetch/vcs/run.c: running a version-control program.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/url.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/text.h"
#include "fetch/vcs/vcs.h"

#include "base/banned.h"

/* git removes its temporary files at TERM. */
#define GRACE_MS 2000

#define HOME_DIR "state/vcs/home"

void vcs_env_add(struct vcs_env *e, const char *name, const char *value)
{
	size_t n = strlen(name) + strlen(value) + 2;
	char *line = xmalloc(n);

	snprintf(line, n, "%s=%s", name, value);
	e->v = xreallocarray(e->v, e->n + 2, sizeof(*e->v));
	e->v[e->n++] = line;
	e->v[e->n] = NULL;
}

void vcs_env_release(struct vcs_env *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->v[i]);
	free(e->v);
	free(e->program);
	*e = (struct vcs_env){ NULL, 0, NULL };
}

static struct str path_of(const struct job *j)
{
	for (size_t i = 0; j->env[i]; i++)
		if (str_starts(str_of(j->env[i]), STR("PATH=")))
			return str_from(str_of(j->env[i]), 5);
	return STR("/usr/local/bin:/usr/bin:/bin");
}

int vcs_env_find(struct vcs_env *e, const struct job *j, const char *program, struct err *err)
{
	struct str rest = path_of(j);
	struct str folder;

	while (str_cut(&rest, ':', &folder)) {
		CLEANUP(buf_release) struct buf b = BUF(MAX_RELPATH);
		if (!str_starts(folder, STR("/")))
			continue;
		buf_str(&b, folder);
		buf_putc(&b, '/');
		buf_puts(&b, program);
		if (!b.over && access(b.p, X_OK) == 0) {
			free(e->program);
			e->program = buf_detach(&b);
			return 0;
		}
	}
	return err_set(err, FAULT_LOCAL, "%s is not installed on the proxy's machine; without it "
		       "this module cannot come straight from version control (upstream has "
		       "direct)", program);
}

/* The programs look for .netrc in HOME only. */
static int link_netrc(const struct job *j, const struct buf *home, struct err *err)
{
	static atomic_uint links; /* jobs of one process make theirs at once */
	CLEANUP(buf_release) struct buf link = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf fresh = BUF(MAX_RELPATH);
	char now[MAX_RELPATH];
	const char *wanted = j->settings->netrc;

	buf_printf(&link, "%s/.netrc", home->p);
	ssize_t n = readlink(link.p, now, sizeof(now));
	if (!wanted[0])
		return n >= 0 ? io_unlink(j->cache->root, link.p) : 0;
	if (n >= 0 && str_eqz(str_make(now, (size_t)n), wanted))
		return 0;
	buf_printf(&fresh, "%s.%ld.%u", link.p, (long)getpid(), atomic_fetch_add(&links, 1));
	int rc = io_symlink(wanted, j->cache->root, fresh.p);
	if (rc < 0 && rc != -EEXIST)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot make a home for git");
	if (io_rename(j->cache->root, fresh.p, j->cache->root, link.p) < 0)
		return err_set(err, FAULT_LOCAL, "cannot make a home for git");
	return 0;
}

int vcs_env_basic(struct vcs_env *e, const struct job *j, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf home = BUF(MAX_RELPATH);
	const struct settings *s = j->settings;

	int rc = io_mkdirs(j->cache->root, HOME_DIR);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	buf_printf(&home, "%s/%s", j->cache->dir, HOME_DIR);
	if (link_netrc(j, &home, err) < 0)
		return -1;
	buf_str(&path, path_of(j));
	vcs_env_add(e, "PATH", path.p);
	vcs_env_add(e, "HOME", home.p);
	vcs_env_add(e, "XDG_CONFIG_HOME", "/dev/null");
	vcs_env_add(e, "LC_ALL", "C");
	vcs_env_add(e, "TZ", "UTC");
	if (s->http_proxy[0])
		vcs_env_add(e, "http_proxy", s->http_proxy);
	if (s->https_proxy[0])
		vcs_env_add(e, "https_proxy", s->https_proxy);
	if (s->no_proxy[0])
		vcs_env_add(e, "no_proxy", s->no_proxy);
	return 0;
}

/* git and hg have a shell read it. */
static void shell_quote(struct buf *out, const char *s)
{
	buf_putc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'')
			buf_puts(out, "'\\''");
		else
			buf_putc(out, *s);
	}
	buf_putc(out, '\'');
}

void vcs_ssh_command(const struct settings *s, struct buf *out)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_RELPATH);

	buf_printf(out, "ssh -F /dev/null -oBatchMode=yes -oStrictHostKeyChecking=yes "
		   "-oForwardAgent=no -oClearAllForwardings=yes -oPermitLocalCommand=no "
		   "-oConnectTimeout=%lld -oServerAliveInterval=%lld -oServerAliveCountMax=1",
		   (long long)s->connect_timeout, (long long)s->idle_timeout);
	if (s->ssh_key[0]) {
		buf_puts(out, " -oIdentitiesOnly=yes -oIdentityAgent=none -i ");
		shell_quote(out, s->ssh_key);
	}
	if (s->known_hosts[0]) {
		buf_printf(&file, "-oUserKnownHostsFile=\"%s\"", s->known_hosts);
		buf_puts(out, " -oGlobalKnownHostsFile=/dev/null ");
		shell_quote(out, file.p);
	}
}

void vcs_said_release(struct vcs_said *s)
{
	buf_release(&s->out);
	buf_release(&s->said);
}

bool vcs_says(const struct vcs_said *s, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(buf_view(&s->said), str_of(words[i])) >= 0)
			return true;
	return false;
}

/* For what hides from the deadline in a group of its own. The threads of a process
 * can take as many seconds in one as there are processors. */
static int64_t cpu_seconds(const struct settings *s)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return s->vcs_timeout * (n > 0 ? n : 1);
}

int vcs_run(struct vcs_repo *r, const char *const *argv, struct vcs_said *s, struct err *err)
{
	struct job *j = r->job;
	int64_t until = clock_ms() + j->settings->vcs_timeout * 1000;
	size_t n = 0;

	while (argv[n])
		n++;
	const char **args = xcalloc(n + 1, sizeof(*args));
	const char **env = xcalloc(r->env.n + 1, sizeof(*env));
	memcpy(args, argv, n * sizeof(*args));
	for (size_t i = 0; i < r->env.n; i++)
		env[i] = r->env.v[i];
	struct child_spec spec = {
		.program = r->env.program,
		.argv = args,
		.env = env,
		.input = s->in,
		.deadline_ms = until < j->deadline_ms ? until : j->deadline_ms,
		.grace_ms = GRACE_MS,
		.cpu_seconds = cpu_seconds(j->settings),
		.memory = j->settings->vcs_memory << 20,
		.file_size = j->settings->vcs_max_file << 20,
		.listen = true,
	};
	struct child_result result = { .out = s->out, .said = s->said };
	buf_reset(&result.out);
	buf_reset(&result.said);
	int rc = child_run(&spec, &result, err);
	free(args);
	free(env);
	s->out = result.out;
	s->said = result.said;
	s->exit_code = result.exit_code;
	s->timed_out = result.timed_out;
	if (rc < 0)
		return -1;
	if (s->exit_code != 0)
		trace(TRACE_SPAWN, "%s: %s", argv[0], s->said.p);
	if (s->timed_out)
		return err_set(err, FAULT_TIMEOUT, "%s: took longer than vcs_timeout or "
			       "fetch_timeout allow", r->driver->name);
	if (result.signal)
		return err_set(err, FAULT_UPSTREAM, "%s: ended by signal %d: it may have needed "
			       "more than vcs_memory or vcs_max_file allow", r->driver->name,
			       result.signal);
	if (s->out.n == s->out.max)
		return err_set(err, FAULT_UPSTREAM, "%s: its answer is larger than %zu bytes",
			       r->driver->name, s->out.max);
	return 0;
}

/* --- what an error means --- */

static const struct {
	const char *words;
	enum fault fault;
	const char *text;	/* NULL: the program's own line */
} meanings[] = {
	{ "fsck error", FAULT_INTEGRITY, NULL },
	{ "could not read Username", FAULT_AUTH, "the server wants credentials" },
	{ "could not read Password", FAULT_AUTH, "the server wants credentials" },
	{ "Authentication failed", FAULT_AUTH, "the server refuses the credentials" },
	{ "authorization failed", FAULT_AUTH, "the server wants credentials" },
	{ "No more credentials", FAULT_AUTH, "the server wants credentials" },
	{ "Permission denied (", FAULT_AUTH, "the ssh server refuses the key" },
	{ "Host key verification failed", FAULT_AUTH,
	  "the ssh server's key is not in known_hosts" },
	{ "E170001:", FAULT_AUTH, "the server wants credentials, or refuses them" },
	{ "not authorized to", FAULT_AUTH, "the server wants credentials" },
	{ "server says: 401", FAULT_AUTH, "the server wants credentials" },
	{ "server says: 403", FAULT_AUTH, "the server refuses access (403)" },
	{ "server says: 404", FAULT_NOT_FOUND, "repository not found" },
	{ "server says: 410", FAULT_NOT_FOUND, "repository not found" },
	{ "server says: 429", FAULT_RATE_LIMITED, "the server asks to slow down (429)" },
	{ "HTTP Error 401", FAULT_AUTH, "the server wants credentials" },
	{ "HTTP Error 403", FAULT_AUTH, "the server refuses access (403)" },
	{ "HTTP Error 404", FAULT_NOT_FOUND, "repository not found" },
	{ "HTTP Error 410", FAULT_NOT_FOUND, "repository not found" },
	{ "HTTP Error 429", FAULT_RATE_LIMITED, "the server asks to slow down (429)" },
	{ "error: 401", FAULT_AUTH, "the server wants credentials" },
	{ "error: 403", FAULT_AUTH, "the server refuses access (403)" },
	{ "error: 404", FAULT_NOT_FOUND, "repository not found" },
	{ "error: 410", FAULT_NOT_FOUND, "repository not found" },
	{ "error: 429", FAULT_RATE_LIMITED, "the server asks to slow down (429)" },
	{ "does not appear to be a git repository", FAULT_NOT_FOUND, "repository not found" },
	{ "Repository not found", FAULT_NOT_FOUND, "repository not found" },
	{ "Not a branch:", FAULT_NOT_FOUND, "repository not found" },
	{ "' not found", FAULT_NOT_FOUND, "repository not found" },
	{ "not found!", FAULT_NOT_FOUND, "repository not found" },
	{ "non-existent", FAULT_NOT_FOUND, "repository not found" },
	{ "Unable to connect to a repository", FAULT_UPSTREAM, "connect: no repository answers" },
	{ "not allowed", FAULT_DENIED, "this transport is not among transports" },
	{ "Could not resolve host", FAULT_UPSTREAM, "dns: no such host" },
	{ "can't resolve host", FAULT_UPSTREAM, "dns: no such host" },
	{ "cannot connect to host", FAULT_UPSTREAM, "connect: no connection" },
	{ "Connection refused", FAULT_UPSTREAM, "connect: connection refused" },
	{ "Failed to connect", FAULT_UPSTREAM, "connect: no connection" },
	{ "Operation too slow", FAULT_TIMEOUT, "body: the server sends nothing" },
	{ "timed out", FAULT_TIMEOUT, "connect: timed out" },
	{ "SSL certificate problem", FAULT_UPSTREAM, "tls: the certificate is not trusted" },
	{ "server certificate verification failed", FAULT_UPSTREAM,
	  "tls: the certificate is not trusted" },
	{ "Out of memory", FAULT_UPSTREAM, "it needs more than vcs_memory allows" },
	{ "out of memory", FAULT_UPSTREAM, "it needs more than vcs_memory allows" },
	{ "died of signal", FAULT_UPSTREAM, "it needs more than vcs_memory or vcs_max_file allow" },
	{ "File too large", FAULT_UPSTREAM, "it needs more than vcs_max_file allows" },
	{ "No space left on device", FAULT_LOCAL, "no space left on device" },
	{ "Disk quota exceeded", FAULT_LOCAL, "disk quota exceeded" },
	{ "hung up unexpectedly", FAULT_UPSTREAM, "body: the server hung up" },
	{ "early EOF", FAULT_UPSTREAM, "body: the server hung up" },
};

static bool is_word_end(char c)
{
	return c == ' ' || c == '\'' || c == '"' || c == '\n' || c == '\t';
}

/* Words that are URLs or paths of this machine are nobody's business. */
static void hide(struct str line, struct buf *out)
{
	size_t i = 0;

	while (i < line.n) {
		size_t end = i;
		while (end < line.n && !is_word_end(line.p[end]))
			end++;
		struct str word = str_make(line.p + i, end - i);
		if (str_find(word, STR("://")) >= 0)
			url_redact(out, word);
		else if (str_chr(word, '/') == 0 && word.n > 1)
			buf_puts(out, "...");
		else
			buf_str(out, word);
		if (end < line.n)
			buf_putc(out, line.p[end]);
		i = end + 1;
	}
}

/* The line that says most: the first with "fatal:", "error:" or "abort:", else the
 * last one. */
static struct str best_line(struct str said)
{
	struct str line;
	struct str best = STR("it gave no reason");

	while (str_cut(&said, '\n', &line)) {
		line = str_trim(line);
		if (line.n == 0)
			continue;
		best = line;
		if (str_starts(line, STR("fatal:")) || str_starts(line, STR("error:")) ||
		    str_starts(line, STR("abort:")) || str_starts(line, STR("svn: E")))
			break;
	}
	return best;
}

int vcs_remote_err(const struct vcs_repo *r, const struct vcs_said *s, const char *doing,
		   struct err *err)
{
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	CLEANUP(buf_release) struct buf line = BUF(MAX_CHILD_OUTPUT * 2);
	CLEANUP(buf_release) struct buf clean = BUF(300);

	url_redact(&url, str_of(r->url));
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		ptrdiff_t at = str_find(buf_view(&s->said), str_of(meanings[i].words));
		if (at < 0)
			continue;
		if (meanings[i].text)
			return err_set(err, meanings[i].fault, "%s %s: %s", r->driver->name,
				       url.p, meanings[i].text);
		hide(best_line(buf_view(&s->said)), &line);
		text_clean(buf_view(&line), 1, clean.max, &clean);
		return err_set(err, meanings[i].fault, "%s %s: %s: %s", r->driver->name, url.p,
			       doing, clean.p);
	}
	hide(best_line(buf_view(&s->said)), &line);
	text_clean(buf_view(&line), 1, clean.max, &clean);
	return err_set(err, FAULT_UPSTREAM, "%s %s: %s: %s", r->driver->name, url.p, doing,
		       clean.p);
}
