/* cache/jobsock.c: the socket between responders and a lingering fetch helper.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "base/io.h"
#include "base/parse.h"
#include "base/stop.h"
#include "cache/cache.h"
#include "cache/jobsock.h"

#include "base/banned.h"

#define REQUEST_MAGIC "stoa-job 1"
#define OUTCOME_MAGIC "stoa-outcome 1"

/* A job is a key's two texts and a few words; an outcome is shorter. */
#define MAX_PACKET (2 * MAX_URI + 256)

/* Connections that wait to be taken; jobs are bounded by the helpers' turns. */
#define BACKLOG 1024

/* How often a waiter looks whether its process is being stopped. */
#define POLL_MS 250

void jobsock_name(struct str identity, char ret[static JOBSOCK_NAME_MAX])
{
	snprintf(ret, JOBSOCK_NAME_MAX, "helper-%016llx.sock",
		 (unsigned long long)hash64(identity));
}

/* A socket's address holds some 108 bytes. A longer path goes by way of the
 * descriptor of the cache's folder, where the system has such paths. */
static int address(const struct cache *c, const char *name, struct sockaddr_un *sa)
{
	*sa = (struct sockaddr_un){ .sun_family = AF_UNIX };
	int n = snprintf(sa->sun_path, sizeof(sa->sun_path), "%s/state/%s", c->dir, name);
	if (n > 0 && (size_t)n < sizeof(sa->sun_path))
		return 0;
	n = snprintf(sa->sun_path, sizeof(sa->sun_path), "/proc/self/fd/%d/state/%s", c->root,
		     name);
	if (n <= 0 || (size_t)n >= sizeof(sa->sun_path) || access("/proc/self/fd", X_OK) < 0)
		return -ENAMETOOLONG;
	return 0;
}

static int open_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

int jobsock_connect(const struct cache *c, const char *name)
{
	struct sockaddr_un sa;
	int rc = address(c, name, &sa);

	if (rc < 0)
		return rc;
	CLEANUP(fd_close) int fd = open_socket();
	if (fd < 0)
		return fd;
	do {
		rc = connect(fd, (const struct sockaddr *)&sa, sizeof(sa));
	} while (rc < 0 && errno == EINTR);
	return rc < 0 ? -errno : fd_steal(&fd);
}

int jobsock_listen(const struct cache *c, const char *name)
{
	CLEANUP(buf_release) struct buf from = BUF(128);
	CLEANUP(buf_release) struct buf to = BUF(128);
	char fresh[JOBSOCK_NAME_MAX + 16];
	struct sockaddr_un sa;

	snprintf(fresh, sizeof(fresh), "%s.%d", name, (int)getpid());
	buf_printf(&from, "state/%s", fresh);
	buf_printf(&to, "state/%s", name);
	int rc = address(c, fresh, &sa);
	if (rc < 0)
		return rc;
	CLEANUP(fd_close) int fd = open_socket();
	if (fd < 0)
		return fd;
	(void)!io_unlink(c->root, from.p);
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0 || listen(fd, BACKLOG) < 0)
		rc = -errno;
	else
		rc = io_rename(c->root, from.p, c->root, to.p);
	if (rc < 0) {
		(void)!io_unlink(c->root, from.p);
		return rc;
	}
	return fd_steal(&fd);
}

void jobsock_remove(const struct cache *c, const char *name)
{
	CLEANUP(buf_release) struct buf path = BUF(128);

	buf_printf(&path, "state/%s", name);
	(void)!io_unlink(c->root, path.p);
}

bool jobsock_id(const struct cache *c, const char *name, struct jobsock_id *ret)
{
	CLEANUP(buf_release) struct buf path = BUF(128);
	struct stat st;

	buf_printf(&path, "state/%s", name);
	if (fstatat(c->root, path.p, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	*ret = (struct jobsock_id){ st.st_dev, st.st_ino };
	return true;
}

bool jobsock_is(const struct cache *c, const char *name, const struct jobsock_id *id)
{
	struct jobsock_id now;

	return jobsock_id(c, name, &now) && now.dev == id->dev && now.ino == id->ino;
}

void jobsock_sweep(const struct cache *c)
{
	int fd = io_open_beneath(c->root, "state", O_RDONLY | O_DIRECTORY, 0);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d) {
		fd_close(&fd);
		return;
	}
	for (struct dirent *de = readdir(d); de; de = readdir(d)) {
		if (!str_starts(str_of(de->d_name), STR("helper-")))
			continue;
		CLEANUP(fd_close) int probe = jobsock_connect(c, de->d_name);
		if (probe == -ECONNREFUSED)
			jobsock_remove(c, de->d_name);
	}
	closedir(d);
}

/* One packet with up to two descriptors. */
static int send_packet(int fd, const struct buf *b, const int *fds, size_t n)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { b->p, b->n };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t put = -1;

	if (n) {
		memset(&control, 0, sizeof(control));
		m.msg_control = control.space;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		struct cmsghdr *cm = CMSG_FIRSTHDR(&m);
		cm->cmsg_level = SOL_SOCKET;
		cm->cmsg_type = SCM_RIGHTS;
		cm->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(cm), fds, n * sizeof(int));
	}
	do {
		put = sendmsg(fd, &m, MSG_NOSIGNAL);
	} while (put < 0 && errno == EINTR);
	return put < 0 ? -errno : 0;
}

