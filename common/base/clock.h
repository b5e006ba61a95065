/* base/clock.h: time, which tests can set.
 *
 * Deadlines are milliseconds on the monotonic clock; ages and lifetimes are
 * seconds of the wall clock, because they outlive the process.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <time.h>

/* Milliseconds on CLOCK_MONOTONIC. */
int64_t clock_ms(void);

/* Seconds since the epoch. */
time_t clock_wall(void);

/* Another machine's clock, on a shared file system, and the clock of files, may be
 * so many seconds ahead of ours. A time further in the future comes from a clock
 * that was wrong: not to be trusted. */
#define CLOCK_AHEAD 5

/* Nanoseconds of some clock: different from one call to the next, for names. */
uint64_t clock_ns(void);

/* Milliseconds left until the deadline, never negative. */
int64_t clock_left(int64_t deadline_ms);

/* Waits, for polling steps only. */
void clock_pause(int64_t ms);
void clock_pause_us(int64_t us);

/* Shifts both clocks for the tests. */
void clock_shift(int64_t ms);

#endif
