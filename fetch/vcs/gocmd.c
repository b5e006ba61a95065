/* fetch/vcs/gocmd.c: the setting direct = go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/io.h"
#include "cache/cache.h"
#include "config/config.h"
#include "fetch/body.h"
#include "fetch/job.h"
#include "fetch/text.h"
#include "fetch/vcs/gocmd.h"
#include "fetch/vcs/vcs.h"
#include "module/key.h"

#include "base/banned.h"

/* Only for vcs_run(), which names the program and finds the job there. */
static const struct vcs_driver go_driver = { .name = "go" };

static void json_free(json_t **v)
{
	json_decref(*v);
}

static int make_env(struct vcs_repo *r, const char *folder, struct err *err)
{
	static const char *const folders[][2] = {
		{ "GOMODCACHE", "mod" }, { "GOPATH", "path" }, { "GOCACHE", "build" },
	};
	struct vcs_env *e = &r->env;

	if (vcs_env_find(e, r->job, "go", err) < 0 || vcs_env_basic(e, r->job, err) < 0 ||
	    vcs_git_env(e, r->job, false, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		CLEANUP(buf_release) struct buf b = BUF(MAX_RELPATH);
		buf_printf(&b, "%s/%s", folder, folders[i][1]);
		vcs_env_add(e, folders[i][0], b.p);
	}
	vcs_env_add(e, "GOPROXY", "direct");
	vcs_env_add(e, "GOFLAGS", "-mod=mod -modcacherw");
	vcs_env_add(e, "GOSUMDB", "off");	/* stoa asks it itself */
	vcs_env_add(e, "GOTOOLCHAIN", "local");
	vcs_env_add(e, "GOENV", "off");
	vcs_env_add(e, "GOWORK", "off");
	vcs_env_add(e, "GOTELEMETRY", "off");
	vcs_env_add(e, "GOVCS", r->job->settings->vcs);
	vcs_env_add(e, "GOPRIVATE", r->job->settings->private);
	vcs_env_add(e, "GONOPROXY", "none");
	vcs_env_add(e, "GOINSECURE", r->job->settings->insecure);
	return 0;
}

static struct str member(const json_t *o, const char *name)
{
	const json_t *v = json_object_get(o, name);

	return json_is_string(v) ? str_make(json_string_value(v), json_string_length(v)) : STR("");
}

/* What the go command says instead of an answer. */
static int refused(const json_t *o, const struct vcs_said *s, struct err *err)
{
	CLEANUP(buf_release) struct buf clean = BUF(400);
	struct str why = member(o, "Error");
	static const struct {
		const char *words;
		enum fault fault;
	} known[] = {
		{ "could not read Username", FAULT_AUTH },
		{ "Authentication failed", FAULT_AUTH },
		{ "Permission denied (", FAULT_AUTH },
		{ "Could not resolve host", FAULT_UPSTREAM },
		{ "no such host", FAULT_UPSTREAM },
		{ "onnection refused", FAULT_UPSTREAM },
		{ "timed out", FAULT_TIMEOUT },
		{ "GOVCS disallows", FAULT_DENIED },
	};
	enum fault fault = FAULT_NOT_FOUND;

	if (why.n == 0 && json_is_object(json_object_get(o, "Error")))
		why = member(json_object_get(o, "Error"), "Err");
	if (why.n == 0)
		why = buf_view(&s->said);
	for (size_t i = 0; i < ARRAY_SIZE(known) && fault == FAULT_NOT_FOUND; i++)
		if (str_find(why, str_of(known[i].words)) >= 0)
			fault = known[i].fault;
	text_clean(why, 1, clean.max, &clean);
	return err_set(err, fault, "go: %s", clean.n ? clean.p : "no answer");
}

static int give_versions(const json_t *o, struct body *body, struct err *err)
{
	const json_t *list = json_object_get(o, "Versions");
	size_t n = json_array_size(list);

	for (size_t i = 0; i < n; i++) {
		const char *v = json_string_value(json_array_get(list, i));
		if (v && (body_write(body, v, strlen(v), err) < 0 ||
			  body_write(body, "\n", 1, err) < 0))
			return -1;
	}
	return 0;
}

static int give_file(struct str path, struct body *body, struct err *err)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_RELPATH);
	CLEANUP(fd_close) int fd = -1;
	char block[32768];
	ssize_t n = 0;

	buf_str(&name, path);
	fd = path.n ? io_open(AT_FDCWD, name.p, O_RDONLY, 0) : -1;
	if (fd < 0)
		return err_set(err, FAULT_UPSTREAM, "go: it names no file");
	while ((n = io_read(fd, block, sizeof(block))) > 0)
		if (body_write(body, block, (size_t)n, err) < 0)
			return -1;
	return n < 0 ? err_set(err, FAULT_LOCAL, "go: its file cannot be read") : 0;
}

