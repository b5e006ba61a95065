/* fetch/vcs/git.c: git.
 *
 * What the go command does in a fresh folder, without what it does there by
 * accident: names are looked up in what the server lists, not in what happens to
 * have been fetched, so that an answer does not depend on earlier questions.
 *
 * One commit is fetched at a time, without its history; the history comes when
 * a pseudo-version needs it. Commits that no branch or tag reaches are never
 * fetched, as with the go command: servers show unreviewed ones under other names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/digest.h"
#include "fetch/gomod.h"
#include "fetch/job.h"
#include "fetch/vcs/vcs.h"
#include "module/semver.h"

#include "base/banned.h"

/* What a server may list: a million tags are some 70 MB. */
#define MAX_REFS (128u << 20)

/* An abbreviated commit has at least so many digits (cmd/go's minHashDigits). */
#define MIN_DIGITS 7

#define SHA1_DIGITS 40
#define SHA256_DIGITS 64

struct ref {
	struct str name;
	struct str hash;
};

struct git {
	size_t digits;		/* of a whole commit id; 0: not known yet */
	struct buf text;	/* what the server listed */
	struct ref *refs;	/* sorted by name; views into text */
	size_t n;
	bool fresh;		/* asked for by this job */
	bool here;		/* the repository has been made */
};

/* --- settings --- */

/* Settings that no configuration file changes. fsck: the objects of old
 * repositories with these flaws are harmless, and the go command takes them. */
static const char *const fixed[] = {
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.attributesFile=/dev/null",
	"-c", "core.askPass=/bin/false",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "fetch.recurseSubmodules=no",
	"-c", "fetch.writeCommitGraph=false",
	"-c", "fetch.fsckObjects=true",
	"-c", "fetch.fsck.badTimezone=ignore",
	"-c", "fetch.fsck.missingSpaceBeforeDate=ignore",
	"-c", "fetch.fsck.missingSpaceBeforeEmail=ignore",
	"-c", "fetch.fsck.missingNameBeforeEmail=ignore",
	"-c", "fetch.fsck.missingEmail=ignore",
	"-c", "fetch.fsck.badEmail=ignore",
	"-c", "fetch.fsck.badName=ignore",
	"-c", "fetch.fsck.zeroPaddedDate=ignore",
	"-c", "fetch.fsck.zeroPaddedFilemode=ignore",
	"-c", "fetch.fsck.badFilemode=ignore",
	"-c", "fetch.fsck.missingTaggerEntry=ignore",
	"-c", "fetch.fsck.badTagName=ignore",
	"-c", "fetch.fsck.nullSha1=ignore",
	"-c", "fetch.fsck.gitmodulesParse=ignore",
	"-c", "fetch.fsck.gitmodulesMissing=ignore",
	"-c", "fetch.fsck.gitmodulesBlob=ignore",
	"-c", "fetch.fsck.gitmodulesName=ignore",
	"-c", "fetch.fsck.gitmodulesUrl=ignore",
	"-c", "fetch.fsck.gitmodulesPath=ignore",
	"-c", "fetch.fsck.gitmodulesUpdate=ignore",
	"-c", "fetch.fsck.gitmodulesSymlink=ignore",
	"-c", "fetch.unpackLimit=1",
	"-c", "protocol.version=2",
	"-c", "log.showSignature=false",
	"-c", "safe.directory=*",
};

/* GIT_SSH_COMMAND is read by a shell. */
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

static void ssh_command(const struct settings *s, struct buf *out)
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

/* "https ssh" as git's colon list; "ext" is never one of them. */
static int allowed_protocols(const struct settings *s, struct buf *out, struct err *err)
{
	static const char *const known[] = { "https", "http", "ssh", "git", "file" };
	struct str rest = str_of(s->transports);
	struct str word;

	while (str_cut(&rest, ' ', &word)) {
		bool good = word.n == 0;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			good = good || str_eqz(word, known[i]);
		if (!good)
			return err_set(err, FAULT_LOCAL, "transports: \"%.*s\" is none of https, "
				       "ssh, http, git, file", STR_ARG(word));
		if (word.n && out->n)
			buf_putc(out, ':');
		buf_str(out, word);
	}
	if (out->n == 0)
		buf_puts(out, "none");
	return 0;
}

