/* fetch/vcs/svn.c: Subversion.
 *
 * Nothing of the repository is kept: Subversion answers questions about a server's
 * revisions, and has no tags and no ancestors, only folders that people call so. The
 * questions are those of the go command (cmd/go/internal/modfetch/codehost), so the
 * answers are: versions are pseudo-versions without a base.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/body.h"
#include "fetch/job.h"
#include "fetch/vcs/vcs.h"
#include "fetch/vcs/zipwrite.h"
#include "module/pseudo.h"

#include "base/banned.h"

/* A list of files: 200 bytes for each of some 300000 of them. */
#define MAX_LIST (64u << 20)

#define FOUND_FILE "stoa-found"
#define EXPORT_DIR "export"

struct svn {
	struct buf options[5];
	size_t n;
	struct buf text;	/* what tags are views into */
};

/* "--config-option=servers:global:NAME=VALUE" */
static void server_option(struct svn *v, const char *name, const char *value)
{
	struct buf *b = &v->options[v->n++];

	must(v->n <= ARRAY_SIZE(v->options));
	*b = BUF(2 * MAX_CONF_LINE);
	buf_printf(b, "--config-option=servers:global:%s=%s", name, value);
}

/* http://HOST:PORT */
static void proxy_options(struct svn *v, const char *proxy)
{
	struct str rest = str_of(proxy);
	CLEANUP(buf_release) struct buf host = BUF(MAX_CONF_LINE);
	CLEANUP(buf_release) struct buf port = BUF(MAX_CONF_LINE);
	ptrdiff_t at = str_find(rest, STR("://"));

	rest = at < 0 ? rest : str_from(rest, (size_t)at + 3);
	while (str_ends(rest, STR("/")))
		rest.n--;
	ptrdiff_t colon = str_rchr(rest, ':');
	buf_str(&host, colon < 0 ? rest : str_head(rest, (size_t)colon));
	buf_str(&port, colon < 0 ? STR("3128") : str_from(rest, (size_t)colon + 1));
	server_option(v, "http-proxy-host", host.p);
	server_option(v, "http-proxy-port", port.p);
}

static int make_env(struct vcs_repo *r, struct err *err)
{
	const struct settings *s = r->job->settings;
	struct svn *v = r->state;
	CLEANUP(buf_release) struct buf ssh = BUF(3 * MAX_CONF_LINE);
	CLEANUP(buf_release) struct buf seconds = BUF(40);
	const char *proxy = str_starts(str_of(r->url), STR("https:")) ? s->https_proxy
								     : s->http_proxy;

	if (vcs_env_find(&r->env, r->job, "svn", err) < 0)
		return -1;
	/* names of files are UTF-8 in a repository; in C it refuses others than ASCII */
	vcs_env_add(&r->env, "LC_ALL", "C.UTF-8");
	if (vcs_env_basic(&r->env, r->job, err) < 0)
		return -1;
	vcs_ssh_command(s, &ssh);
	vcs_env_add(&r->env, "SVN_SSH", ssh.p);
	buf_printf(&seconds, "%lld", (long long)s->idle_timeout);
	server_option(v, "http-timeout", seconds.p);
	if (s->ca_file[0])
		server_option(v, "ssl-authority-files", s->ca_file);
	if (proxy[0])
		proxy_options(v, proxy);
	return 0;
}

/* svn with these words, up to NULL: the command first. */
static int svn_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
		   struct err *err)
{
	struct svn *v = r->state;
	const char *config = r->job->settings->svn_config;
	CLEANUP(buf_release) struct buf folder = BUF(2 * MAX_RELPATH);
	const char *argv[32] = { "svn", words[0], "--non-interactive", "--no-auth-cache",
				 "--config-dir" };
	size_t n = 5;

	if (config[0])
		buf_puts(&folder, config);
	else
		buf_printf(&folder, "%s/config", r->dir);
	argv[n++] = folder.p;
	for (size_t i = 0; i < v->n; i++)
		argv[n++] = v->options[i].p;
	if (r->insecure)
		argv[n++] = "--trust-server-cert-failures=unknown-ca,cn-mismatch,expired,"
			    "not-yet-valid,other";
	for (size_t i = 1; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "svn %s ...", words[0]);
	return vcs_run(r, argv, s, err);
}

