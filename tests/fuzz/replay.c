/* tests/fuzz/replay.c: runs a fuzzer's corpus, each file as it is, cut at each of
 * a few hundred places, and with each of a few thousand bits changed. Prints TAP.
 *
 *	fuzz_NAME FOLDER
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define MAX_FILE (1u << 20)
#define CUTS 300
#define BITS 3000

/* A copy of its own size, so that a sanitizer sees a byte too many. */
static void run(const struct buf *b, size_t n)
{
	char *p = malloc(n ? n : 1);

	if (!p)
		abort();
	memcpy(p, b->p, n);
	fuzz_one(str_make(p, n));
	free(p);
}

static int replay(struct buf *b)
{
	int n = 1;

	run(b, b->n);
	for (size_t i = 0; i < CUTS && i < b->n; i++, n++)
		run(b, b->n * i / CUTS);
	for (size_t i = 0; i < BITS && i < 8 * b->n; i++, n++) {
		size_t bit = b->n * 8 > BITS ? i * (b->n * 8 / BITS) : i;
		b->p[bit / 8] ^= (char)(1 << bit % 8);
		run(b, b->n);
		b->p[bit / 8] ^= (char)(1 << bit % 8);
	}
	return n;
}

int main(int argc, char **argv)
{
	DIR *d = argc == 2 ? opendir(argv[1]) : NULL;
	int files = 0;
	int inputs = 0;

	if (!d) {
		puts("Bail out! which corpus?");
		return 1;
	}
	for (struct dirent *de = readdir(d); de; de = readdir(d)) {
		CLEANUP(buf_release) struct buf b = BUF(MAX_FILE);
		if (de->d_name[0] == '.')
			continue;
		if (io_read_file(dirfd(d), de->d_name, &b) < 0) {
			puts("Bail out! the corpus cannot be read");
			return 1;
		}
		inputs += replay(&b);
		files++;
	}
	closedir(d);
	printf("%sok 1 - %d files of the corpus, %d inputs\n1..1\n", files ? "" : "not ", files, inputs);
	return 0;
}
