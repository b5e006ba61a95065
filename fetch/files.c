/* fetch/files.c: the source "a folder".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "fetch/body.h"
#include "fetch/files.h"

#include "base/banned.h"

#define SCHEME "file://"

bool files_is_url(const char *url)
{
	return str_starts(str_of(url), STR(SCHEME));
}

static int open_tree(const char *url, int *ret_dir, struct err *err)
{
	CLEANUP(buf_release) struct buf path = BUF(MAX_RELPATH);

	if (parse_percent(str_from(str_of(url), sizeof(SCHEME) - 1), &path) < 0 ||
	    strlen(path.p) != path.n || path.over)
		return err_set(err, FAULT_LOCAL, "upstream: a malformed file URL");
	int dir = io_open(AT_FDCWD, path.p, O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return err_sys(err, FAULT_UPSTREAM, -dir, "the folder cannot be opened");
	*ret_dir = dir;
	return 0;
}

static int open_file(int dir, struct str rel, int *ret_fd, struct err *err)
{
	CLEANUP(buf_release) struct buf name = BUF(MAX_RELPATH);
	struct stat st;

	if (parse_percent(rel, &name) < 0 || name.over)
		return err_set(err, FAULT_NOT_FOUND, "not found: the name is too long");
	CLEANUP(fd_close) int fd = io_open(dir, name.p, O_RDONLY | O_NONBLOCK, 0);
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ENAMETOOLONG)
		return err_set(err, FAULT_NOT_FOUND, "not found");
	if (fd < 0)
		return err_sys(err, FAULT_UPSTREAM, -fd, "the file cannot be opened");
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(err, FAULT_NOT_FOUND, "not found: not a regular file");
	*ret_fd = fd_steal(&fd);
	return 0;
}

int files_get(const char *url, struct str rel, struct body *body, struct err *err)
{
	CLEANUP(fd_close) int dir = -1;
	CLEANUP(fd_close) int fd = -1;
	char block[32768];

	if (open_tree(url, &dir, err) < 0 || open_file(dir, rel, &fd, err) < 0)
		return -1;
	for (;;) {
		ssize_t got = io_read(fd, block, sizeof(block));
		if (got < 0)
			return err_sys(err, FAULT_UPSTREAM, (int)-got, "body: reading failed");
		if (got == 0)
			return 0;
		if (body_write(body, block, (size_t)got, err) < 0)
			return -1;
	}
}
