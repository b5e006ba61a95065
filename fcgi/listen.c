/* fcgi/listen.c: where the connections come from.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/parse.h"
#include "fcgi/listen.h"

#include "base/banned.h"

/* Web servers open a connection for each request: a short queue would refuse
 * bursts. The kernel cuts it to net.core.somaxconn. */
#define BACKLOG 1024

/* systemd's first descriptor (sd_listen_fds(3)). */
#define SD_FIRST 3

static bool is_socket(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISSOCK(st.st_mode);
}

static bool is_alive(const struct sockaddr_un *sa)
{
	CLEANUP(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd >= 0 && connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) == 0;
}

static int bind_path(const char *path, struct err *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(sa.sun_path))
		return err_set(err, FAULT_LOCAL, "%s: a socket's path has 1 to %zu bytes", path,
			       sizeof(sa.sun_path) - 1);
	memcpy(sa.sun_path, path, n + 1);
	CLEANUP(fd_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return err_sys(err, FAULT_LOCAL, errno, "cannot make a socket");
	int rc = bind(fd, (const struct sockaddr *)&sa, sizeof(sa));
	if (rc < 0 && errno == EADDRINUSE) {
		if (!is_socket(path))
			return err_set(err, FAULT_LOCAL, "%s: is there already, and no socket",
				       path);
		if (is_alive(&sa))
			return err_set(err, FAULT_LOCAL,
				       "%s: another process serves this socket", path);
		(void)!io_unlink(AT_FDCWD, path);
		rc = bind(fd, (const struct sockaddr *)&sa, sizeof(sa));
	}
	if (rc < 0 || listen(fd, BACKLOG) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "%s", path);
	return fd_steal(&fd);
}

static bool is_listening(int fd)
{
	int yes = 0;
	socklen_t n = sizeof(yes);

	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &yes, &n) == 0 && yes;
}

static bool from_systemd(void)
{
	const char *pid = getenv("LISTEN_PID");
	const char *fds = getenv("LISTEN_FDS");
	uint64_t v = 0;

	return pid && fds && parse_u64(str_of(pid), INT32_MAX, &v) == 0 && (pid_t)v == getpid() &&
	       parse_u64(str_of(fds), 1024, &v) == 0 && v >= 1;
}

int listen_socket(const char *path, struct err *err)
{
	if (path)
		return bind_path(path, err);
	int fd = from_systemd() ? SD_FIRST : STDIN_FILENO;
	if (!is_listening(fd))
		return err_set(err, FAULT_LOCAL,
			       "descriptor %d is no listening socket: let spawn-fcgi, a web "
			       "server or systemd start stoa.fcgi, or name a socket with --socket",
			       fd);
	/* Children must not hold it, and accept must block: whoever made the socket
	 * may have said otherwise. */
	int flags = fcntl(fd, F_GETFL);
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 || flags < 0 ||
	    fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "the listening socket");
	return fd;
}
