/* fetch/vcs/fossil.c: Fossil.
 *
 * The whole history is kept, in one file, and is pulled when what is known is older than
 * list_ttl. The questions are those of the go command (cmd/go/internal/modfetch/codehost),
 * so the answers are: it reads no list of Fossil's tags, so that a version is found by
 * its name alone, and pseudo-versions have no base.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"


#include "base/err.h"
#include "base/log.h"
#include "base/must.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/vcs/pulled.h"
#include "fetch/vcs/vcs.h"

#include "base/banned.h"

#define REPO_FILE "repository"

/* Where Fossil keeps notes of its own; nothing else is there. */
#define HOME_FOLDER "home"

struct fossil {
	struct buf file;	/* the repository */
	struct buf home;
	struct buf ssh;		/* "" for other URLs */
	struct pulled pulled;
};

/* Whether no_proxy names the URL's host, or a domain that it is in. */
static bool needs_no_proxy(struct str list, struct str url)
{
	struct str host = str_from(url, (size_t)str_find(url, STR("://")) + 3);
	struct str word;

	for (size_t i = 0; i < host.n; i++)
		if (strchr(":/", host.p[i]))
			host.n = i;
	while (str_cut(&list, ',', &word)) {
		word = str_trim(word);
		if (str_starts(word, STR(".")))
			word = str_from(word, 1);
		bool ends = word.n && str_ends(host, word);
		if (str_eqz(word, "*") ||
		    (ends && (host.n == word.n || host.p[host.n - word.n - 1] == '.')))
			return true;
	}
	return false;
}

static int make_env(struct vcs_repo *r, struct err *err)
{
	const struct settings *s = r->job->settings;
	struct fossil *f = r->state;
	struct str url = str_of(r->url);
	const char *proxy = str_starts(url, STR("https:")) ? s->https_proxy : s->http_proxy;

	if (vcs_env_find(&r->env, r->job, "fossil", err) < 0)
		return -1;
	/* it looks at this one alone */
	vcs_env_add(&r->env, "http_proxy",
		    needs_no_proxy(str_of(s->no_proxy), url) ? "" : proxy);
	if (vcs_env_basic(&r->env, r->job, err) < 0)
		return -1;
	buf_printf(&f->file, "%s/" REPO_FILE, r->dir);
	buf_printf(&f->home, "%s/" HOME_FOLDER, r->dir);
	vcs_env_add(&r->env, "FOSSIL_HOME", f->home.p);
	vcs_env_add(&r->env, "FOSSIL_USER", "stoa");
	if (s->ca_file[0])
		vcs_env_add(&r->env, "SSL_CERT_FILE", s->ca_file);
	if (str_starts(url, STR("ssh:"))) {
		vcs_ssh_command(s, &f->ssh);
		buf_puts(&f->ssh, " -e none -T");
	}
	return buf_ok(&f->file, "the repository's name", err);
}

/* fossil with these words, up to NULL. */
static int fossil_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
		      struct err *err)
{
	struct fossil *f = r->state;
	const char *argv[24] = { "fossil", words[0], "--chdir", f->home.p };
	size_t n = 4;

	for (size_t i = 1; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "fossil %s ...", words[0]);
	return vcs_run(r, argv, s, err);
}

#define RUN(r, s, err, ...) fossil_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

/* --- the repository --- */

/* Whether an exchange failed, which is no failure to the program: it says so by a line
 * among those of its progress, or by a warning. s->said has it then. */
static bool has_failed(struct vcs_said *s)
{
	struct str rest = buf_view(&s->said);
	struct str line;
	bool failed = s->exit_code != 0;

	while (str_cut(&rest, '\n', &line))
		failed = failed || (str_trim(line).n && str_find(line, STR("time skew")) < 0);
	rest = buf_view(&s->out);
	while (str_cut(&rest, '\n', &line)) {
		if (!str_starts(line, STR("Error:")))
			continue;
		failed = true;
		buf_str(&s->said, line);
		buf_putc(&s->said, '\n');
	}
	return failed;
}