int vcs_git_env(struct vcs_env *e, const struct job *j, bool insecure, struct err *err)
{
	const struct settings *s = j->settings;
	CLEANUP(buf_release) struct buf ssh = BUF(3 * MAX_CONF_LINE);
	CLEANUP(buf_release) struct buf protocols = BUF(100);
	CLEANUP(buf_release) struct buf seconds = BUF(40);

	if (allowed_protocols(s, &protocols, err) < 0)
		return -1;
	ssh_command(s, &ssh);
	buf_printf(&seconds, "%lld", (long long)s->idle_timeout);
	vcs_env_add(e, "GIT_CONFIG_NOSYSTEM", "1");
	vcs_env_add(e, "GIT_CONFIG_SYSTEM", "/dev/null");
	vcs_env_add(e, "GIT_CONFIG_GLOBAL", s->git_config[0] ? s->git_config : "/dev/null");
	vcs_env_add(e, "GIT_ATTR_NOSYSTEM", "1");
	vcs_env_add(e, "GIT_TERMINAL_PROMPT", "0");
	vcs_env_add(e, "GCM_INTERACTIVE", "never");
	vcs_env_add(e, "GIT_ASKPASS", "/bin/false");
	vcs_env_add(e, "SSH_ASKPASS", "/bin/false");
	vcs_env_add(e, "SSH_ASKPASS_REQUIRE", "never");
	vcs_env_add(e, "GIT_ALLOW_PROTOCOL", protocols.p);
	vcs_env_add(e, "GIT_PROTOCOL_FROM_USER", "0");
	vcs_env_add(e, "GIT_SSH_COMMAND", ssh.p);
	vcs_env_add(e, "GIT_LITERAL_PATHSPECS", "1");
	vcs_env_add(e, "GIT_NO_REPLACE_OBJECTS", "1");
	vcs_env_add(e, "GIT_HTTP_LOW_SPEED_LIMIT", "1");
	vcs_env_add(e, "GIT_HTTP_LOW_SPEED_TIME", seconds.p);
	if (s->ca_file[0])
		vcs_env_add(e, "GIT_SSL_CAINFO", s->ca_file);
	if (insecure)
		vcs_env_add(e, "GIT_SSL_NO_VERIFY", "1");
	return 0;
}

static int make_env(struct vcs_repo *r, struct err *err)
{
	if (vcs_env_find(&r->env, r->job, "git", err) < 0 ||
	    vcs_env_basic(&r->env, r->job, err) < 0 ||
	    vcs_git_env(&r->env, r->job, r->insecure, err) < 0)
		return -1;
	vcs_env_add(&r->env, "GIT_DIR", r->dir);
	return 0;
}

/* git with the fixed settings and these words, up to NULL. */
static int git_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
		   struct err *err)
{
	const char *argv[ARRAY_SIZE(fixed) + 24] = { "git" };
	size_t n = 1;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		argv[n++] = fixed[i];
	for (size_t i = 0; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "git %s %s ...", words[0], words[1] ? words[1] : "");
	return vcs_run(r, argv, s, err);
}

#define RUN(r, s, err, ...) git_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

/* A run that touches nothing but what is here, and that cannot fail unless that
 * is damaged. */
static int must_work(struct vcs_repo *r, const struct vcs_said *s, const char *doing,
		     struct err *err)
{
	if (s->exit_code == 0)
		return 0;
	trace(TRACE_SPAWN, "%s: damaged: %s", r->rel.p, s->said.p);
	r->damaged = true;
	return err_set(err, FAULT_LOCAL, "git: %s in the kept repository failed", doing);
}

/* --- what the server lists --- */

static bool is_hex(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'f')))
			return false;
	return s.n > 0;
}

/* git check-ref-format, for what comes behind "refs/": nothing else is ever
 * handed to git as a name. */
