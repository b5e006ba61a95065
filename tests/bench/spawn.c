/* tests/bench/spawn.c: what two CGI programs cost without a web server.
 *
 *	spawn TIMES PROGRAM PROGRAM
 *
 * Runs the two in turns, one at a time, with our environment and the output to
 * /dev/null, and prints the median of each one's seconds: in turns, so that what
 * else the machine does meets both alike. The first that fails ends it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_TIMES 100000

extern char **environ;

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int run(char *program, const posix_spawn_file_actions_t *actions, double *ret_took)
{
	char *argv[] = { program, NULL };
	double start = seconds();
	int status = 0;
	pid_t pid;

	if (posix_spawn(&pid, program, actions, NULL, argv, environ) != 0)
		return -1;
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	*ret_took = seconds() - start;
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -1;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	static double took[2][MAX_TIMES];
	posix_spawn_file_actions_t actions;
	long times = argc == 4 ? strtol(argv[1], NULL, 10) : 0;

	if (times < 1 || times > MAX_TIMES) {
		fputs("usage: spawn TIMES PROGRAM PROGRAM\n", stderr);
		return 2;
	}
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	for (long i = 0; i < times; i++) {
		for (int side = 0; side < 2; side++) {
			if (run(argv[2 + side], &actions, &took[side][i]) < 0) {
				fprintf(stderr, "spawn: %s failed\n", argv[2 + side]);
				return 1;
			}
		}
	}
	for (int side = 0; side < 2; side++)
		qsort(took[side], (size_t)times, sizeof(took[side][0]), compare);
	printf("%.6f %.6f\n", took[0][times / 2], took[1][times / 2]);
	return 0;
}
