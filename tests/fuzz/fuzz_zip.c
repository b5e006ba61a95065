/* tests/fuzz/fuzz_zip.c: a zip of example.com/m@v1.0.0.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/must.h"
#include "fetch/dirhash.h"
#include "fetch/zipcheck.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

static int fd = -1;

void fuzz_one(struct str input)
{
	CLEANUP(err_release) struct err err = ERR();
	CLEANUP(buf_release) struct buf h1 = BUF(H1_SIZE);

	if (fd < 0) {
		char name[] = "/tmp/stoa-fuzz.XXXXXX";
		fd = mkstemp(name);
		must(fd >= 0 && unlink(name) == 0);
	}
	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
	must(io_write_all(fd, input.p, input.n) == 0);
	int rc = zipcheck(fd, STR("example.com/m"), STR("v1.0.0"), &h1, &err);
	must(rc == 0 ? dirhash_is_h1(buf_view(&h1)) : err.fault == FAULT_UPSTREAM && h1.n == 0);
}
