/* fetch/text.c: outside text, before it is shown to people or kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "fetch/text.h"
#include "module/utf8.h"

#include "base/banned.h"

bool text_is_plain(struct str s)
{
	while (s.n) {
		uint32_t r = 0;
		size_t n = utf8_next(s, &r);
		if (n == 0 || (r < ' ' && r != '\n') || r == 0x7f)
			return false;
		s = str_from(s, n);
	}
	return true;
}

/* Runes that a terminal or a reader is misled by: C1 controls, zero-width
 * and direction marks, the byte order mark. The go command drops a server's
 * whole text when it finds one (cmd/go/internal/web). */
static bool is_invisible(uint32_t r)
{
	return (r >= 0x7f && r < 0xa0) || r == 0xad || (r >= 0x200b && r <= 0x200f) ||
	       (r >= 0x2028 && r <= 0x202e) || (r >= 0x2060 && r <= 0x206f) || r == 0xfeff ||
	       (r >= 0xfff9 && r <= 0xfffb) || r >= 0xe0000;
}

/* One line, trimmed and squeezed. */
static void clean_line(struct str line, struct buf *out)
{
	bool blank = false;
	bool begun = false;

	while (line.n) {
		uint32_t r = 0;
		size_t n = utf8_next(line, &r);
		if (n == 0 || is_invisible(r)) {
			line = str_from(line, n ? n : 1);
			continue;
		}
		if (r <= ' ') {
			blank = true;
		} else {
			if (blank && begun)
				buf_putc(out, ' ');
			buf_add(out, line.p, n);
			begun = true;
			blank = false;
		}
		line = str_from(line, n);
	}
}

/* Cuts to at most n bytes without splitting a rune. */
static void cut_whole(struct buf *b, size_t n)
{
	if (b->n <= n)
		return;
	while (n && ((unsigned char)b->p[n] & 0xc0) == 0x80)
		n--;
	buf_cut(b, n);
}

void text_clean(struct str s, size_t lines, size_t most, struct buf *out)
{
	/* what is kept shrinks, so that this is enough for any `most` we use */
	CLEANUP(buf_release) struct buf b = BUF(4096);
	struct str rest = str_head(s, 4000);
	struct str line;
	size_t seen = 0;

	while (seen < lines && b.n < most && str_cut(&rest, '\n', &line)) {
		size_t before = b.n;
		if (before)
			buf_putc(&b, '\n');
		size_t at = b.n;
		clean_line(line, &b);
		if (b.n == at)
			buf_cut(&b, before);
		else
			seen++;
	}
	cut_whole(&b, most);
	buf_str(out, buf_view(&b));
}
