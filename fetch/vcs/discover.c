/* fetch/vcs/discover.c: where a module's repository is.
 *
 * What the go command does (cmd/go/internal/vcs, Go 1.26). A path's parents are asked
 * for by every client ("github.com", "github.com/x"): the table refuses them without
 * asking anybody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "base/log.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/body.h"
#include "fetch/digest.h"
#include "fetch/job.h"
#include "fetch/net.h"
#include "fetch/vcs/discover.h"
#include "fetch/vcs/meta.h"
#include "fetch/vcs/rules.h"
#include "fetch/vcs/vcs.h"
#include "module/modpath.h"
#include "module/pattern.h"

#include "base/banned.h"

/* A page is looked at up to here; the go command has no limit. */
#define MAX_PAGE (4u << 20)

#define WHERE_DIR "state/vcs/where"

static const char *const vcs_names[] = { "bzr", "fossil", "git", "hg", "svn" };

void place_found_release(struct place_found *p)
{
	buf_release(&p->vcs);
	buf_release(&p->root);
	buf_release(&p->url);
	buf_release(&p->subdir);
}

bool discover_is_insecure(const struct job *j, struct str path)
{
	return pattern_match(str_of(j->settings->insecure), path);
}

static int unrecognized(struct err *err, struct str path, const char *why)
{
	return err_set(err, FAULT_NOT_FOUND, "unrecognized import path \"%.*s\": %s",
		       STR_ARG(str_head(path, 300)), why);
}

/* --- hosts that need no question --- */

/* [A-Za-z0-9_.-]+ */
static bool is_word(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '.' || c == '-'))
			return false;
	}
	return s.n > 0;
}

static bool are_words(struct str s)
{
	struct str elem;

	while (str_cut(&s, '/', &elem))
		if (!is_word(elem))
			return false;
	return true;
}

struct host {
	const char *prefix;
	size_t elements;	/* of the root, behind the prefix */
	const char *vcs;
	bool no_suffix;		/* "x.git" is refused */
	bool whole;		/* the root is all of the path */
	const char *suffix;	/* that the root must have, or NULL */
};

static const struct host hosts[] = {
	{ "github.com", 2, "git", true, false, NULL },
	{ "bitbucket.org", 2, "git", true, false, NULL },
	{ "hub.jazz.net/git", 2, "git", false, false, NULL },
	{ "git.apache.org", 1, "git", false, false, ".git" },
	{ "git.openstack.org", 2, "git", false, false, NULL },
	{ "chiselapp.com/user", 3, "fossil", false, true, NULL },
};

static bool has_path_prefix(struct str s, struct str prefix)
{
	return str_starts(s, prefix) && (s.n == prefix.n || s.p[prefix.n] == '/');
}

static bool has_vcs_suffix(struct str s, struct str *ret_vcs)
{
	for (size_t i = 0; i < ARRAY_SIZE(vcs_names); i++) {
		struct str name = str_of(vcs_names[i]);
		if (s.n > name.n + 1 && str_ends(s, name) && s.p[s.n - name.n - 1] == '.') {
			*ret_vcs = name;
			return true;
		}
	}
	return false;
}

/* The first n elements, "" when there are fewer. */
static struct str head_elements(struct str s, size_t n)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '/' && --n == 0)
			return str_head(s, i);
	return n == 1 ? s : STR("");
}

static int from_host(const struct host *h, struct str path, struct place_found *p, struct err *err)
{
	struct str rest = str_from(path, strlen(h->prefix));
	struct str vcs;

	rest = rest.n ? str_from(rest, 1) : rest;
	struct str root = head_elements(rest, h->elements);
	if (root.n == 0 || !are_words(rest) || (h->whole && root.n != rest.n) ||
	    (h->suffix && !str_ends(root, str_of(h->suffix))))
		return err_set(err, FAULT_NOT_FOUND, "invalid %s import path \"%.*s\"", h->prefix,
			       STR_ARG(str_head(path, 300)));
	root = str_head(path, strlen(h->prefix) + 1 + root.n);
	if (h->no_suffix && has_vcs_suffix(root, &vcs))
		return err_set(err, FAULT_NOT_FOUND, "invalid version control suffix in %s path "
			       "\"%.*s\"", h->prefix, STR_ARG(str_head(path, 300)));
	buf_puts(&p->vcs, h->vcs);
	buf_str(&p->root, root);
	buf_printf(&p->url, "https://%.*s", STR_ARG(root));
	return 1;
}

