/* fetch/zipcheck.c: whether a file is a module zip, by its directory alone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <zip.h>

#include "base/err.h"
#include "base/io.h"
#include "fetch/text.h"
#include "fetch/zipcheck.h"

#include "base/banned.h"

static void archive_free(zip_t **z)
{
	if (*z)
		zip_discard(*z);
}

/* libzip accepts a name that comes twice, and bytes behind the end, unless it is
 * told to check for consistency. */
static int open_archive(int fd, zip_t **ret, struct err *err)
{
	CLEANUP(fd_close) int own = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	int code = 0;

	if (own < 0 || lseek(own, 0, SEEK_SET) < 0)
		return err_sys(err, FAULT_LOCAL, errno, "the zip cannot be read");
	zip_t *z = zip_fdopen(own, ZIP_CHECKCONS | ZIP_RDONLY, &code);
	if (!z) {
		zip_error_t why;
		zip_error_init_with_code(&why, code);
		err_set(err, FAULT_UPSTREAM, "body: not a usable zip: %s",
			zip_error_strerror(&why));
		zip_error_fini(&why);
		return -1;
	}
	fd_steal(&own); /* libzip closed it */
	*ret = z;
	return 0;
}

static int check_name(struct str name, struct str prefix, struct err *err)
{
	CLEANUP(buf_release) struct buf shown = BUF(120);

	if (str_starts(name, prefix))
		return 0;
	text_clean(name, 1, shown.max, &shown);
	return err_set(err, FAULT_UPSTREAM, "body: the zip has a file %s outside %.*s", shown.p,
		       STR_ARG(str_head(prefix, 120)));
}

static int check_entries(zip_t *z, struct str prefix, struct err *err)
{
	zip_int64_t n = zip_get_num_entries(z, 0);
	uint64_t total = 0;

	for (zip_int64_t i = 0; i < n; i++) {
		zip_stat_t st;
		if (zip_stat_index(z, (zip_uint64_t)i, ZIP_FL_ENC_RAW, &st) < 0 ||
		    !(st.valid & ZIP_STAT_NAME) || !(st.valid & ZIP_STAT_SIZE))
			return err_set(err, FAULT_UPSTREAM, "body: not a usable zip: %s",
				       zip_strerror(z));
		if (check_name(str_of(st.name), prefix, err) < 0)
			return -1;
		if (st.size > (uint64_t)MAX_ZIP_FILE - total)
			return err_set(err, FAULT_UPSTREAM,
				       "body: the zip unpacks to more than %lld bytes",
				       (long long)MAX_ZIP_FILE);
		total += st.size;
	}
	return 0;
}

int zipcheck(int fd, struct str path, struct str version, struct err *err)
{
	CLEANUP(buf_release) struct buf prefix = BUF(MAX_URL);
	CLEANUP(archive_free) zip_t *z = NULL;

	buf_str(&prefix, path);
	buf_putc(&prefix, '@');
	buf_str(&prefix, version);
	buf_putc(&prefix, '/');
	if (open_archive(fd, &z, err) < 0)
		return -1;
	return check_entries(z, buf_view(&prefix), err);
}
