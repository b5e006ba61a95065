/* base/sys.h: included first by every file: feature macros and the compiler's
 * attributes, so that no GNU extension is spelled out anywhere else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

#include "config.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define WARN_UNUSED __attribute__((warn_unused_result))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))
#define CLEANUP(fn) __attribute__((cleanup(fn)))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
