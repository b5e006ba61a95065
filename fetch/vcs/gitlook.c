/* fetch/vcs/gitlook.c: what a kept git repository has: commits and files.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/child.h"
#include "base/err.h"
#include "base/log.h"
#include "base/parse.h"
#include "fetch/vcs/git.h"

#include "base/banned.h"

static void set_rev(struct vcs_rev *ret, struct str hash, uint64_t seconds)
{
	ret->time = (time_t)seconds;
	buf_reset(&ret->name);
	buf_reset(&ret->brief);
	buf_str(&ret->name, hash);
	buf_str(&ret->brief, str_head(hash, 12));
}

int git_look(struct vcs_repo *r, struct str rev, struct vcs_rev *ret, struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf name = BUF(MAX_URI);
	struct str time;
	struct str hash;
	uint64_t seconds = 0;

	buf_str(&name, rev);
	if (GIT_RUN(r, &s, err, "log", "--no-decorate", "-n1", "--format=format:%H %ct",
		    "--end-of-options", name.p, "--") < 0)
		return -1;
	if (s.exit_code != 0)
		return 0;
	time = str_trim(buf_view(&s.out));
	if (!str_cut(&time, ' ', &hash) || !git_is_hex(hash) || !time.p ||
	    parse_u64(time, INT64_MAX, &seconds) < 0) {
		r->damaged = true;
		return err_set(err, FAULT_LOCAL, "git: log in the kept repository says nonsense");
	}
	set_rev(ret, hash, seconds);
	return 1;
}

/* --- two questions to one git --- */

/* The next answer of git cat-file --batch: "ID TYPE SIZE", a newline, the bytes and a
 * newline; or "NAME missing". 1; 0: there is none; -1: neither. */
static int next_object(struct str *rest, const char *type, struct str *ret_id,
		       struct str *ret_bytes)
{
	struct str line;
	struct str id;
	struct str kind;
	uint64_t size = 0;

	if (!str_cut(rest, '\n', &line))
		return -1;
	if (str_ends(line, STR(" missing")))
		return 0;
	if (!str_cut(&line, ' ', &id) || !git_is_hex(id) || !str_cut(&line, ' ', &kind) ||
	    !line.p || parse_u64(line, rest->n, &size) < 0 || size >= rest->n)
		return -1;
	*ret_id = id;
	*ret_bytes = str_head(*rest, (size_t)size);
	*rest = str_from(*rest, (size_t)size + 1);
	return str_eqz(kind, type) ? 1 : -1;
}

/* From "committer NAME <MAIL> SECONDS ZONE". false: it is unusual, which git log may
 * understand nevertheless. */
static bool commit_time(struct str commit, uint64_t *ret)
{
	struct str line = STR("");

	while (str_cut(&commit, '\n', &line) && line.n)
		if (str_starts(line, STR("committer ")))
			break;
	if (!str_starts(line, STR("committer ")))
		return false;
	struct str zone = str_from(line, (size_t)(str_rchr(line, '>') + 1));
	struct str none;
	struct str seconds;
	return str_cut(&zone, ' ', &none) && none.n == 0 && str_cut(&zone, ' ', &seconds) &&
	       zone.n == 5 && (zone.p[0] == '+' || zone.p[0] == '-') &&
	       parse_u64(seconds, INT64_MAX, ret) == 0;
}

/* 1, 0 and -1 as git_look(); 2: git log is to be asked. */
static int look_both(struct vcs_repo *r, struct str hash, struct str path, struct vcs_rev *ret,
		     struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + MAX_CHILD_OUTPUT);
	CLEANUP(buf_release) struct buf ask = BUF(CHILD_INPUT_MAX);
	struct str id;
	struct str bytes;
	uint64_t seconds = 0;

	buf_printf(&ask, "%.*s^{commit}\n%.*s:%.*s\n", STR_ARG(hash), STR_ARG(hash),
		   STR_ARG(path));
	if (ask.over)
		return 2;
	s.in = buf_view(&ask);
	if (GIT_RUN(r, &s, err, "cat-file", "--batch") < 0) {
		if (s.out.n < s.out.max)
			return -1;
		err_reset(err);		/* too large: whoever needs the file says so */
		return 2;
	}
	if (s.exit_code != 0)
		return 2;
	struct str rest = buf_view(&s.out);
	int rc = next_object(&rest, "commit", &id, &bytes);
	if (rc <= 0)
		return rc < 0 ? 2 : 0;
	if (!str_eq(id, hash) || !commit_time(bytes, &seconds))
		return 2;
	set_rev(ret, id, seconds);
	if (next_object(&rest, "blob", &id, &bytes) > 0)
		vcs_know_file(r, hash, path, bytes);
	return 1;
}

int git_look_with(struct vcs_repo *r, struct str hash, struct str path, struct vcs_rev *ret,
		  struct err *err)
{
	int rc = look_both(r, hash, path, ret, err);

	return rc == 2 ? git_look(r, hash, ret, err) : rc;
}

/* --- files --- */

int git_file(struct vcs_repo *r, const struct vcs_rev *rev, struct str path, struct buf *out,
	     struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE + 1);
	CLEANUP(buf_release) struct buf object = BUF(MAX_URI);

	buf_printf(&object, "%s:", rev->name.p);
	buf_str(&object, path);
	if (buf_ok(&object, "the path", err) < 0 ||
	    GIT_RUN(r, &s, err, "cat-file", "--end-of-options", "blob", object.p) < 0)
		return -1;
	if (s.exit_code == 0) {
		buf_str(out, buf_view(&s.out));
		return buf_ok(out, "a file of the repository", err) < 0 ? -1 : 1;
	}
	struct str said = buf_view(&s.said);
	if (str_find(said, STR("does not exist in")) >= 0 || str_find(said, STR("bad file")) >= 0 ||
	    str_find(said, STR("exists on disk, but not in")) >= 0)
		return 0;
	return vcs_must_work(r, &s, "cat-file", err);
}