static bool is_ref_name(struct str name)
{
	struct str rest = name;
	struct str elem;

	if (name.n == 0 || name.n > MAX_RELPATH || str_ends(name, STR(".")) ||
	    str_find(name, STR("..")) >= 0 || str_find(name, STR("@{")) >= 0)
		return false;
	for (size_t i = 0; i < name.n; i++)
		if ((unsigned char)name.p[i] <= ' ' || name.p[i] == 0x7f ||
		    strchr("~^:?*[\\", name.p[i]))
			return false;
	while (str_cut(&rest, '/', &elem))
		if (elem.n == 0 || elem.p[0] == '.' || str_ends(elem, STR(".lock")))
			return false;
	return true;
}

static bool is_wanted(struct str name)
{
	if (str_eqz(name, "HEAD"))
		return true;
	return (str_starts(name, STR("refs/heads/")) || str_starts(name, STR("refs/tags/"))) &&
	       is_ref_name(name);
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct ref *)a)->name, ((const struct ref *)b)->name);
}

/* "HASH\tNAME\n" lines; NAME^{} is the commit of the annotated tag NAME. */
static void parse_refs(struct git *g)
{
	struct str rest = buf_view(&g->text);
	struct str line;
	size_t room = 0;

	free(g->refs);
	g->refs = NULL;
	g->n = 0;
	while (str_cut(&rest, '\n', &line)) {
		ptrdiff_t tab = str_chr(line, '\t');
		struct str hash = str_head(line, tab < 0 ? 0 : (size_t)tab);
		struct str name = str_from(line, (size_t)(tab + 1));
		struct str bare = name;
		if (!is_hex(hash) || (hash.n != SHA1_DIGITS && hash.n != SHA256_DIGITS))
			continue;
		if (str_ends(name, STR("^{}")))
			bare = str_head(name, name.n - 3);
		if (!is_wanted(bare))
			continue;
		g->digits = hash.n;
		if (bare.n < name.n && g->n && str_eq(g->refs[g->n - 1].name, bare)) {
			g->refs[g->n - 1].hash = hash;
			continue;
		}
		if (g->n == room) {
			room = room ? 2 * room : 64;
			g->refs = xreallocarray(g->refs, room, sizeof(*g->refs));
		}
		g->refs[g->n++] = (struct ref){ bare, hash };
	}
	if (g->n)
		qsort(g->refs, g->n, sizeof(*g->refs), by_name);
}

static const struct ref *find_ref(const struct git *g, const char *prefix, struct str name)
{
	CLEANUP(buf_release) struct buf whole = BUF(MAX_URI);

	buf_puts(&whole, prefix);
	buf_str(&whole, name);
	if (whole.over || g->n == 0)
		return NULL;
	struct ref key = { buf_view(&whole), { "", 0 } };
	return bsearch(&key, g->refs, g->n, sizeof(*g->refs), by_name);
}

static void rel_file(const struct vcs_repo *r, const char *name, struct buf *out)
{
	buf_printf(out, "%s/%s", r->rel.p, name);
}