#define RUN(r, s, err, ...) svn_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

/* The path or the revision that was asked for is not there. */
static bool says_missing(const struct vcs_said *s)
{
	static const char *const words[] = {
		"E160006:", "E160013:", "W160013:", "E195012:", "E200009:", "W195007:", "E195007:",
		"E205000:", "E170000:",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* URL/path@rev; the last @ is the one that counts. */
static int target(const struct vcs_repo *r, struct str path, struct str rev, struct buf *out,
		  struct err *err)
{
	buf_puts(out, r->url);
	if (path.n)
		buf_putc(out, '/');
	buf_str(out, path);
	buf_putc(out, '@');
	buf_str(out, rev);
	return buf_ok(out, "the URL", err);
}

/* --- the repository --- */

static int find(struct vcs_repo *r, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

	if (vcs_discard(r, err) < 0 || target(r, STR(""), STR(""), &url, err) < 0 ||
	    RUN(r, &s, err, "info", "--", url.p) < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "info", err);
	int rc = io_mkdirs(r->job->cache->root, r->rel.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	return vcs_write_file(r, FOUND_FILE, STR(""), err);
}

static int svn_open(struct vcs_repo *r, struct err *err)
{
	struct svn *v = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	struct stat st;

	v->text = BUF(MAX_LIST);
	if (vcs_check_transport(r, err) < 0 || make_env(r, err) < 0)
		return -1;
	vcs_rel_file(r, FOUND_FILE, &path);
	return fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) < 0 ? find(r, err)
										   : 0;
}

static void svn_close(struct vcs_repo *r)
{
	struct svn *v = r->state;

	for (size_t i = 0; i < v->n; i++)
		buf_release(&v->options[i]);
	buf_release(&v->text);
}

/* --- XML, as svn writes it --- */

/* What is between open and close, behind *at; *at moves behind it. */
static bool between(struct str *at, const char *open, const char *close, struct str *ret)
{
	ptrdiff_t a = str_find(*at, str_of(open));
	if (a < 0)
		return false;
	struct str rest = str_from(*at, (size_t)a + strlen(open));
	ptrdiff_t b = str_find(rest, str_of(close));
	if (b < 0)
		return false;
	*ret = str_head(rest, (size_t)b);
	*at = str_from(rest, (size_t)b + strlen(close));
	return true;
}

static void unescape(struct str s, struct buf *out)
{
	static const struct {
		const char *name;
		char c;
	} entities[] = {
		{ "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' },
		{ "&apos;", '\'' }, { "&#9;", '\t' }, { "&#10;", '\n' }, { "&#13;", '\r' },
	};

	while (s.n) {
		size_t skip = 1;
		char c = s.p[0];
		for (size_t i = 0; i < ARRAY_SIZE(entities); i++) {
			if (!str_starts(s, str_of(entities[i].name)))
				continue;
			skip = strlen(entities[i].name);
			c = entities[i].c;
		}
		buf_putc(out, c);
		s = str_from(s, skip);
	}
}

/* --- revisions --- */

/* "2024-01-02T03:04:05.678901Z": seconds, and the fraction as Go writes it. */
static int parse_date(struct str date, struct vcs_rev *ret)
{
	CLEANUP(buf_release) struct buf stamp = BUF(100);

	if (date.n < 20 || !str_ends(date, STR("Z")))
		return -1;
	buf_puts(&stamp, "v0.0.0-");
	for (size_t i = 0; i < 19; i++)
		if (!strchr("-T:", date.p[i]))
			buf_putc(&stamp, date.p[i]);
	buf_puts(&stamp, "-000000000000");
	if (!pseudo_is(buf_view(&stamp)) || pseudo_time(buf_view(&stamp), &ret->time) < 0)
		return -1;
	struct str fraction = str_head(str_from(date, 19), date.n - 20);
	while (str_ends(fraction, STR("0")))
		fraction.n--;
	if (fraction.n > 1)
		buf_str(&ret->fraction, fraction);
	return 0;
}

/* A number, or a word such as HEAD; never an option, a path or a date. */
static bool is_revision(struct str rev)
{
	for (size_t i = 0; i < rev.n; i++) {
		char c = rev.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')))
			return false;
	}
	return rev.n && rev.n < 40;
}

static int stat_at(struct vcs_repo *r, struct str rev, struct str peg, struct vcs_rev *ret,
		   struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	struct str number;
	struct str date;
	uint64_t n = 0;

	if (target(r, STR(""), peg, &url, err) < 0 ||
	    RUN(r, &s, err, "log", "-l1", "--xml", "--", url.p) < 0)
		return -1;
	if (s.exit_code != 0 && says_missing(&s))
		return vcs_unknown(rev, err);
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "log", err);
	struct str at = buf_view(&s.out);
	if (!between(&at, "revision=\"", "\"", &number) ||
	    parse_u64(number, INT64_MAX, &n) < 0 || !between(&at, "<date>", "</date>", &date) ||
	    parse_date(date, ret) < 0)
		return vcs_unknown(rev, err);
	buf_str(&ret->name, number);
	buf_printf(&ret->brief, "%012llu", (unsigned long long)n);
	buf_str(&ret->version, rev);
	buf_str(&ret->ref, rev);
	return 0;
}

static int svn_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	if (!is_revision(rev))
		return vcs_unknown(rev, err);
	return stat_at(r, rev, str_eqz(rev, "latest") ? STR("") : rev, ret, err);
}

static int svn_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	return stat_at(r, STR("latest"), STR(""), ret, err);
}

