/* fetch/vcs/bzr.c: Bazaar, as bzr or as Breezy's brz.
 *
 * The branch and its history are kept, without a working tree, and are pulled when what is
 * known is older than list_ttl. The questions are those of the go command
 * (cmd/go/internal/modfetch/codehost), so the answers are; only that a revision is a
 * number, a tag, an id or a day, never an address or a path, which Bazaar would open.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>

#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/vcs/pulled.h"
#include "fetch/vcs/vcs.h"

#include "base/banned.h"

/* Tags: as for git. */
#define MAX_NAMES (128u << 20)

#define BRANCH_FOLDER "branch"
#define HOME_FOLDER "home"
#define SSH_FILE "ssh"

struct bzr {
	struct buf branch;	/* the folder */
	struct buf ca;		/* "-Ossl.ca_certs=..." */
	struct buf text;	/* what tags are views into */
	struct pulled pulled;
	bool knows_tags;
};

/* --- the program --- */

static int find_program(struct vcs_repo *r, struct err *err)
{
	CLEANUP(err_release) struct err why = ERR();

	return vcs_env_find(&r->env, r->job, "bzr", &why) == 0
		       ? 0 : vcs_env_find(&r->env, r->job, "brz", err);
}

/* Both names of each variable: of Bazaar, and of Breezy. */
static void add_env(struct vcs_env *e, const char *name, const char *value)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_NAME);

	buf_printf(&b, "BRZ_%s", name);
	vcs_env_add(e, b.p, value);
	buf_reset(&b);
	buf_printf(&b, "BZR_%s", name);
	vcs_env_add(e, b.p, value);
}

/* It takes a program for ssh, but no options for it. */
static int write_ssh(struct vcs_repo *r, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(4 * MAX_CONF_LINE);
	CLEANUP(fd_close) int fd = -1;

	buf_puts(&text, "#!/bin/sh\nexec ");
	vcs_ssh_command(r->job->settings, &text);
	buf_puts(&text, " -oNoHostAuthenticationForLocalhost=no \"$@\"\n");
	if (buf_ok(&text, "the command line of ssh", err) < 0)
		return -1;
	vcs_rel_file(r, SSH_FILE, &path);
	fd = io_open(r->job->cache->root, path.p, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0700);
	int rc = fd < 0 ? fd : io_write_all(fd, text.p, text.n);
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache") : 0;
}

static int make_env(struct vcs_repo *r, struct err *err)
{
	const struct settings *s = r->job->settings;
	struct bzr *b = r->state;
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	if (find_program(r, err) < 0)
		return -1;
	/* names of files are UTF-8 in a branch */
	vcs_env_add(&r->env, "LC_ALL", "C.UTF-8");
	buf_printf(&path, "%s/" HOME_FOLDER, r->dir);
	/* it fails where this is no folder */
	vcs_env_add(&r->env, "XDG_CONFIG_HOME", path.p);
	if (vcs_env_basic(&r->env, r->job, err) < 0)
		return -1;
	add_env(&r->env, "HOME", path.p);
	add_env(&r->env, "EMAIL", "stoa");
	add_env(&r->env, "LOG", "/dev/null");
	add_env(&r->env, "PROGRESS_BAR", "none");
	buf_reset(&path);
	/* a branch that leads elsewhere does not lead to ssh */
	buf_printf(&path, "%s/" SSH_FILE, r->dir);
	bool by_ssh = str_find(str_of(r->url), STR("+ssh://")) > 0;
	add_env(&r->env, "SSH", by_ssh ? path.p : "/dev/null");
	if (s->ca_file[0])
		buf_printf(&b->ca, "-Ossl.ca_certs=%s", s->ca_file);
	return buf_ok(&path, "the folder", err);
}

/* bzr with these words, up to NULL: the command first. */
static int bzr_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
		   struct err *err)
{
	struct bzr *b = r->state;
	const char *argv[24] = { "bzr", "--no-plugins", "--no-aliases", words[0] };
	size_t n = 4;

	if (b->ca.n)
		argv[n++] = b->ca.p;
	if (r->insecure)
		argv[n++] = "-Ossl.cert_reqs=none";
	for (size_t i = 1; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "bzr %s ...", words[0]);
	return vcs_run(r, argv, s, err);
}

#define RUN(r, s, err, ...) bzr_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

/* --- the branch --- */

/* A branch can be a pointer to another one, and so can the answer of a server. What is
 * read must have been reached as the URL says: not in a folder of this machine. */
static int check_parent(struct vcs_repo *r, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf wanted = BUF(MAX_URL);
	struct str url = str_of(r->url);
	struct str line;

	vcs_rel_file(r, BRANCH_FOLDER "/.bzr/branch/branch.conf", &path);
	int rc = io_read_file(r->job->cache->root, path.p, &text);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot read a branch's settings");
	buf_puts(&wanted, "parent_location = ");
	buf_str(&wanted, str_head(url, (size_t)str_find(url, STR("://")) + 3));
	struct str rest = buf_view(&text);
	while (str_cut(&rest, '\n', &line))
		if (str_starts(line, buf_view(&wanted)))
			return 0;
	return err_set(err, FAULT_DENIED, "bzr: the branch leads to another transport");
}

