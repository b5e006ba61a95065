/* admin/cmd_rebuild.c: stoactl rebuild: makes a whole cache of a damaged one, and
 * says what it did.
 *
 * Nothing is deleted: what does not belong where it is goes to state/stray, with
 * its path. Bytes are verify's business.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/tree.h"
#include "base/err.h"
#include "base/io.h"
#include "cache/cache.h"
#include "config/config.h"
#include "module/key.h"
#include "module/modpath.h"

#include "base/banned.h"

#define STRAY "state/stray/"

/* What must be readable by the web server. */
#define FILE_MODE 0644
#define FOLDER_MODE 0755

static const char *const state_folders[] = {
	"state/stage", "state/refused", "state/query", "state/sumdb", "state/first",
	"state/quarantine",
};

struct rebuild {
	int root;
	uid_t uid;		/* of the cache's folder, to which all belongs */
	gid_t gid;
	int64_t moved;
	int64_t modes;
	int64_t owners;
	int64_t made;
	int64_t foreign;	/* belongs to somebody else, and we may not change that */
};

static int move_away(struct rebuild *r, struct str path, const char *why, struct err *err)
{
	CLEANUP(buf_release) struct buf from = BUF(MAX_RELPATH);
	CLEANUP(buf_release) struct buf to = BUF(MAX_RELPATH);
	struct stat st;

	buf_str(&from, path);
	buf_puts(&to, STRAY);
	buf_str(&to, path);
	for (int i = 1; fstatat(r->root, to.p, &st, AT_SYMLINK_NOFOLLOW) == 0; i++) {
		buf_cut(&to, sizeof(STRAY) - 1 + path.n);
		buf_printf(&to, ".%d", i);
	}
	if (buf_ok(&to, "a path", err) < 0)
		return -1;
	int rc = io_mkparents(r->root, to.p, true);
	if (rc == 0)
		rc = io_rename(r->root, from.p, r->root, to.p);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "%s cannot be moved away", from.p);
	printf("moved %s to %s: %s\n", from.p, to.p, why);
	r->moved++;
	return 0;
}

/* Gives it to the owner of the cache, and the modes that readers need. */
static int set_right(struct rebuild *r, const char *path, const struct stat *st, mode_t mode,
		     struct err *err)
{
	int flags = O_RDONLY | O_NONBLOCK | (S_ISDIR(st->st_mode) ? O_DIRECTORY : 0);
	mode_t has = st->st_mode & 07777;
	bool wrong_mode = (has & mode) != mode || (has & 0022);
	bool wrong_owner = st->st_uid != r->uid || st->st_gid != r->gid;

	if (!wrong_mode && !wrong_owner)
		return 0;
	if (geteuid() != 0 && st->st_uid != geteuid()) {
		r->foreign++;
		return 0;
	}
	CLEANUP(fd_close) int fd = io_open_beneath(r->root, path, flags, 0);
	int rc = fd < 0 ? fd : 0;
	if (rc == 0 && wrong_owner && geteuid() == 0) {
		rc = io_chown(fd, r->uid, r->gid);
		r->owners += rc == 0;
	}
	if (rc == 0 && wrong_mode) {
		rc = io_chmod(fd, mode);
		r->modes += rc == 0;
	}
	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "%s cannot be set right", path) : 0;
}

/* The go command's own leavings in a copied tree: empty or temporary. */
static bool is_leaving(struct str path)
{
	return str_ends(path, STR(".lock")) || str_ends(path, STR(".partial")) ||
	       str_ends(path, STR(".tmp"));
}

static bool is_list(struct str path)
{
	CLEANUP(buf_release) struct buf module = BUF(MAX_URI);
	CLEANUP(err_release) struct err ignored = ERR();
	struct str tails[] = { STR("/@v/list"), STR("/@latest") };

	for (size_t i = 0; i < ARRAY_SIZE(tails); i++)
		if (str_ends(path, tails[i]))
			return modpath_unescape(str_from(str_head(path, path.n - tails[i].n), 4),
						&module, &ignored) == 0;
	return false;
}