static bool says_damaged(const struct vcs_said *s)
{
	static const char *const words[] = {
		"not a valid repository", "image is malformed", "not a database", "SQLITE_CORRUPT",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* What talks to the other side. */
static int talk(struct vcs_repo *r, const char *const *words, struct err *err)
{
	struct fossil *f = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);
	const char *argv[16];
	size_t n = 0;

	for (; words[n]; n++)
		argv[n] = words[n];
	if (r->insecure)
		argv[n++] = "--accept-any-cert";
	if (f->ssh.n) {
		argv[n++] = "--ssh-command";
		argv[n++] = f->ssh.p;
	}
	argv[n] = NULL;
	must(n < ARRAY_SIZE(argv));
	if (fossil_run(r, argv, &s, err) < 0)
		return -1;
	if (s.exit_code != 0 && says_damaged(&s))
		return vcs_must_work(r, &s, words[0], err);
	if (has_failed(&s))
		return vcs_remote_err(r, &s, words[0], err);
	return pulled_now(r, &f->pulled, err);
}

static int pull(struct vcs_repo *r, struct err *err)
{
	struct fossil *f = r->state;
	const char *words[] = { "pull", "--once", "-R", f->file.p, r->url, NULL };

	return talk(r, words, err);
}

static int create(struct vcs_repo *r, struct err *err)
{
	struct fossil *f = r->state;
	const char *words[] = { "clone", "--nocompress", "--no-open", r->url, f->file.p, NULL };

	return talk(r, words, err);
}

static int fossil_open(struct vcs_repo *r, struct err *err)
{
	struct fossil *f = r->state;

	f->file = BUF(MAX_RELPATH);
	f->home = BUF(MAX_RELPATH);
	f->ssh = BUF(3 * MAX_CONF_LINE);
	if (vcs_check_transport(r, err) < 0 || vcs_check_url(r, err) < 0 || make_env(r, err) < 0)
		return -1;
	return pulled_open(r, &f->pulled, HOME_FOLDER, create, err);
}

static void fossil_close(struct vcs_repo *r)
{
	struct fossil *f = r->state;

	buf_release(&f->file);
	buf_release(&f->home);
	buf_release(&f->ssh);
}

/* --- revisions --- */

static bool says_unknown(const struct vcs_said *s)
{
	static const char *const words[] = {
		"no such object", "cannot resolve name", "ambiguous name",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* "hash:         HASH YYYY-MM-DD HH:MM:SS UTC"; of a longer hash the first 40 digits. */
static int parse_rev(struct str line, struct str rev, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf stamp = BUF(100);
	struct str words[6];
	size_t n = 0;

	while (n < ARRAY_SIZE(words) && str_cut(&line, ' ', &words[n]))
		n += words[n].n > 0;
	if (n != 5 || words[1].n != 40 || !str_eqz(words[4], "UTC"))
		return err_set(err, FAULT_NOT_FOUND, "fossil: %.*s is no check-in",
			       STR_ARG(str_head(rev, 200)));
	buf_printf(&stamp, "%.*sT%.*sZ", STR_ARG(words[2]), STR_ARG(words[3]));
	if (parse_rfc3339(buf_view(&stamp), &ret->time) < 0)
		return err_set(err, FAULT_NOT_FOUND, "fossil: %.*s has no time that can be read",
			       STR_ARG(words[1]));
	bool moves = str_starts(words[1], rev);
	buf_str(&ret->name, words[1]);
	buf_str(&ret->brief, str_head(words[1], 12));
	buf_str(&ret->version, moves ? words[1] : rev);
	if (rev.n < 12 || !moves)
		buf_str(&ret->ref, rev);
	return 0;
}

static int stat_once(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct fossil *f = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf name = BUF(MAX_URI);
	struct str line;

	buf_str(&name, rev);
	if (buf_ok(&name, "the revision", err) < 0 ||
	    RUN(r, &s, err, "info", "-R", f->file.p, "--", name.p) < 0)
		return -1;
	if (s.exit_code != 0 && says_unknown(&s))
		return vcs_unknown(rev, err);
	if (vcs_must_work(r, &s, "info", err) < 0)
		return -1;
	struct str rest = buf_view(&s.out);
	while (str_cut(&rest, '\n', &line))
		if (str_starts(line, STR("hash:")) || str_starts(line, STR("uuid:")))
			return parse_rev(line, rev, ret, err);
	return vcs_unknown(rev, err);
}

/* The name of a tag or a branch, an id or its beginning, a date. */
static int fossil_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct fossil *f = r->state;

	if (!is_plain_name(rev))
		return vcs_unknown(rev, err);
	return pulled_stat(r, &f->pulled, rev, stat_once, pull, ret, err);
}

static int fossil_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	const struct vcs_rev *found = NULL;

	if (vcs_stat(r, STR("trunk"), &found, err) < 0)
		return -1;
	vcs_rev_copy(found, ret);
	return 0;
}

/* The go command has no pattern yet for what Fossil prints of them. */
static int fossil_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		       struct err *err)
{
	(void)r;
	(void)prefix;
	(void)err;
	*ret = NULL;
	*ret_n = 0;
	return 0;
}

/* --- contents --- */

static int fossil_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		       struct buf *out, struct err *err)
{
	struct fossil *f = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf file = BUF(MAX_URI);

	buf_str(&file, path);
	if (buf_ok(&file, "the path", err) < 0 ||
	    RUN(r, &s, err, "cat", "-R", f->file.p, "-r", rev->name.p, "--", file.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	if (str_find(buf_view(&s.said), STR("does not exist in check-in")) >= 0)
		return 0;
	return vcs_must_work(r, &s, "cat", err);
}

/* In a folder it finds nothing, as the go command has it look. */
static int fossil_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
			  struct stage *to, struct err *err)
{
	struct fossil *f = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf option = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf out = BUF(MAX_RELPATH);

	buf_puts(&option, "--include=");
	buf_str(&option, subdir);
	buf_printf(&out, "%s/%s", r->job->cache->dir, to->name);
	if (buf_ok(&option, "the folder", err) < 0 || buf_ok(&out, "the file", err) < 0 ||
	    RUN(r, &s, err, "zip", "-R", f->file.p, "--name", "prefix",
		subdir.n ? option.p : "--include=*", "--", rev->name.p, out.p) < 0)
		return -1;
	return vcs_must_work(r, &s, "zip", err) < 0 ? -1 : 1;
}

static const char *const schemes[] = { "https", "http", NULL };

const struct vcs_driver vcs_fossil = {
	.name = "fossil",
	.schemes = schemes,
	.state_size = sizeof(struct fossil),
	.open = fossil_open,
	.close = fossil_close,
	.tags = fossil_tags,
	.stat = fossil_stat,
	.latest = fossil_latest,
	.file = fossil_file,
	.archive = fossil_archive,
};