/* 1 found, 0 not one of these, -1 wrong for its host. */
static int from_table(struct str path, struct place_found *p, struct err *err)
{
	if (has_path_prefix(path, STR("example.net")) || str_eqz(path, "rsc.io"))
		return unrecognized(err, path, "no modules on this host");
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		if (has_path_prefix(path, str_of(hosts[i].prefix)))
			return from_host(&hosts[i], path, p, err);
	return 0;
}

/* --- "host/path.git/..." --- */

static bool is_host(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!((s.p[i] >= 'a' && s.p[i] <= 'z') || (s.p[i] >= '0' && s.p[i] <= '9') ||
		      s.p[i] == '.' || s.p[i] == '-'))
			return false;
	return str_chr(s, '.') > 0 && s.p[s.n - 1] != '.';
}

/* The elements up to the first one that ends in .VCS; 0 when there is none. */
static size_t suffixed_root(struct str path, struct str *ret_vcs)
{
	struct str rest = path;
	struct str elem;
	size_t root = 0;

	if (!str_cut(&rest, '/', &elem) || !is_host(elem))
		return 0;
	while (rest.p && str_cut(&rest, '/', &elem)) {
		if (str_starts(elem, STR("~")))
			elem = str_from(elem, 1);
		if (!is_word(elem))
			return 0;
		if (root == 0 && has_vcs_suffix(elem, ret_vcs))
			root = (size_t)(elem.p + elem.n - path.p);
	}
	return root;
}

static bool is_secure(struct str scheme)
{
	return str_eqz(scheme, "https") || str_eqz(scheme, "ssh") || str_ends(scheme, STR("+ssh"));
}

/* The first scheme that a repository answers on. */
static int probe(struct job *j, const struct vcs_driver *d, struct str repo, bool insecure,
		 struct place_found *p, struct err *err)
{
	CLEANUP(err_release) struct err first = ERR();

	for (size_t i = 0; d->schemes[i]; i++) {
		CLEANUP(err_release) struct err why = ERR();
		struct vcs_repo *r = NULL;
		if (!insecure && !is_secure(str_of(d->schemes[i])))
			continue;
		buf_reset(&p->url);
		buf_printf(&p->url, "%s://%.*s", d->schemes[i], STR_ARG(repo));
		if (vcs_is_open(j->repo, d, buf_view(&p->url), insecure))
			return 1;
		int rc = vcs_open(j, d, buf_view(&p->url), insecure, &r, &why);
		bool damaged = rc < 0 && r && r->damaged;
		if (rc == 0 || damaged)
			vcs_close(r);
		if (rc == 0 || damaged)
			return 1;
		if (why.fault == FAULT_LOCAL || why.fault == FAULT_BUG)
			return err_move(err, &why);
		trace(TRACE_NET, "%s", why.text.p);
		/* what the first way says is what people want to know */
		if (first.fault == FAULT_NONE || fault_is_absence(first.fault))
			err_move(&first, &why);
	}
	err_move(err, &first);
	return err_wrap(err, "no %sprotocol found for repository", insecure ? "" : "secure ");
}

static int from_suffix(struct job *j, struct str path, struct place_found *p, struct err *err)
{
	struct str vcs = STR("");
	size_t root = suffixed_root(path, &vcs);

	if (root == 0)
		return 0;
	struct str repo = str_head(path, root - vcs.n - 1);
	const struct vcs_driver *d = vcs_driver_named(vcs);
	buf_str(&p->vcs, vcs);
	buf_str(&p->root, str_head(path, root));
	if (rules_check(str_of(j->settings->vcs), str_of(j->settings->private), vcs,
			str_head(path, root), err) < 0)
		return -1;
	return probe(j, d, repo, discover_is_insecure(j, path), p, err);
}

/* --- asking the host --- */

static int get_page(struct job *j, struct str path, const char *scheme, bool insecure,
		    struct body *body, int *ret_status, struct err *err)
{
	CLEANUP(buf_release) struct buf url = BUF(MAX_URL);
	ptrdiff_t slash = str_chr(path, '/');
	struct str host = slash < 0 ? path : str_head(path, (size_t)slash);

