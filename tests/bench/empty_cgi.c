/* tests/bench/empty_cgi.c: the least that a CGI program does: EMPTY_BYTES bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char head[] = "Status: 200 OK\r\nContent-Type: text/plain\r\n"
		     "Content-Length: 00000\r\n\r\n";

int main(void)
{
	static char bytes[65536];
	const char *text = getenv("EMPTY_BYTES");
	size_t n = text ? strtoul(text, NULL, 10) : 0;
	size_t n_head = sizeof(head) - 1;

	if (n < n_head || n > sizeof(bytes))
		return 1;
	char *digit = head + n_head - 4; /* behind the zeros */
	for (size_t left = n - n_head; left; left /= 10)
		*--digit = (char)('0' + left % 10);
	memset(bytes, '.', n);
	memcpy(bytes, head, n_head);
	return write(STDOUT_FILENO, bytes, n) == (ssize_t)n ? 0 : 1;
}