static int write_file(struct vcs_repo *r, const char *name, struct str text, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf fresh = BUF(MAX_NAME);
	CLEANUP(fd_close) int fd = -1;
	int root = r->job->cache->root;

	rel_file(r, name, &path);
	buf_printf(&fresh, "%s.new", path.p);
	fd = io_open(root, fresh.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600);
	int rc = fd < 0 ? fd : io_write_all(fd, text.p, text.n);
	if (rc == 0)
		rc = io_rename(root, fresh.p, root, path.p);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

#define REFS_FILE "stoa-refs"
#define FULL_FILE "stoa-full"

/* 1: what was learnt lately is loaded; 0: there is no such thing. */
static int load_refs(struct vcs_repo *r, int64_t max_age)
{
	struct git *g = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(fd_close) int fd = -1;
	struct stat st;

	rel_file(r, REFS_FILE, &path);
	fd = io_open(r->job->cache->root, path.p, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	int64_t age = (int64_t)clock_wall() - (int64_t)st.st_mtime;
	if (age < 0 || age >= max_age)
		return 0;
	buf_reset(&g->text);
	if (io_read_all(fd, &g->text) < 0)
		return 0;
	parse_refs(g);
	return 1;
}

static int ask_refs(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_REFS);
	int rc = g->here ? RUN(r, &s, err, "ls-remote", "-q", "--end-of-options", "origin")
			 : RUN(r, &s, err, "ls-remote", "-q", "--end-of-options", r->url);

	if (rc < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "ls-remote", err);
	buf_release(&g->text);
	g->text = s.out;
	s.out = BUF(MAX_REFS);
	parse_refs(g);
	g->fresh = true;
	return g->here ? write_file(r, REFS_FILE, buf_view(&g->text), err) : 0;
}

static int need_refs(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;

	if (g->fresh || g->text.n || load_refs(r, r->job->settings->list_ttl))
		return 0;
	return ask_refs(r, err);
}

/* --- the repository --- */

static int create(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	const char *format = "--object-format=sha1";

	if (ask_refs(r, err) < 0)
		return -1;
	if (g->digits == SHA256_DIGITS)
		format = "--object-format=sha256";
	if (vcs_discard(r, err) < 0)
		return -1;
	if (RUN(r, &s, err, "init", "-q", "--bare", "--template=", format, "--", r->dir) < 0)
		return -1;
	if (s.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "git: a repository cannot be made in the cache");
	if (RUN(r, &s, err, "remote", "add", "origin", "--", r->url) < 0)
		return -1;
	if (s.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "git: a repository cannot be made in the cache");
	int rc = io_mkdirs(r->job->cache->root, r->rel.p);
	CLEANUP(buf_release) struct buf info = BUF(MAX_NAME);
	rel_file(r, "info", &info);
	if (rc == 0)
		rc = io_mkdirs(r->job->cache->root, info.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	g->here = true;
	if (write_file(r, "info/attributes", STR("\n* -export-subst -export-ignore\n"), err) < 0)
		return -1;
	/* last: what has this file has all the others */
	return write_file(r, REFS_FILE, buf_view(&g->text), err);
}

static int git_open(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf config = BUF(MAX_CHILD_OUTPUT);
	struct stat st;

	g->text = BUF(MAX_REFS);
	if (make_env(r, err) < 0)
		return -1;
	rel_file(r, REFS_FILE, &path);
	if (fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return create(r, err);
	g->here = true;
	buf_reset(&path);
	rel_file(r, "config", &path);
	if (io_read_file(r->job->cache->root, path.p, &config) < 0 || config.n == 0) {
		r->damaged = true;
		return err_set(err, FAULT_LOCAL, "git: the kept repository is damaged");
	}
	g->digits = str_find(buf_view(&config), STR("sha256")) >= 0 ? SHA256_DIGITS : SHA1_DIGITS;
	return 0;
}

static void git_close(struct vcs_repo *r)
{
	struct git *g = r->state;

	buf_release(&g->text);
	free(g->refs);
}

/* A digest of what the server lists. */
static void refs_sum(const struct git *g, struct buf *out)
{
	struct digest sum = DIGEST();
	unsigned char bytes[DIGEST_SIZE];

	digest_begin(&sum);
	digest_add(&sum, g->text.p, g->text.n);
	digest_end(&sum, bytes);
	digest_release(&sum);
	digest_hex(bytes, out);
}

/* All history of what the server lists now is here. */
static bool is_full(struct vcs_repo *r, bool for_any_refs)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf now = BUF(100);
	CLEANUP(buf_release) struct buf was = BUF(100);

	rel_file(r, FULL_FILE, &path);
	refs_sum(r->state, &now);
	return io_read_file(r->job->cache->root, path.p, &was) == 0 &&
	       (for_any_refs || str_eq(buf_view(&was), buf_view(&now)));
}

static bool is_shallow(struct vcs_repo *r)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	struct stat st;

	rel_file(r, "shallow", &path);
	return fstatat(r->job->cache->root, path.p, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Brings the whole history of all branches and tags. In two steps, as the go
 * command does it: git up to 2.23 fails when asked for both at once. */
static int fetch_all(struct vcs_repo *r, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf sum = BUF(100);

	if (is_full(r, false))
		return 0;
	if (RUN(r, &s, err, "fetch", "-q", "-f", "--prune", "--no-tags", "--end-of-options",
		"origin", "refs/heads/*:refs/heads/*", "refs/tags/*:refs/tags/*") < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "fetch", err);
	if (is_shallow(r)) {
		if (RUN(r, &s, err, "fetch", "-q", "--unshallow", "--no-tags", "-f",
			"--end-of-options", "origin") < 0)
			return -1;
		if (s.exit_code != 0)
			return vcs_remote_err(r, &s, "fetch", err);
	}
	refs_sum(g, &sum);
	return write_file(r, FULL_FILE, buf_view(&sum), err);
}

/* Brings the one commit. When the history is here already, with what led to it,
 * so that the history stays whole. */
static int fetch_one(struct vcs_repo *r, const struct ref *ref, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf spec = BUF(MAX_URI);
	const char *depth = is_full(r, true) ? "--no-auto-maintenance" : "--depth=1";

	buf_printf(&spec, "%.*s:refs/stoa/%.*s", STR_ARG(ref->name), STR_ARG(ref->hash));
	if (RUN(r, &s, err, "fetch", "-q", "-f", "--no-tags", depth, "--end-of-options", "origin",
		spec.p) < 0)
		return -1;
	if (s.exit_code == 0)
		return 0;
	vcs_remote_err(r, &s, "fetch", err);
	/* An answer that git could not use may be due to the depth; the go command
	 * asks for everything then. */
	if (err->fault != FAULT_UPSTREAM || depth[2] == 'n')
		return -1;
	trace(TRACE_SPAWN, "%s: %s", r->rel.p, err->text.p);
	err_reset(err);
	return fetch_all(r, err);
}

/* --- revisions --- */

/* 1 with its whole name and time; 0: it is not here. */
static int look_local(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf name = BUF(MAX_URI);
	struct str time;
	struct str hash;
	uint64_t seconds = 0;

	buf_str(&name, rev);
	if (RUN(r, &s, err, "log", "--no-decorate", "-n1", "--format=format:%H %ct",
		"--end-of-options", name.p, "--") < 0)
		return -1;
	if (s.exit_code != 0)
		return 0;
	time = str_trim(buf_view(&s.out));
	if (!str_cut(&time, ' ', &hash) || !is_hex(hash) || !time.p ||
	    parse_u64(time, INT64_MAX, &seconds) < 0) {
		r->damaged = true;
		return err_set(err, FAULT_LOCAL, "git: log in the kept repository says nonsense");
	}
	ret->time = (time_t)seconds;
	buf_reset(&ret->name);
	buf_reset(&ret->brief);
	buf_str(&ret->name, hash);
	buf_str(&ret->brief, str_head(hash, 12));
	return 1;
}

static void add_tags(const struct git *g, struct vcs_rev *rev)
{
	for (size_t i = 0; i < g->n; i++)
		if (str_starts(g->refs[i].name, STR("refs/tags/")) &&
		    str_eq(g->refs[i].hash, buf_view(&rev->name)))
			names_add(&rev->tags, str_from(g->refs[i].name, strlen("refs/tags/")));
	names_sort(&rev->tags);
}

static int unknown(struct str rev, struct err *err)
{
	return err_set(err, FAULT_NOT_FOUND, "unknown revision %.*s", STR_ARG(str_head(rev, 200)));
}

/* The ref whose commit has this beginning: the first in order when several lie on
 * one commit. -1: on different ones. */
static int by_prefix(const struct git *g, struct str prefix, const struct ref **ret,
		     struct err *err)
{
	for (size_t i = 0; i < g->n; i++) {
		if (!str_starts(g->refs[i].hash, prefix))
			continue;
		if (*ret && !str_eq((*ret)->hash, g->refs[i].hash))
			return err_set(err, FAULT_NOT_FOUND, "ambiguous revision %.*s",
				       STR_ARG(prefix));
		if (!*ret)
			*ret = &g->refs[i];
	}
	return 0;
}

/* What the server calls by that name. */
static const struct ref *named(const struct git *g, struct str rev)
{
	const struct ref *ref = find_ref(g, "refs/tags/", rev);

	if (!ref)
		ref = find_ref(g, "refs/heads/", rev);
	if (!ref && str_eqz(rev, "HEAD"))
		ref = find_ref(g, "", rev);
	return ref;
}

static int stat_ref(struct vcs_repo *r, const struct ref *ref, struct vcs_rev *ret, struct err *err)
{
	int rc = look_local(r, ref->hash, ret, err);

	if (rc == 0) {
		if (fetch_one(r, ref, err) < 0)
			return -1;
		rc = look_local(r, ref->hash, ret, err);
	}
	if (rc == 0)	/* not a commit, or it has moved since */
		return unknown(ref->name, err);
	if (rc > 0)
		buf_str(&ret->ref, ref->name);
	return rc;
}

/* A commit that no tag or branch lies on: somewhere in the history. */
static int stat_deep(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	int rc = look_local(r, rev, ret, err);

	if (rc == 0) {
		if (fetch_all(r, err) < 0)
			return -1;
		rc = look_local(r, rev, ret, err);
	}
	return rc == 0 ? unknown(rev, err) : rc;
}

static int stat_once(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;
	size_t digits = g->digits ? g->digits : SHA1_DIGITS;

	if (need_refs(r, err) < 0)
		return -1;
	const struct ref *ref = named(g, rev);
	bool hash = !ref && rev.n >= MIN_DIGITS && rev.n <= digits && is_hex(rev);
	if (!ref && !hash)
		return unknown(rev, err);
	if (hash && by_prefix(g, rev, &ref, err) < 0)
		return -1;
	int rc = ref ? stat_ref(r, ref, ret, err) : stat_deep(r, rev, ret, err);
	if (rc < 0)
		return -1;
	if (hash)	/* where it was found says nothing about it */
		buf_reset(&ret->ref);
	add_tags(g, ret);
	buf_str(&ret->version, names_have(&ret->tags, rev) ? rev : buf_view(&ret->name));
	return 0;
}

static int git_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;
	int rc = stat_once(r, rev, ret, err);

	/* A tag may be younger than what is known. */
	if (rc < 0 && err->fault == FAULT_NOT_FOUND && !g->fresh) {
		CLEANUP(err_release) struct err trouble = ERR();
		if (ask_refs(r, &trouble) < 0)
			return err_move(err, &trouble);
		err_reset(err);
		vcs_rev_release(ret);
		rc = stat_once(r, rev, ret, err);
	}
	return rc;
}

static int git_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	struct git *g = r->state;
	const struct vcs_rev *found = NULL;

	if (need_refs(r, err) < 0)
		return -1;
	const struct ref *head = find_ref(g, "", STR("HEAD"));
	if (!head)
		return err_set(err, FAULT_NOT_FOUND, "no commits");
	CLEANUP(buf_release) struct buf hash = BUF(MAX_NAME);
	buf_str(&hash, head->hash);
	if (vcs_stat(r, buf_view(&hash), &found, err) < 0)
		return -1;
	vcs_rev_copy(found, ret);
	buf_reset(&ret->ref);
	buf_puts(&ret->ref, "HEAD");
	return 0;
}

static int git_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		    struct err *err)
{
	struct git *g = r->state;
	struct vcs_tag *tags = NULL;
	size_t n = 0;

	if (need_refs(r, err) < 0)
		return -1;
	tags = xcalloc(g->n + 1, sizeof(*tags));
	for (size_t i = 0; i < g->n; i++) {
		if (!str_starts(g->refs[i].name, STR("refs/tags/")))
			continue;
		struct str name = str_from(g->refs[i].name, strlen("refs/tags/"));
		if (str_starts(name, prefix))
			tags[n++] = (struct vcs_tag){ name, g->refs[i].hash };
	}
	*ret = tags;
	*ret_n = n;
	return 0;
}

