/* base/must.h: assertions about our own mistakes, never compiled out; never
 * for input, files or children.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_MUST_H
#define BASE_MUST_H

#define must(x) ((x) ? (void)0 : must_failed(#x, __FILE__, __LINE__))

NORETURN void must_failed(const char *what, const char *file, int line);

#endif
