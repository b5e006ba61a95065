/* fetch/vcs/hg.c: Mercurial.
 *
 * The whole history is kept, since Mercurial has no shallow clones, and is pulled when
 * what is known is older than list_ttl. The questions are those of the go command
 * (cmd/go/internal/modfetch/codehost/vcs.go), so that the answers are; only what is no
 * name or number of a revision is refused here, before Mercurial's query language sees it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "cache/cache.h"
#include "cache/publish.h"
#include "config/config.h"
#include "fetch/digest.h"
#include "fetch/job.h"
#include "fetch/vcs/pulled.h"
#include "fetch/vcs/vcs.h"

#include "base/banned.h"

/* Tags and heads: as for git. */
#define MAX_NAMES (128u << 20)

struct hg {
	struct buf ssh;		/* "ui.ssh=..." */
	struct buf ca;		/* "web.cacerts=..." */
	struct buf timeout;	/* "http.timeout=..." */
	struct pulled pulled;
	bool knows_tags;
	struct buf text;	/* the tags' names */
};

static int make_env(struct vcs_repo *r, struct err *err)
{
	const struct settings *s = r->job->settings;
	struct hg *h = r->state;

	if (vcs_env_find(&r->env, r->job, "hg", err) < 0 ||
	    vcs_env_basic(&r->env, r->job, err) < 0)
		return -1;
	vcs_env_add(&r->env, "HGRCPATH", s->hg_config);
	vcs_env_add(&r->env, "HGPLAIN", "1");
	vcs_env_add(&r->env, "HGENCODING", "UTF-8");
	buf_puts(&h->ssh, "ui.ssh=");
	vcs_ssh_command(s, &h->ssh);
	if (s->ca_file[0])
		buf_printf(&h->ca, "web.cacerts=%s", s->ca_file);
	buf_printf(&h->timeout, "http.timeout=%lld", (long long)s->idle_timeout);
	return 0;
}

/* hg with these words, up to NULL. */
static int hg_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
		  struct err *err)
{
	struct hg *h = r->state;
	const char *argv[40] = {
		"hg", "--noninteractive", "--cwd", r->dir, "-R", r->dir, "--config",
		"ui.interactive=false", "--config", h->ssh.p, "--config", h->timeout.p,
		"--config", "subrepos.allowed=false",
	};
	size_t n = 0;

	while (argv[n])
		n++;
	if (h->ca.n) {
		argv[n++] = "--config";
		argv[n++] = h->ca.p;
	}
	for (size_t i = 0; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "hg %s %s ...", words[0], words[1] ? words[1] : "");
	return vcs_run(r, argv, s, err);
}

#define RUN(r, s, err, ...) hg_run((r), (const char *const[]){ __VA_ARGS__, NULL }, (s), (err))

/* --- the repository --- */

static int pull(struct vcs_repo *r, struct err *err)
{
	struct hg *h = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);

	if (RUN(r, &s, err, "pull", "-q", "-f", r->insecure ? "--insecure" : "-q", "--",
		r->url) < 0)
		return -1;
	if (s.exit_code != 0)
		return vcs_remote_err(r, &s, "pull", err);
	h->knows_tags = false;
	return pulled_now(r, &h->pulled, err);
}

static int create(struct vcs_repo *r, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	const char *init[] = { "hg", "init", "--", r->dir, NULL };

	if (vcs_run(r, init, &s, err) < 0)
		return -1;
	if (s.exit_code != 0)
		return err_set(err, FAULT_LOCAL, "hg: a repository cannot be made in the cache");
	return pull(r, err);
}

static int hg_open(struct vcs_repo *r, struct err *err)
{
	struct hg *h = r->state;

	h->ssh = BUF(3 * MAX_CONF_LINE);
	h->ca = BUF(2 * MAX_CONF_LINE);
	h->timeout = BUF(MAX_NAME);
	h->text = BUF(MAX_NAMES);
	if (vcs_check_transport(r, err) < 0 || make_env(r, err) < 0)
		return -1;
	return pulled_open(r, &h->pulled, "", create, err);
}