/* The .info lies beside the .mod that the go command names. */
static int give_info(struct str gomod, struct body *body, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	if (!str_ends(gomod, STR(".mod")))
		return err_set(err, FAULT_UPSTREAM, "go: it names no file");
	buf_str(&path, str_head(gomod, gomod.n - 4));
	buf_puts(&path, ".info");
	return give_file(buf_view(&path), body, err);
}

static int give(const json_t *o, enum kind kind, struct body *body, struct err *err)
{
	if (kind == KIND_LIST)
		return give_versions(o, body, err);
	if (kind == KIND_ZIP)
		return give_file(member(o, "Zip"), body, err);
	if (kind == KIND_MOD)
		return give_file(member(o, "GoMod"), body, err);
	return give_info(member(o, "GoMod"), body, err);
}

static int ask(struct vcs_repo *r, const char *folder, const struct key *k, struct body *body,
	       struct err *err)
{
	CLEANUP(vcs_said_release) struct vcs_said s = VCS_SAID(MAX_SMALL_FILE);
	CLEANUP(buf_release) struct buf what = BUF(2 * MAX_URI);
	CLEANUP(json_free) json_t *o = NULL;
	bool zip = k->kind == KIND_ZIP;
	const char *const list[] = { "go", "-C", folder, "list", "-m", "-e", "-json", "-retracted",
				     "-versions", "--", what.p, NULL };
	const char *args[ARRAY_SIZE(list)];

	buf_str(&what, buf_view(&k->path));
	if (k->kind != KIND_LIST)
		buf_printf(&what, "@%s", k->kind == KIND_LATEST ? "latest" : k->version.p);
	memcpy(args, list, sizeof(args));
	if (k->kind != KIND_LIST) {
		args[3] = zip ? "mod" : "list";
		args[4] = zip ? "download" : "-m";
		args[5] = "-json";
		args[6] = "--";
		args[7] = what.p;
		args[8] = NULL;
	} else {
		args[10] = what.p;
	}
	if (vcs_run(r, args, &s, err) < 0)
		return -1;
	o = json_loadb(s.out.p, s.out.n, JSON_DISABLE_EOF_CHECK, NULL);
	if (!o || json_object_get(o, "Error"))
		return refused(o, &s, err);
	return give(o, k->kind, body, err);
}

int gocmd_get(struct job *j, const struct key *k, struct body *body, struct err *err)
{
	static atomic_uint counter;
	CLEANUP(buf_release) struct buf rel = BUF(MAX_NAME);
	CLEANUP(buf_release) struct buf folder = BUF(MAX_RELPATH);
	struct vcs_repo r = { .driver = &go_driver, .job = j, .url = "", .lock = -1 };

	buf_printf(&rel, "state/stage/go-%ld-%lld-%u", (long)getpid(), (long long)clock_ms(),
		   atomic_fetch_add(&counter, 1u));
	buf_printf(&folder, "%s/%s", j->cache->dir, rel.p);
	int rc = io_mkdirs(j->cache->root, rel.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "cannot write to the cache");
	rc = make_env(&r, folder.p, err);
	if (rc == 0)
		rc = ask(&r, folder.p, k, body, err);
	vcs_env_release(&r.env);
	(void)!vcs_remove_tree(j->cache->root, rel.p);
	return rc;
}
