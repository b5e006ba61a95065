/* base/clock.c: time, which tests can set.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>

#include "base/clock.h"

#include "base/banned.h"

static int64_t shift_ms;

int64_t clock_ms(void)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000 + shift_ms;
}

uint64_t clock_ns(void)
{
	struct timespec ts = { 0, 0 };

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

time_t clock_wall(void)
{
	return time(NULL) + (time_t)(shift_ms / 1000);
}

int64_t clock_left(int64_t deadline_ms)
{
	int64_t left = deadline_ms - clock_ms();

	return left > 0 ? left : 0;
}

void clock_pause(int64_t ms)
{
	clock_pause_us(ms * 1000);
}

void clock_pause_us(int64_t us)
{
	struct timespec ts = { (time_t)(us / 1000000), (long)(us % 1000000) * 1000 };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

void clock_shift(int64_t ms)
{
	shift_ms += ms;
}
