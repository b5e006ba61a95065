/* tests/bench/empty_cgi.c: the least that a CGI program does: EMPTY_BYTES bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char head[] = "Status: 200 OK\r\nContent-Type: text/plain\r\n\r\n";

int main(void)
{
	static char bytes[65536];
	const char *text = getenv("EMPTY_BYTES");
	size_t n = text ? strtoul(text, NULL, 10) : 0;

	if (n > sizeof(bytes))
		n = sizeof(bytes);
	if (n < sizeof(head) - 1)
		n = sizeof(head) - 1;
	memset(bytes, '.', n);
	memcpy(bytes, head, sizeof(head) - 1);
	return write(STDOUT_FILENO, bytes, n) == (ssize_t)n ? 0 : 1;
}
