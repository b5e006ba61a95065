/* admin/tar.c: writing a tar archive.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdio.h>

#include "admin/tar.h"
#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"

#include "base/banned.h"

#define BLOCK 512
#define NAME_SIZE 100

/* What eleven octal digits hold. */
#define MAX_OCTAL 077777777777ull

int tar_bytes(int fd, const void *p, size_t n, struct err *err)
{
	int rc = io_write_all(fd, p, n);

	return rc < 0 ? err_sys(err, FAULT_LOCAL, -rc, "the archive cannot be written") : 0;
}

int tar_pad(int fd, int64_t size, struct err *err)
{
	static const char zeros[BLOCK];
	size_t over = (size_t)(size % BLOCK);

	return over ? tar_bytes(fd, zeros, BLOCK - over, err) : 0;
}

/* The fields' places: POSIX.1-2017, pax, "ustar Interchange Format". */
static int write_block(int fd, struct str name, char type, int64_t size, int64_t mtime,
		       struct err *err)
{
	char b[BLOCK] = { 0 };
	unsigned int sum = 0;

	name = str_head(name, NAME_SIZE);
	memcpy(b, name.p, name.n);
	snprintf(b + 100, 8, "%07o", 0644u);
	snprintf(b + 108, 8, "%07o", 0u);
	snprintf(b + 116, 8, "%07o", 0u);
	snprintf(b + 124, 12, "%011llo", (unsigned long long)size & MAX_OCTAL);
	snprintf(b + 136, 12, "%011llo", (unsigned long long)mtime & MAX_OCTAL);
	memset(b + 148, ' ', 8);
	b[156] = type;
	memcpy(b + 257, "ustar\0" "00", 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)b[i];
	snprintf(b + 148, 8, "%06o", sum);
	return tar_bytes(fd, b, BLOCK, err);
}

/* "LENGTH path=NAME\n", where LENGTH counts itself. */
static void pax_record(struct str name, struct buf *out)
{
	size_t rest = name.n + sizeof(" path=\n") - 1;
	size_t n = rest + 1;

	while (n != rest + (size_t)snprintf(NULL, 0, "%zu", n))
		n = rest + (size_t)snprintf(NULL, 0, "%zu", n);
	buf_printf(out, "%zu path=", n);
	buf_str(out, name);
	buf_putc(out, '\n');
}

int tar_head(int fd, struct str name, int64_t size, int64_t mtime, struct err *err)
{
	CLEANUP(buf_release) struct buf pax = BUF(MAX_RELPATH + 64);

	if (name.n > NAME_SIZE) {
		pax_record(name, &pax);
		if (buf_ok(&pax, "a name", err) < 0 ||
		    write_block(fd, STR("pax"), 'x', (int64_t)pax.n, mtime, err) < 0 ||
		    tar_bytes(fd, pax.p, pax.n, err) < 0 || tar_pad(fd, (int64_t)pax.n, err) < 0)
			return -1;
	}
	return write_block(fd, name, '0', size, mtime, err);
}

int tar_end(int fd, struct err *err)
{
	static const char zeros[2 * BLOCK];

	return tar_bytes(fd, zeros, sizeof(zeros), err);
}
