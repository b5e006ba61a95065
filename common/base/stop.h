/* base/stop.h: the one flag that says that this process is about to end.
 *
 * Whoever waits (for a child, for a lock) looks at it at each step, so that a
 * graceful stop has a bounded length.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

/* Async-signal-safe. There is no way back. */
void stop_request(void);
bool stop_requested(void);

#endif
