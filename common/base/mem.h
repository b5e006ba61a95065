/* base/mem.h: allocation that does not fail.
 *
 * When memory is out, one line goes to standard error and the process ends
 * with EX_OSERR: the process manager starts another, and the cache is whole
 * because publishing is atomic. Sizes that come from outside meet a limit from
 * base/limits.h first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

/* Never NULL; the caller frees with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t n, size_t size);
void *xrealloc(void *p, size_t size);

/* n * size bytes, with the overflow checked. */
void *xmallocarray(size_t n, size_t size);
void *xreallocarray(void *p, size_t n, size_t size);

char *xstrdup(const char *s);
char *xmemdup0(const char *p, size_t n);

/* For CLEANUP(mem_free) char *p. */
void mem_free(void *pp);

#endif