/* --- contents --- */

static int git_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		    struct buf *out, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf object = BUF(MAX_URI);

	buf_printf(&object, "%s:", rev->name.p);
	buf_str(&object, path);
	if (buf_ok(&object, "the path", err) < 0 ||
	    RUN(r, &s, err, "cat-file", "--end-of-options", "blob", object.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	struct str said = buf_view(&s.said);
	if (str_find(said, STR("does not exist in")) >= 0 || str_find(said, STR("bad file")) >= 0 ||
	    str_find(said, STR("exists on disk, but not in")) >= 0)
		return 0;
	return must_work(r, &s, "cat-file", err);
}

static void offer(struct str tag, size_t skip, struct str prefix, vcs_allowed_fn *allowed,
		  void *ctx, struct buf *best)
{
	struct str name = str_from(tag, skip);

	if (tag.n < skip || !str_starts(name, prefix) || !allowed(ctx, name))
		return;
	struct str version = str_from(name, prefix.n);
	if (best->n && semver_cmp(version, str_from(buf_view(best), prefix.n)) <= 0)
		return;
	/* x/mod compares with "" at first, which an invalid version does not beat */
	if (!semver_valid(version))
		return;
	buf_reset(best);
	buf_str(best, name);
}

static int git_recent_tag(struct vcs_repo *r, const struct vcs_rev *rev, struct str prefix,
			  vcs_allowed_fn *allowed, void *ctx, struct buf *ret, struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_REFS);
	CLEANUP(buf_release) struct buf merged = BUF(MAX_NAME);
	bool plausible = false;
	struct str line;

	/* The go command knows the commit alone at first, and is content with what
	 * lies on it. */
	for (size_t i = 0; i < rev->tags.n; i++)
		offer(names_at(&rev->tags, i), 0, prefix, allowed, ctx, ret);
	if (ret->n)
		return 0;
	for (size_t i = 0; i < g->n && !plausible; i++) {
		struct str name = g->refs[i].name;
		if (!str_starts(name, STR("refs/tags/")))
			continue;
		name = str_from(name, strlen("refs/tags/"));
		plausible = str_starts(name, prefix) && name.n > prefix.n &&
			    name.p[prefix.n] == 'v';
	}
	if (!plausible)
		return 0;
	if (fetch_all(r, err) < 0)
		return -1;
	buf_printf(&merged, "--merged=%s", rev->name.p);
	if (RUN(r, &s, err, "for-each-ref", "--format=%(refname)", merged.p, "refs/tags/") < 0 ||
	    must_work(r, &s, "for-each-ref", err) < 0)
		return -1;
	struct str rest = buf_view(&s.out);
	while (str_cut(&rest, '\n', &line))
		offer(line, strlen("refs/tags/"), prefix, allowed, ctx, ret);
	return 0;
}