/* The entries of "tags" beside "trunk". The go command keeps the slash behind a
 * folder's name, so that only what is a file there can be a version; so do we. */
static int svn_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		    struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_LIST);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	struct svn *v = r->state;
	struct str root = str_of(r->url);
	struct vcs_tag *tags = NULL;
	struct str line;
	size_t n = 0;
	size_t room = 0;

	if (str_ends(root, STR("/trunk")))
		root.n -= strlen("/trunk");
	buf_str(&url, root);
	buf_puts(&url, "/tags@");
	if (buf_ok(&url, "the URL", err) < 0 || RUN(r, &s, err, "list", "--", url.p) < 0)
		return -1;
	if (s.exit_code != 0 && !says_missing(&s))
		return vcs_remote_err(r, &s, "list", err);
	buf_release(&v->text);
	v->text = s.out;
	s.out = BUF(MAX_LIST);
	struct str rest = buf_view(&v->text);
	while (str_cut(&rest, '\n', &line)) {
		if (line.n == 0 || !str_starts(line, prefix))
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			tags = xreallocarray(tags, room, sizeof(*tags));
		}
		tags[n++] = (struct vcs_tag){ line, STR("") };
	}
	*ret = tags;
	*ret_n = n;
	return 0;
}

/* --- contents --- */