static void hg_close(struct vcs_repo *r)
{
	struct hg *h = r->state;

	buf_release(&h->ssh);
	buf_release(&h->ca);
	buf_release(&h->timeout);
	buf_release(&h->text);
}

static int need_pull(struct vcs_repo *r, struct err *err)
{
	struct hg *h = r->state;

	return pulled_need(r, &h->pulled, pull, err);
}

/* --- revisions --- */

/* A name, a number, an id; never an option or a call. */
static bool is_name(struct str rev)
{
	return is_plain_name(rev) && str_find(rev, STR("..")) < 0;
}

static bool says_unknown(const struct vcs_said *s)
{
	static const char *const words[] = {
		"unknown revision", "ambiguous", "parse error", "hidden revision",
	};

	return vcs_says(s, words, ARRAY_SIZE(words));
}

/* The words of a line of tags. */
static void add_tags(struct str words, struct names *tags)
{
	struct str word;

	while (str_cut(&words, ' ', &word))
		if (word.n && !str_eqz(word, "tip"))
			names_add(tags, word);
	names_sort(tags);
}

/* "NODE\nSECONDS OFFSET\nBRANCH\nTAGS" */
static int parse_rev(struct vcs_repo *r, struct str said, struct str rev, struct vcs_rev *ret,
		     struct err *err)
{
	struct str node = STR("");
	struct str date = STR("");
	struct str branch = STR("");
	struct str seconds;
	uint64_t when = 0;

	if (!str_cut(&said, '\n', &node) || !str_cut(&said, '\n', &date) ||
	    !str_cut(&said, '\n', &branch) || node.n != 40 || !str_cut(&date, ' ', &seconds)) {
		r->damaged = true;
		return err_set(err, FAULT_LOCAL, "hg: log in the kept repository says nonsense");
	}
	if (parse_u64(seconds, INT64_MAX, &when) < 0)
		return err_set(err, FAULT_NOT_FOUND, "hg: revision %.*s is older than 1970",
			       STR_ARG(node));
	ret->time = (time_t)when;
	buf_str(&ret->name, node);
	buf_str(&ret->brief, str_head(node, 12));
	add_tags(said.p ? said : STR(""), &ret->tags);
	bool moves = str_eqz(rev, "tip") || str_eq(rev, branch) || str_starts(node, rev);
	buf_str(&ret->version, moves ? node : rev);
	if (rev.n < 12 || !str_starts(node, rev))
		buf_str(&ret->ref, rev);
	return 0;
}

static int stat_once(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf option = BUF(MAX_URI);

	buf_puts(&option, "--rev=");
	buf_str(&option, rev);
	if (buf_ok(&option, "the revision", err) < 0 ||
	    RUN(r, &s, err, "log", "-l1", option.p, "--template",
		"{node}\\n{date|hgdate}\\n{branch}\\n{tags}") < 0)
		return -1;
	if (s.exit_code == 0 && s.out.n == 0)
		return vcs_unknown(rev, err);
	if (s.exit_code != 0 && says_unknown(&s))
		return vcs_unknown(rev, err);
	if (vcs_must_work(r, &s, "log", err) < 0)
		return -1;
	return parse_rev(r, buf_view(&s.out), rev, ret, err);
}

static int hg_stat(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	struct hg *h = r->state;

	if (!is_name(rev))
		return vcs_unknown(rev, err);
	return pulled_stat(r, &h->pulled, rev, stat_once, pull, ret, err);
}

static int hg_latest(struct vcs_repo *r, struct vcs_rev *ret, struct err *err)
{
	const struct vcs_rev *found = NULL;

	if (vcs_stat(r, STR("tip"), &found, err) < 0)
		return -1;
	vcs_rev_copy(found, ret);
	return 0;
}

static int load_tags(struct vcs_repo *r, struct err *err)
{
	struct hg *h = r->state;
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_NAMES);

	if (need_pull(r, err) < 0)
		return -1;
	if (h->knows_tags)
		return 0;
	if (RUN(r, &s, err, "tags", "-q") < 0 || vcs_must_work(r, &s, "tags", err) < 0)
		return -1;
	buf_release(&h->text);
	h->text = s.out;
	s.out = BUF(MAX_NAMES);
	h->knows_tags = true;
	return 0;
}