	buf_printf(&url, "%s://%.*s%.*s?go-get=1", scheme, STR_ARG(host),
		   slash < 0 ? 1 : (int)(path.n - (size_t)slash),
		   slash < 0 ? "/" : path.p + slash);
	if (buf_ok(&url, "the URL", err) < 0 || body_restart(body, err) < 0)
		return -1;
	struct net_request r = NET_REQUEST();
	r.url = url.p;
	r.body = body;
	r.deadline_ms = j->deadline_ms;
	r.compressed = true;
	r.any_status = true;
	r.insecure = insecure;
	net_start(j->net, &r);
	net_wait(j->net, &r);
	*ret_status = r.status;
	int rc = r.err.fault == FAULT_NONE ? 0 : err_move(err, &r.err);
	net_request_release(&r);
	return rc;
}

/* The tags of https://PATH?go-get=1. An answer of any status counts when it has some. */
static int ask_host(struct job *j, struct str path, bool insecure, struct meta *m, struct err *err)
{
	CLEANUP(body_release) struct body body;
	CLEANUP(err_release) struct err why = ERR();
	int status = 0;

	body_init(&body, NULL, MAX_PAGE);
	int rc = get_page(j, path, "https", insecure, &body, &status, &why);
	if (rc < 0 && insecure && why.fault != FAULT_LOCAL)
		rc = get_page(j, path, "http", true, &body, &status, &why);
	if (rc < 0) {
		err_move(err, &why);
		return err_wrap(err, "%.*s?go-get=1", STR_ARG(str_head(path, 300)));
	}
	meta_read(buf_view(&body.text), m);
	if (m->n || status == 200)
		return 0;
	if (status == 404 || status == 410)
		return unrecognized(err, path, "its host says that there is nothing (404)");
	return err_set(err, status == 401 || status == 403 ? FAULT_AUTH
			    : status == 429 ? FAULT_RATE_LIMITED : FAULT_UPSTREAM,
		       "%.*s?go-get=1: http: status %d", STR_ARG(str_head(path, 300)), status);
}

static int match_path(const struct meta *m, struct str path, const struct meta_import **ret,
		      struct err *err)
{
	int rc = meta_match(m, path, ret);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return unrecognized(err, path, "multiple meta tags match import path");
	return unrecognized(err, path, m->n ? "meta tags do not match import path"
					    : "no go-import meta tags");
}

static bool same_import(const struct meta_import *a, const struct meta_import *b)
{
	return str_eq(a->prefix, b->prefix) && str_eq(a->vcs, b->vcs) && str_eq(a->url, b->url) &&
	       str_eq(a->subdir, b->subdir);
}

/* A page below must not speak for a whole host: the prefix must say the same. */
static int check_prefix(struct job *j, struct str path, const struct meta_import *found,
			bool insecure, struct err *err)
{
	CLEANUP(meta_release) struct meta m = META(MAX_PAGE + 1);
	const struct meta_import *theirs = NULL;

	if (str_eq(found->prefix, path))
		return 0;
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URI);
	buf_str(&prefix, found->prefix);
	if (modpath_check(buf_view(&prefix), err) < 0)
		return -1;
	if (ask_host(j, buf_view(&prefix), insecure, &m, err) < 0 ||
	    match_path(&m, path, &theirs, err) < 0)
		return -1;
	if (same_import(found, theirs))
		return 0;
	return err_set(err, FAULT_NOT_FOUND, "%.*s and %.*s disagree about go-import for %.*s",
		       STR_ARG(str_head(path, 150)), STR_ARG(str_head(found->prefix, 150)),
		       STR_ARG(str_head(found->prefix, 150)));
}

/* "scheme://..." with a scheme that is not file, and nothing that a program could
 * take for an option. */
static bool is_repo_url(struct str url)
{
	ptrdiff_t at = str_find(url, STR("://"));
	struct str scheme = str_head(url, at < 0 ? 0 : (size_t)at);

	if (scheme.n == 0 || str_caseeq(scheme, STR("file")) || url.n > 2000 ||
	    url.n == (size_t)at + 3 || url.p[at + 3] == '-')
		return false;
	for (size_t i = 0; i < scheme.n; i++) {
		char c = scheme.p[i];
		if (!((c >= 'a' && c <= 'z') || (i && strchr("0123456789+-.", c))))
			return false;
	}
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7f)
			return false;
	return true;
}