/* Bytes received, 0 at the end, -errno. fds[0] and fds[1] are -1 or ours. */
static ssize_t receive_packet(int fd, struct buf *b, int fds[static 2])
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec iov = { buf_room(b, MAX_PACKET), MAX_PACKET };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.space,
			    .msg_controllen = sizeof(control.space) };
	ssize_t got = -1;

	fds[0] = -1;
	fds[1] = -1;
	do {
		got = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	buf_grown(b, (size_t)got);
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(&m); cm; cm = CMSG_NXTHDR(&m, cm)) {
		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		size_t n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(cm), (n < 2 ? n : 2) * sizeof(int));
	}
	return got;
}

int jobsock_ask(int fd, const struct key *k, int key_lock, int turn_lock)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_PACKET);
	int fds[2];
	size_t n = 0;

	buf_printf(&b, REQUEST_MAGIC "\n%s\n%s\n%s\n", kind_row(k->kind)->name, k->path.p,
		   kind_row(k->kind)->versioned ? k->version.p : "");
	if (b.over)
		return -EMSGSIZE;
	if (key_lock >= 0)
		fds[n++] = key_lock;
	if (turn_lock >= 0)
		fds[n++] = turn_lock;
	return send_packet(fd, &b, fds, n);
}

static int parse_request(struct str text, struct key *k, struct err *err)
{
	struct str magic;
	struct str name;
	struct str path;
	struct str version;
	enum kind kind = KIND_LIST;

	if (!str_cut(&text, '\n', &magic) || !str_eq(magic, STR(REQUEST_MAGIC)) ||
	    !str_cut(&text, '\n', &name) || kind_of_name(name, &kind) < 0 ||
	    !str_cut(&text, '\n', &path) || !str_cut(&text, '\n', &version))
		return err_set(err, FAULT_BUG, "a job of another version of stoa");
	return key_set_plain(k, kind, path, version, err);
}

int jobsock_read(int fd, struct key *k, int *ret_key_lock, int *ret_turn_lock, struct err *err)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_PACKET);
	int fds[2];
	ssize_t got = receive_packet(fd, &b, fds);

	if (got <= 0)
		return err_set(err, FAULT_BUG, "no job came");
	*ret_key_lock = fds[0];
	*ret_turn_lock = fds[1];
	return parse_request(buf_view(&b), k, err);
}

int jobsock_answer(int fd, const struct outcome *o)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_PACKET);

	buf_printf(&b, OUTCOME_MAGIC "\n%s\n%d\n%lld\n%lld\n%s\n", fault_row(o->err.fault)->label,
		   o->err.retry_after, (long long)o->bytes, (long long)o->ms, o->source.p);
	buf_str(&b, buf_view(&o->err.text));
	return b.over ? -EMSGSIZE : send_packet(fd, &b, NULL, 0);
}

static bool cut_number(struct str *text, uint64_t *ret)
{
	struct str line;

	return str_cut(text, '\n', &line) && parse_u64(line, INT64_MAX, ret) == 0;
}

static bool parse_outcome(struct str text, struct outcome *o)
{
	struct str magic;
	struct str label;
	struct str source;
	uint64_t retry = 0;
	uint64_t bytes = 0;
	uint64_t ms = 0;

	if (!str_cut(&text, '\n', &magic) || !str_eq(magic, STR(OUTCOME_MAGIC)) ||
	    !str_cut(&text, '\n', &label) || !cut_number(&text, &retry) ||
	    !cut_number(&text, &bytes) || !cut_number(&text, &ms) ||
	    !str_cut(&text, '\n', &source))
		return false;
	err_set(&o->err, fault_of_label(label), "%.*s", STR_ARG(text));
	o->err.retry_after = (int)(retry < 86400 ? retry : 86400);
	buf_reset(&o->source);
	buf_str(&o->source, str_head(source, o->source.max));
	o->bytes = (int64_t)bytes;
	o->ms = (int64_t)ms;
	return true;
}

int jobsock_wait(int fd, int64_t deadline_ms, struct outcome *ret)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_PACKET);
	int fds[2];

	for (;;) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int64_t left = clock_left(deadline_ms);
		int ready = poll(&pfd, 1, left < POLL_MS ? (int)left : POLL_MS);

		if (ready > 0)
			break;
		if ((ready < 0 && errno != EINTR) || left == 0 || stop_requested())
			return 0;
	}
	ssize_t got = receive_packet(fd, &b, fds);
	fd_close(&fds[0]);
	fd_close(&fds[1]);
	return got > 0 && parse_outcome(buf_view(&b), ret) ? 1 : -1;
}

void outcome_release(struct outcome *o)
{
	err_release(&o->err);
	buf_release(&o->source);
}