static int hg_tags(struct vcs_repo *r, struct str prefix, struct vcs_tag **ret, size_t *ret_n,
		   struct err *err)
{
	struct hg *h = r->state;
	struct tags tags = TAGS();
	struct str line;

	if (load_tags(r, err) < 0)
		return -1;
	struct str rest = buf_view(&h->text);
	while (str_cut(&rest, '\n', &line)) {
		if (line.n == 0 || str_eqz(line, "tip") || !str_starts(line, prefix))
			continue;
		tags_add(&tags, line);
	}
	tags_give(&tags, ret, ret_n);
	return 0;
}

static int hg_recent_tag(struct vcs_repo *r, const struct vcs_rev *rev, struct str prefix,
			 vcs_allowed_fn *allowed, void *ctx, struct buf *ret, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_NAMES);
	CLEANUP(buf_release) struct buf set = BUF(MAX_NAME);
	struct str line;
	struct str word;

	buf_printf(&set, "--rev=ancestors(%s) and tag()", rev->name.p);
	if (RUN(r, &s, err, "log", set.p, "--template", "{tags}\\n") < 0 ||
	    vcs_must_work(r, &s, "log", err) < 0)
		return -1;
	struct str rest = buf_view(&s.out);
	while (str_cut(&rest, '\n', &line))
		while (str_cut(&line, ' ', &word))
			vcs_offer_tag(word, prefix, allowed, ctx, ret);
	return 0;
}

static int hg_descends(struct vcs_repo *r, const struct vcs_rev *rev, struct str tag,
		       struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf set = BUF(MAX_URI);

	if (!is_name(tag))
		return 0;
	buf_printf(&set, "--rev=ancestors(%s) and %.*s", rev->name.p, STR_ARG(tag));
	if (buf_ok(&set, "the tag", err) < 0 ||
	    RUN(r, &s, err, "log", set.p, "--template", "{node}\\n") < 0)
		return -1;
	/* a name that is an expression too ("v1.0.0+x") is not understood, nor by go */
	return s.exit_code == 0 && s.out.n > 0;
}

/* --- Origin.RepoSum --- */

struct head {
	struct str branch;
	struct str node;
};

static int by_branch(const void *a, const void *b)
{
	const struct head *x = a;
	const struct head *y = b;
	int rc = str_cmp(x->branch, y->branch);

	/* of one branch in the order in which they were listed */
	return rc ? rc : (x->node.p > y->node.p) - (x->node.p < y->node.p);
}

static void add_binary(struct digest *sum, struct str hex)
{
	for (size_t i = 0; i + 1 < hex.n; i += 2) {
		unsigned char byte = (unsigned char)(parse_hex(hex.p[i]) << 4 |
						     parse_hex(hex.p[i + 1]));
		digest_add(sum, &byte, 1);
	}
}

/* "NODE NAME" lines. The array is the caller's to free. */
static struct head *parse_heads(struct str text, size_t *ret_n)
{
	struct head *heads = NULL;
	struct str line;
	struct str node;
	size_t n = 0;
	size_t room = 0;

	while (str_cut(&text, '\n', &line)) {
		if (!str_cut(&line, ' ', &node) || node.n != 40 || !line.p)
			continue;
		if (n == room) {
			room = room ? 2 * room : 64;
			heads = xreallocarray(heads, room, sizeof(*heads));
		}
		heads[n++] = (struct head){ line, node };
	}
	*ret_n = n;
	return heads;
}

static void sum_branches(struct digest *sum, struct str text)
{
	size_t n = 0;
	struct head *heads = parse_heads(text, &n);

	if (n)
		qsort(heads, n, sizeof(*heads), by_branch);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || !str_eq(heads[i].branch, heads[i - 1].branch))
			digest_add(sum, heads[i].branch.p, heads[i].branch.n);
		digest_add(sum, " ", 1);
		add_binary(sum, heads[i].node);
		if (i + 1 == n || !str_eq(heads[i].branch, heads[i + 1].branch))
			digest_add(sum, "\n", 1);
	}
	free(heads);
}