static int from_pages(struct job *j, struct str path, struct place_found *p, struct err *err)
{
	CLEANUP(meta_release) struct meta m = META(MAX_PAGE + 1);
	const struct meta_import *found = NULL;
	bool insecure = discover_is_insecure(j, path);

	if (ask_host(j, path, insecure, &m, err) < 0 || match_path(&m, path, &found, err) < 0 ||
	    check_prefix(j, path, found, insecure, err) < 0)
		return -1;
	if (str_starts(found->subdir, STR("/")) || str_starts(found->subdir, STR("-")))
		return unrecognized(err, path, "invalid folder in its go-import");
	if (!is_repo_url(found->url))
		return unrecognized(err, path, "invalid repository URL in its go-import");
	bool known = str_eqz(found->vcs, "mod");
	for (size_t i = 0; i < ARRAY_SIZE(vcs_names); i++)
		known = known || str_eqz(found->vcs, vcs_names[i]);
	if (!known)
		return unrecognized(err, path, "unknown version control system in its go-import");
	buf_str(&p->vcs, found->vcs);
	buf_str(&p->root, found->prefix);
	buf_str(&p->url, found->url);
	buf_str(&p->subdir, found->subdir);
	return buf_ok(&p->root, "go-import", err) < 0 || buf_ok(&p->subdir, "go-import", err) < 0
		       ? -1 : 1;
}

/* --- answers are kept for a while --- */

static void where_file(struct str path, struct buf *out)
{
	buf_puts(out, WHERE_DIR "/");
	digest_text(path, out);
}

static bool recall(struct job *j, struct str path, struct place_found *p)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(2 * MAX_URL);
	CLEANUP(fd_close) int fd = -1;
	struct str lines[5];
	struct stat st;

	where_file(path, &file);
	fd = io_open(j->cache->root, file.p, O_RDONLY | O_NOFOLLOW, 0);
	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	int64_t age = (int64_t)clock_wall() - (int64_t)st.st_mtime;
	if (age < 0 || age >= j->settings->discovery_ttl || io_read_all(fd, &text) < 0)
		return false;
	struct str rest = buf_view(&text);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!rest.p || !str_cut(&rest, '\n', &lines[i]))
			return false;
	if (!str_eq(lines[0], path))
		return false;
	buf_str(&p->vcs, lines[1]);
	buf_str(&p->root, lines[2]);
	buf_str(&p->url, lines[3]);
	buf_str(&p->subdir, lines[4]);
	return true;
}

/* That an answer is not kept costs the next one a question. */
static void remember(struct job *j, struct str path, const struct place_found *p)
{
	CLEANUP(buf_release) struct buf file = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf fresh = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf text = BUF(2 * MAX_URL);
	CLEANUP(fd_close) int fd = -1;
	int root = j->cache->root;

	where_file(path, &file);
	buf_printf(&fresh, "%s.%lld", file.p, (long long)clock_ms());
	buf_printf(&text, "%.*s\n%s\n%s\n%s\n%s\n", STR_ARG(path), p->vcs.p, p->root.p, p->url.p,
		   p->subdir.p);
	if (text.over || io_mkdirs(root, WHERE_DIR) < 0)
		return;
	fd = io_open(root, fresh.p, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
	if (fd < 0)
		return;
	if (io_write_all(fd, text.p, text.n) < 0 || io_rename(root, fresh.p, root, file.p) < 0)
		(void)!io_unlink(root, fresh.p);
}

int discover(struct job *j, struct str path, struct place_found *ret, struct err *err)
{
	int rc = from_table(path, ret, err);
	bool listed = rc > 0;
	bool kept = rc == 0 && recall(j, path, ret);

	if (rc == 0 && !kept)
		rc = from_suffix(j, path, ret, err);
	if (rc == 0 && !kept)
		rc = from_pages(j, path, ret, err);
	if (rc < 0)
		return -1;
	if (!str_eqz(buf_view(&ret->vcs), "mod") &&
	    rules_check(str_of(j->settings->vcs), str_of(j->settings->private),
			buf_view(&ret->vcs), buf_view(&ret->root), err) < 0)
		return -1;
	if (!kept && !listed)
		remember(j, path, ret);
	return 0;
}