static int git_descends(struct vcs_repo *r, const struct vcs_rev *rev, struct str tag,
			struct err *err)
{
	struct git *g = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf hash = BUF(MAX_NAME);
	const struct ref *ref = find_ref(g, "refs/tags/", tag);

	if (!ref)
		return 0;
	buf_str(&hash, ref->hash);
	if (str_eq(ref->hash, buf_view(&rev->name)))
		return 1;
	if (fetch_all(r, err) < 0 ||
	    RUN(r, &s, err, "merge-base", "--is-ancestor", "--", hash.p, rev->name.p) < 0)
		return -1;
	if (s.exit_code == 0 || s.exit_code == 1)
		return s.exit_code == 0;
	return must_work(r, &s, "merge-base", err);
}

static int git_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		       const char *to, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf folder = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf out = BUF(MAX_RELPATH);

	buf_str(&folder, subdir);
	buf_printf(&out, "--output=%s", to);
	if (RUN(r, &s, err, "-c", "core.autocrlf=input", "-c", "core.eol=lf", "archive",
		"--format=zip", "-0", "--prefix=prefix/", out.p, "--end-of-options", rev->name.p,
		subdir.n ? folder.p : NULL) < 0)
		return -1;
	if (s.exit_code == 0)
		return 1;
	if (str_find(buf_view(&s.said), STR("did not match any files")) >= 0)
		return 0;
	return must_work(r, &s, "archive", err);
}

const struct vcs_driver vcs_git = {
	.name = "git",
	.state_size = sizeof(struct git),
	.sums_tags = true,
	.open = git_open,
	.close = git_close,
	.tags = git_tags,
	.stat = git_stat,
	.latest = git_latest,
	.file = git_file,
	.recent_tag = git_recent_tag,
	.descends = git_descends,
	.archive = git_archive,
};