static void sum_bookmarks(struct digest *sum, struct str text)
{
	size_t n = 0;
	struct head *marks = parse_heads(text, &n);

	for (size_t i = 0; i < n; i++) {
		digest_add(sum, marks[i].branch.p, marks[i].branch.n);
		digest_add(sum, "=", 1);
		digest_add(sum, marks[i].node.p, marks[i].node.n);
		digest_add(sum, "\n", 1);
	}
	free(marks);
}

/* What the go command's goreposum.py computes: all heads of all branches, and all
 * bookmarks. */
static int hg_repo_sum(struct vcs_repo *r, struct buf *out, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said heads = VCS_SAID(MAX_NAMES);
	CLEANUP(vcs_said_release) struct vcs_said marks = VCS_SAID(MAX_NAMES);
	struct digest sum = DIGEST();
	unsigned char bytes[DIGEST_SIZE];
	unsigned char text[DIGEST_SIZE * 2];

	if (RUN(r, &heads, err, "log", "--rev=sort(head(), rev)", "--template",
		"{node} {branch}\\n") < 0 ||
	    vcs_must_work(r, &heads, "log", err) < 0 ||
	    RUN(r, &marks, err, "bookmarks", "--template", "{node} {bookmark}\\n") < 0 ||
	    vcs_must_work(r, &marks, "bookmarks", err) < 0)
		return -1;
	digest_begin(&sum);
	sum_branches(&sum, buf_view(&heads.out));
	sum_bookmarks(&sum, buf_view(&marks.out));
	digest_end(&sum, bytes);
	digest_release(&sum);
	EVP_EncodeBlock(text, bytes, DIGEST_SIZE);
	buf_printf(out, "r1:%s", (const char *)text);
	return 0;
}

/* --- contents --- */

static int hg_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path,
		   struct buf *out, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf option = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf file = BUF(MAX_URI);

	buf_printf(&option, "--rev=%s", rev->name.p);
	buf_puts(&file, "path:");
	buf_str(&file, path);
	if (buf_ok(&file, "the path", err) < 0 ||
	    RUN(r, &s, err, "cat", option.p, "--", file.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	/* 1: no file matched */
	return s.exit_code == 1 ? 0 : vcs_must_work(r, &s, "cat", err);
}

/* A name of a file, for a command that expands "%H" in it. */
static void no_format(const char *name, struct buf *out)
{
	for (; *name; name++) {
		if (*name == '%')
			buf_putc(out, '%');
		buf_putc(out, *name);
	}
}

static int hg_archive(struct vcs_repo *r, const struct vcs_rev *rev, struct str subdir,
		      struct stage *to, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf option = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf folder = BUF(MAX_URI);
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf out = BUF(2 * MAX_RELPATH);

	buf_printf(&option, "--rev=%s", rev->name.p);
	buf_puts(&folder, "--include=path:");
	buf_str(&folder, subdir);
	buf_printf(&path, "%s/%s", r->job->cache->dir, to->name);
	no_format(path.p, &out);
	if (buf_ok(&folder, "the folder", err) < 0 ||
	    RUN(r, &s, err, "archive", "-t", "zip", "--no-decode", option.p, "--prefix=prefix/",
		subdir.n ? folder.p : "-q", "--", out.p) < 0)
		return -1;
	if (s.exit_code != 0 &&
	    str_find(buf_view(&s.said), STR("no files match the archive pattern")) >= 0)
		return 0;
	return vcs_must_work(r, &s, "archive", err) < 0 ? -1 : 1;
}

static const char *const schemes[] = { "https", "http", "ssh", NULL };

const struct vcs_driver vcs_hg = {
	.name = "hg",
	.schemes = schemes,
	.state_size = sizeof(struct hg),
	.open = hg_open,
	.close = hg_close,
	.tags = hg_tags,
	.stat = hg_stat,
	.latest = hg_latest,
	.file = hg_file,
	.recent_tag = hg_recent_tag,
	.descends = hg_descends,
	.repo_sum = hg_repo_sum,
	.archive = hg_archive,
};
