/* fetch/zipbytes.h: numbers as a zip has them, the lowest byte first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef FETCH_ZIPBYTES_H
#define FETCH_ZIPBYTES_H

#include <stdint.h>

static inline unsigned int get16(const unsigned char *p)
{
	return p[0] | (unsigned int)p[1] << 8;
}

static inline uint32_t get32(const unsigned char *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static inline uint64_t get64(const unsigned char *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

#endif