/* What talks to the other side. */
static int talk(struct vcs_repo *r, const char *const *words, struct err *err)
{
	struct bzr *b = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);

	if (bzr_run(r, words, &s, err) < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, words[0], err);
	if (check_parent(r, err) < 0)
		return pulled_give_up(r, err);
	b->knows_tags = false;
	return pulled_now(r, &b->pulled, err);
}

static int pull(struct vcs_repo *r, struct err *err)
{
	struct bzr *b = r->state;
	const char *words[] = { "pull", "-q", "--overwrite", "--remember", "-d", b->branch.p, "--",
				r->url, NULL };

	return talk(r, words, err);
}

static int create(struct vcs_repo *r, struct err *err)
{
	struct bzr *b = r->state;
	const char *words[] = { "branch", "-q", "--no-tree", "--standalone", "--", r->url,
				b->branch.p, NULL };

	return write_ssh(r, err) < 0 ? -1 : talk(r, words, err);
}

static int bzr_open(struct vcs_repo *r, struct err *err)
{
	struct bzr *b = r->state;

	b->branch = BUF(MAX_RELPATH);
	b->ca = BUF(2 * MAX_CONF_LINE);
	b->text = BUF(MAX_NAMES);
	buf_printf(&b->branch, "%s/" BRANCH_FOLDER, r->dir);
	if (buf_ok(&b->branch, "the folder", err) < 0 || vcs_check_transport(r, err) < 0 ||
	    vcs_check_url(r, err) < 0 || make_env(r, err) < 0)
		return -1;
	if (pulled_open(r, &b->pulled, HOME_FOLDER, create, err) < 0)
		return -1;
	return b->pulled.asked ? 0 : write_ssh(r, err);
}

static void bzr_close(struct vcs_repo *r)
{
	struct bzr *b = r->state;

	buf_release(&b->branch);
	buf_release(&b->ca);
	buf_release(&b->text);
}

static int need_pull(struct vcs_repo *r, struct err *err)
{
	struct bzr *b = r->state;

	return pulled_need(r, &b->pulled, pull, err);
}

/* --- revisions --- */

/* Appends the revision as Bazaar has it: "revno:3", "tag:v1.0.0". */
static bool name_revision(struct str rev, struct buf *out)
{
	bool number = true;

	for (size_t i = 0; i < rev.n; i++)
		number = number && rev.p[i] >= '0' && rev.p[i] <= '9';
	buf_puts(out, number ? "--revision=revno:" : "--revision=tag:");
	buf_str(out, rev);
	return !out->over;
}

static bool says_unknown(const struct vcs_said *s)
{
	static const char *const words[] = {
		"Requested revision:", "No such tag", "Logging revision",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* "Thu 2017-09-21 21:20:12 -0400" */
static int parse_time(struct str s, time_t *ret)
{
	CLEANUP(buf_release) struct buf stamp = BUF(100);
	struct str weekday;
	struct str day;
	struct str clock;

	if (!str_cut(&s, ' ', &weekday) || !str_cut(&s, ' ', &day) || !str_cut(&s, ' ', &clock) ||
	    !s.p || s.n != 5)
		return -1;
	buf_printf(&stamp, "%.*sT%.*s%.*s:%.*s", STR_ARG(day), STR_ARG(clock),
		   STR_ARG(str_head(s, 3)), STR_ARG(str_from(s, 3)));
	return parse_rfc3339(buf_view(&stamp), ret);
}

static void add_tags(struct str list, struct names *tags)
{
	while (list.n) {
		ptrdiff_t comma = str_find(list, STR(", "));
		size_t n = comma < 0 ? list.n : (size_t)comma;
		names_add(tags, str_head(list, n));
		list = str_from(list, comma < 0 ? n : n + 2);
	}
	names_sort(tags);
}

/* The lines before the message. */
static int parse_log(struct str said, struct vcs_rev *ret)
{
	struct str line;
	struct str key;
	uint64_t number = 0;
	bool timed = false;

	while (str_cut(&said, '\n', &line) && line.n && line.p[0] != ' ' && line.p[0] != '\t') {
		struct str value = line;
		if (line.p[0] == '-')
			continue;
		if (!str_cut(&value, ':', &key) || !value.p)
			break;
		value = str_trim(value);
		if (str_eqz(key, "revno")) {
			ptrdiff_t space = str_chr(value, ' ');
			if (parse_u64(space < 0 ? value : str_head(value, (size_t)space), INT64_MAX,
				      &number) < 0)
				return -1;
		} else if (str_eqz(key, "timestamp")) {
			if (parse_time(value, &ret->time) < 0)
				return -1;
			timed = true;
		} else if (str_eqz(key, "tags")) {
			names_release(&ret->tags);
			add_tags(value, &ret->tags);
		}
	}
	buf_printf(&ret->name, "%llu", (unsigned long long)number);
	buf_printf(&ret->brief, "%012llu", (unsigned long long)number);
	return number && timed ? 0 : -1;
}

/* option: "--revision=..." */
static int stat_once(struct vcs_repo *r, struct str rev, const char *option, struct vcs_rev *ret,
		     struct err *err)
{
	struct bzr *b = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);

	if (RUN(r, &s, err, "log", "-l1", "--long", "--show-ids", option, "--", b->branch.p) < 0)
		return -1;
	if (s.exit_code != 0 && says_unknown(&s))
		return vcs_unknown(rev, err);
	if (vcs_must_work(r, &s, "log", err) < 0)
		return -1;
	if (parse_log(buf_view(&s.out), ret) < 0)
		return err_set(err, FAULT_NOT_FOUND, "bzr: %.*s is no revision of the branch "
			       "itself", STR_ARG(str_head(rev, 200)));
	buf_str(&ret->version, rev);
	buf_str(&ret->ref, rev);
	return 0;
}

static int stat_named(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(buf_release) struct buf option = BUF(MAX_URI);

	if (!name_revision(rev, &option))
		return vcs_unknown(rev, err);
	return stat_once(r, rev, option.p, ret, err);
}

static int bzr_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct bzr *b = r->state;

	if (!is_plain_name(rev))
		return vcs_unknown(rev, err);
	return pulled_stat(r, &b->pulled, rev, stat_named, pull, ret, err);
}