/* NULL, or why the file does not belong below mod. */
static const char *wrong_with(struct str path, const struct stat *st)
{
	CLEANUP(key_release) struct key k = KEY();
	CLEANUP(err_release) struct err ignored = ERR();
	bool ziphash = str_ends(path, STR(".ziphash"));
	struct str file = ziphash ? str_head(path, path.n - 4) : path;

	if (is_leaving(path))
		return "a leaving of another program";
	if (is_list(path))
		return NULL; /* an empty list is one */
	if (key_set_file(&k, file, &ignored) < 0)
		return "not a name of this cache";
	return st->st_size == 0 ? "empty" : NULL;
}

static int look(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	struct rebuild *r = ctx;
	CLEANUP(buf_release) struct buf z = BUF(MAX_RELPATH);
	struct stat st;

	buf_str(&z, path);
	if (fstatat(dir, z.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (what == TREE_OTHER)
		return move_away(r, path, "neither a file nor a folder", err);
	if (what == TREE_FOLDER)
		return set_right(r, z.p, &st, FOLDER_MODE, err);
	const char *why = wrong_with(path, &st);
	return why ? move_away(r, path, why, err) : set_right(r, z.p, &st, FILE_MODE, err);
}

/* Below state: owners and modes alone. */
static int look_state(void *ctx, int dir, struct str path, enum tree_what what, struct err *err)
{
	struct rebuild *r = ctx;
	CLEANUP(buf_release) struct buf z = BUF(MAX_RELPATH);
	struct stat st;

	buf_str(&z, path);
	if (what == TREE_OTHER || fstatat(dir, z.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0; /* a helper's socket */
	return set_right(r, z.p, &st, what == TREE_FOLDER ? 0700 : 0600, err);
}

static int make_folder(struct rebuild *r, const char *path, struct err *err)
{
	struct stat st;
	bool there = fstatat(r->root, path, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (there && S_ISDIR(st.st_mode))
		return 0;
	if (there && move_away(r, str_of(path), "where a folder should be", err) < 0)
		return -1;
	int rc = io_mkdirs(r->root, path);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "%s cannot be made", path);
	printf("made %s\n", path);
	r->made++;
	return 0;
}

static int rebuild(struct rebuild *r, struct err *err)
{
	struct stat st;

	if (fstat(r->root, &st) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "the cache's folder");
	r->uid = st.st_uid;
	r->gid = st.st_gid;
	/* a file in the place of "state" would be moved into itself */
	if (fstatat(r->root, "state", &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode)) {
		int rc = io_rename(r->root, "state", r->root, "state.stray");
		if (rc < 0)
			return err_sys(err, FAULT_LOCAL, -rc, "state cannot be moved away");
		printf("moved state to state.stray: where a folder should be\n");
		r->moved++;
	}
	if (make_folder(r, "mod", err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(state_folders); i++)
		if (make_folder(r, state_folders[i], err) < 0)
			return -1;
	if (tree_walk(r->root, "mod", look, r, err) < 0)
		return -1;
	return tree_walk(r->root, "state", look_state, r, err);
}

int cmd_rebuild(const char *conf, int argc, char **argv)
{
	static const struct opt opts[] = { { NULL, NULL, NULL } };
	CLEANUP(err_release) struct err err = ERR();
	struct rebuild r = { .root = -1 };

	if (opts_take(opts, false, &argc, argv) < 0)
		return CMD_USAGE;
	if (argc > 1)
		return cmd_usage("rebuild takes no operand");
	struct config *config = cmd_config_load(conf);
	if (!config)
		return CMD_FAILED;
	r.root = io_open(AT_FDCWD, config_global(config)->cache, O_RDONLY | O_DIRECTORY, 0);
	int rc = r.root < 0 ? cmd_failed("the cache's folder cannot be opened") : 0;
	if (rc == 0 && rebuild(&r, &err) < 0)
		rc = cmd_failed("%s", err.text.p);
	printf("%lld moved away, %lld folders made, %lld modes and %lld owners set right; "
	       "%lld belong to somebody else\n", (long long)r.moved, (long long)r.made,
	       (long long)r.modes, (long long)r.owners, (long long)r.foreign);
	if (rc == 0 && r.foreign)
		rc = CMD_WRONG;
	else if (rc == 0 && (r.moved || r.made || r.modes || r.owners))
		rc = CMD_REPAIRED;
	fd_close(&r.root);
	config_free(config);
	return rc;
}