static int svn_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		    struct buf *out, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);

	if (target(r, path, buf_view(&rev->name), &url, err) < 0 ||
	    RUN(r, &s, err, "cat", "--", url.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	return says_missing(&s) ? 0 : vcs_remote_err(r, &s, "cat", err);
}

/* One file of the export into the zip. */
static int pack(struct vcs_repo *r, struct zipwrite *z, struct str subdir, struct str name,
		uint64_t size, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf inside = BUF(MAX_URI);
	CLEANUP(fd_close) int fd = -1;
	char block[32768];
	uint64_t n = 0;
	ssize_t got = 1;

	buf_printf(&path, "%s/" EXPORT_DIR "/", r->rel.p);
	buf_str(&path, name);
	buf_puts(&inside, "prefix/");
	buf_str(&inside, subdir);
	if (subdir.n)
		buf_putc(&inside, '/');
	buf_str(&inside, name);
	if (buf_ok(&path, "a file's name", err) < 0)
		return -1;
	fd = io_open(r->job->cache->root, path.p, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0)
		return err_set(err, FAULT_NOT_FOUND, "svn: %.*s is listed but is no file in the "
			       "export", STR_ARG(str_head(name, 200)));
	if (zipwrite_begin(z, buf_view(&inside), err) < 0)
		return -1;
	while (got > 0) {
		got = io_read(fd, block, sizeof(block));
		if (got < 0)
			return err_sys(err, FAULT_LOCAL, (int)-got, "cannot read an export");
		n += (uint64_t)got;
		if (got && zipwrite_data(z, block, (size_t)got, err) < 0)
			return -1;
	}
	if (n != size)
		return err_set(err, FAULT_NOT_FOUND, "svn: %.*s is listed with another size than "
			       "it has", STR_ARG(str_head(name, 200)));
	return zipwrite_end(z, err);
}

/* Names that could lead out of the folder are never opened. */
static bool is_inside(struct str name)
{
	struct str elem;

	while (str_cut(&name, '/', &elem))
		if (elem.n == 0 || str_eqz(elem, ".") || str_eqz(elem, "..") ||
		    memchr(elem.p, '\0', elem.n))
			return false;
	return true;
}

static int pack_all(struct vcs_repo *r, struct str subdir, struct str list, struct body *out,
		    struct err *err)
{
	struct zipwrite z;
	struct str entry;
	int rc = 0;

	zipwrite_init(&z, out);
	while (rc == 0 && between(&list, "<entry", "</entry>", &entry)) {
		CLEANUP(buf_release) struct buf file = BUF(MAX_URI);
		struct str kind;
		struct str name;
		struct str size;
		uint64_t n = 0;
		if (!between(&entry, "kind=\"", "\"", &kind) || !str_eqz(kind, "file"))
			continue;
		if (!between(&entry, "<name>", "</name>", &name) ||
		    !between(&entry, "<size>", "</size>", &size) ||
		    parse_u64(size, INT64_MAX, &n) < 0) {
			rc = err_set(err, FAULT_UPSTREAM, "svn: list says nonsense");
			break;
		}
		unescape(name, &file);
		rc = is_inside(buf_view(&file))
			     ? pack(r, &z, subdir, buf_view(&file), n, err)
			     : err_set(err, FAULT_INTEGRITY, "svn: a file's name leads out of "
				       "its folder");
	}
	if (rc == 0)
		rc = zipwrite_finish(&z, err);
	zipwrite_release(&z);
	return rc;
}

static int forget_export(struct vcs_repo *r, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);

	vcs_rel_file(r, EXPORT_DIR, &path);
	int rc = vcs_remove_tree(r->job->cache->root, path.p);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot remove an export") : 0;
}

/* 1; 0: there is no such folder. */
static int export(struct vcs_repo *r, const char *rev, const char *url, struct vcs_said *list,
		  struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf to = BUF(2 * MAX_RELPATH);

	if (RUN(r, list, err, "list", "--xml", "--incremental", "--recursive", rev, "--", url) < 0)
		return -1;
	if (list->exit_code != 0)
		return says_missing(list) ? 0 : vcs_remote_err(r, list, "list", err);
	buf_printf(&to, "%s/" EXPORT_DIR "@", r->dir);
	if (buf_ok(&to, "the folder", err) < 0 || forget_export(r, err) < 0 ||
	    RUN(r, &s, err, "export", "--quiet", "--native-eol", "LF", "--ignore-externals",
		"--ignore-keywords", rev, "--", url, to.p) < 0)
		return -1;
	return s.exit_code == 0 ? 1 : vcs_remote_err(r, &s, "export", err);
}

static int svn_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		       struct stage *to, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said list = VCS_SAID(MAX_LIST);
	CLEANUP(err_release) struct err trouble = ERR();
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	CLEANUP(buf_release) struct buf option = BUF(MAX_URI);
	CLEANUP(body_release) struct body out;

	body_init(&out, r->job->cache, MAX_ZIP_FILE);
	buf_printf(&option, "--revision=%s", rev->name.p);
	if (target(r, subdir, STR(""), &url, err) < 0)
		return -1;
	int rc = export(r, option.p, url.p, &list, err);
	if (rc > 0)
		rc = pack_all(r, subdir, buf_view(&list.out), &out, err) < 0 ? -1 : 1;
	if (forget_export(r, &trouble) < 0 && rc >= 0)
		return err_move(err, &trouble);
	if (rc > 0) {
		stage_release(to);
		*to = out.stage;
		out.stage = STAGE();
	}
	return rc;
}

static const char *const schemes[] = { "https", "http", "svn", "svn+ssh", NULL };

const struct vcs_driver vcs_svn = {
	.name = "svn",
	.schemes = schemes,
	.counts = true,
	.state_size = sizeof(struct svn),
	.open = svn_open,
	.close = svn_close,
	.tags = svn_tags,
	.stat = svn_stat,
	.latest = svn_latest,
	.file = svn_file,
	.archive = svn_archive,
};