static int bzr_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	if (need_pull(r, err) < 0 ||
	    stat_once(r, STR("revno:-1"), "--revision=revno:-1", ret, err) < 0)
		return -1;
	buf_reset(&ret->version);
	buf_str(&ret->version, buf_view(&ret->name));
	return 0;
}

static int load_tags(struct vcs_repo *r, struct err *err)
{
	struct bzr *b = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_NAMES);

	if (need_pull(r, err) < 0)
		return -1;
	if (b->knows_tags)
		return 0;
	if (RUN(r, &s, err, "tags", "-d", b->branch.p) < 0 || vcs_must_work(r, &s, "tags", err) < 0)
		return -1;
	buf_release(&b->text);
	b->text = s.out;
	s.out = BUF(MAX_NAMES);
	b->knows_tags = true;
	return 0;
}

/* The first word of each line. */
static int bzr_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		    struct err *err)
{
	struct bzr *b = r->state;
	struct tags tags = TAGS();
	struct str line;
	struct str tag;

	if (load_tags(r, err) < 0)
		return -1;
	struct str rest = buf_view(&b->text);
	while (str_cut(&rest, '\n', &line)) {
		if (!str_cut(&line, ' ', &tag) || tag.n == 0 || !str_starts(tag, prefix))
			continue;
		tags_add(&tags, tag);
	}
	tags_give(&tags, ret, ret_n);
	return 0;
}

/* --- contents --- */

static void option_of(const struct vcs_rev *rev, struct buf *out)
{
	buf_printf(out, "--revision=revno:%s", rev->name.p);
}

static int bzr_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		    struct buf *out, struct err *err)
{
	struct bzr *b = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf option = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf file = BUF(MAX_URI);

	option_of(rev, &option);
	buf_str(&file, path);
	if (buf_ok(&file, "the path", err) < 0 ||
	    RUN(r, &s, err, "cat", "-d", b->branch.p, option.p, "--", file.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	return str_find(buf_view(&s.said), STR("is not present in revision")) >= 0
		       ? 0 : vcs_must_work(r, &s, "cat", err);
}

static int bzr_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		       struct stage *to, struct err *err)
{
	struct bzr *b = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf option = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf folder = BUF(MAX_RELPATH + MAX_URI);
	CLEANUP(buf_release) struct buf out = BUF(MAX_RELPATH);

	option_of(rev, &option);
	buf_puts(&folder, b->branch.p);
	if (subdir.n)
		buf_putc(&folder, '/');
	buf_str(&folder, subdir);
	buf_printf(&out, "%s/%s", r->job->cache->dir, to->name);
	if (buf_ok(&folder, "the folder", err) < 0 || buf_ok(&out, "the file", err) < 0 ||
	    RUN(r, &s, err, "export", "--format=zip", option.p, "--root=prefix/", "--", out.p,
		folder.p) < 0)
		return -1;
	return vcs_must_work(r, &s, "export", err) < 0 ? -1 : 1;
}

static const char *const schemes[] = { "https", "http", "bzr", "bzr+ssh", NULL };

const struct vcs_driver vcs_bzr = {
	.name = "bzr",
	.schemes = schemes,
	.counts = true,
	.state_size = sizeof(struct bzr),
	.open = bzr_open,
	.close = bzr_close,
	.tags = bzr_tags,
	.stat = bzr_stat,
	.latest = bzr_latest,
	.file = bzr_file,
	.archive = bzr_archive,
};
