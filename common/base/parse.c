/* base/parse.c: numbers and times from text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>

#include "base/parse.h"

#include "base/banned.h"

int parse_u64(struct str s, uint64_t max, uint64_t *ret_v)
{
	uint64_t v = 0;

	if (s.n == 0)
		return -EINVAL;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return -EINVAL;
		uint64_t digit = (uint64_t)(s.p[i] - '0');
		if (digit > max || v > (max - digit) / 10)
			return -ERANGE;
		v = v * 10 + digit;
	}
	*ret_v = v;
	return 0;
}

int parse_duration(struct str s, int64_t max, int64_t *ret_seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t scale = 1;
	uint64_t v = 0;

	for (size_t i = 0; s.n && i < ARRAY_SIZE(units); i++) {
		if (s.p[s.n - 1] == units[i].unit) {
			scale = units[i].seconds;
			s.n--;
			break;
		}
	}
	int rc = parse_u64(s, (uint64_t)max / scale, &v);
	if (rc < 0)
		return rc;
	*ret_seconds = (int64_t)(v * scale);
	return 0;
}

int parse_bool(struct str s, bool *ret_v)
{
	static const char *const yes[] = { "yes", "true", "on", "1" };
	static const char *const no[] = { "no", "false", "off", "0" };

	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (str_caseeq(s, str_of(yes[i])) || str_caseeq(s, str_of(no[i]))) {
			*ret_v = str_caseeq(s, str_of(yes[i]));
			return 0;
		}
	}
	return -EINVAL;
}

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const char *const weekdays[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

/* Days from 1970-01-01 of a date in the proleptic Gregorian calendar (the
 * well-known era method; exact for all years that a time_t can hold). */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static int days_in_month(int64_t y, int m)
{
	static const int n[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

	return m == 2 && leap ? 29 : n[m - 1];
}

/* A reader over s: each step takes something off the front or marks it bad. */
struct scan {
	struct str s;
	bool bad;
};

static int scan_digits(struct scan *sc, size_t n)
{
	uint64_t v = 0;

	if (sc->bad || sc->s.n < n || parse_u64(str_head(sc->s, n), 9999, &v) < 0) {
		sc->bad = true;
		return 0;
	}
	sc->s = str_from(sc->s, n);
	return (int)v;
}

static void scan_lit(struct scan *sc, const char *lit)
{
	struct str l = str_of(lit);

	if (sc->bad || !str_starts(sc->s, l)) {
		sc->bad = true;
		return;
	}
	sc->s = str_from(sc->s, l.n);
}

static int scan_month(struct scan *sc)
{
	for (int i = 0; i < 12 && !sc->bad; i++) {
		if (str_starts(sc->s, str_of(months[i]))) {
			sc->s = str_from(sc->s, 3);
			return i + 1;
		}
	}
	sc->bad = true;
	return 1;
}

struct civil {
	int year, month, day, hour, minute, second;
};

static void scan_clock(struct scan *sc, struct civil *c)
{
	c->hour = scan_digits(sc, 2);
	scan_lit(sc, ":");
	c->minute = scan_digits(sc, 2);
	scan_lit(sc, ":");
	c->second = scan_digits(sc, 2);
}

static int civil_time(const struct civil *c, time_t *ret_t)
{
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour > 23 ||
	    c->minute > 59 || c->second > 60)
		return -EINVAL;
	*ret_t = (time_t)(days_from_civil(c->year, c->month, c->day) * 86400 +
			  c->hour * 3600 + c->minute * 60 + c->second);
	return 0;
}

/* "Sun, 06 Nov 1994 08:49:37 GMT", behind the comma. */
static void scan_imf(struct scan *sc, struct civil *c)
{
	scan_lit(sc, " ");
	c->day = scan_digits(sc, 2);
	scan_lit(sc, " ");
	c->month = scan_month(sc);
	scan_lit(sc, " ");
	c->year = scan_digits(sc, 4);
	scan_lit(sc, " ");
	scan_clock(sc, c);
	scan_lit(sc, " GMT");
}

/* "Sunday, 06-Nov-94 08:49:37 GMT", behind the comma. A year of two digits
 * that would lie more than 50 years ahead is in the past (RFC 9110 5.6.7);
 * 70 as the pivot gives that for as long as this program will live. */
static void scan_rfc850(struct scan *sc, struct civil *c)
{
	scan_lit(sc, " ");
	c->day = scan_digits(sc, 2);
	scan_lit(sc, "-");
	c->month = scan_month(sc);
	scan_lit(sc, "-");
	c->year = scan_digits(sc, 2);
	c->year += c->year < 70 ? 2000 : 1900;
	scan_lit(sc, " ");
	scan_clock(sc, c);
	scan_lit(sc, " GMT");
}

/* "Sun Nov  6 08:49:37 1994", behind the day's name. */
static void scan_asctime(struct scan *sc, struct civil *c)
{
	scan_lit(sc, " ");
	c->month = scan_month(sc);
	scan_lit(sc, " ");
	if (!sc->bad && str_starts(sc->s, STR(" "))) {
		sc->s = str_from(sc->s, 1);
		c->day = scan_digits(sc, 1);
	} else {
		c->day = scan_digits(sc, 2);
	}
	scan_lit(sc, " ");
	scan_clock(sc, c);
	scan_lit(sc, " ");
	c->year = scan_digits(sc, 4);
}

int parse_http_date(struct str s, time_t *ret_t)
{
	struct scan sc = { s, false };
	struct civil c = { 0 };
	ptrdiff_t comma = str_chr(s, ',');

	if (comma < 0) {
		sc.s = str_from(s, 3);
		scan_asctime(&sc, &c);
	} else {
		sc.s = str_from(s, (size_t)comma + 1);
		if (comma == 3)
			scan_imf(&sc, &c);
		else
			scan_rfc850(&sc, &c);
	}
	if (sc.bad || sc.s.n)
		return -EINVAL;
	return civil_time(&c, ret_t);
}

/* "Z" or "+hh:mm": minutes east of UTC. */
static int scan_zone(struct scan *sc)
{
	if (sc->bad || sc->s.n == 0) {
		sc->bad = true;
		return 0;
	}
	char c = sc->s.p[0];
	sc->s = str_from(sc->s, 1);
	if (c == 'Z')
		return 0;
	if (c != '+' && c != '-') {
		sc->bad = true;
		return 0;
	}
	int hours = scan_digits(sc, 2);
	scan_lit(sc, ":");
	int minutes = scan_digits(sc, 2);
	if (hours > 24 || minutes > 59)
		sc->bad = true;
	return (c == '-' ? -1 : 1) * (hours * 60 + minutes);
}

int parse_rfc3339(struct str s, time_t *ret_t)
{
	struct scan sc = { s, false };
	struct civil c = { 0 };
	time_t t = 0;

	c.year = scan_digits(&sc, 4);
	scan_lit(&sc, "-");
	c.month = scan_digits(&sc, 2);
	scan_lit(&sc, "-");
	c.day = scan_digits(&sc, 2);
	scan_lit(&sc, "T");
	scan_clock(&sc, &c);
	if (!sc.bad && sc.s.n > 1 && (sc.s.p[0] == '.' || sc.s.p[0] == ',') &&
	    sc.s.p[1] >= '0' && sc.s.p[1] <= '9') {
		sc.s = str_from(sc.s, 1);
		while (sc.s.n && sc.s.p[0] >= '0' && sc.s.p[0] <= '9')
			sc.s = str_from(sc.s, 1);
	}
	int zone = scan_zone(&sc);
	if (sc.bad || sc.s.n || c.second > 59 || civil_time(&c, &t) < 0)
		return -EINVAL;
	*ret_t = t - (time_t)zone * 60;
	return 0;
}

/* The inverse of days_from_civil. The C library's gmtime_r gives the same, but
 * reads the time zone's file first, in every CGI process. */
static struct civil civil_from_time(time_t t, int *ret_weekday)
{
	int64_t days = (int64_t)t / 86400;
	int64_t rest = (int64_t)t % 86400;

	if (rest < 0) {
		rest += 86400;
		days--;
	}
	*ret_weekday = (int)(((days + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c = {
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
	};
	c.year = (int)(yoe + era * 400 + (c.month <= 2));
	return c;
}

static void put_digits(char *to, int v, int n)
{
	for (; n > 0; n--, v /= 10)
		to[n - 1] = (char)('0' + v % 10);
}

/* Without printf, since every answer with a file has one. A year that four digits
 * cannot show is a mistake of the file's, and becomes one that they can. */
void format_http_date(struct buf *b, time_t t)
{
	char text[] = "Sun, 06 Nov 1994 08:49:37 GMT";
	int weekday = 0;
	struct civil c = civil_from_time(t, &weekday);

	memcpy(text, weekdays[weekday], 3);
	put_digits(text + 5, c.day, 2);
	memcpy(text + 8, months[c.month - 1], 3);
	put_digits(text + 12, c.year < 0 ? 0 : c.year > 9999 ? 9999 : c.year, 4);
	put_digits(text + 17, c.hour, 2);
	put_digits(text + 20, c.minute, 2);
	put_digits(text + 23, c.second, 2);
	buf_add(b, text, sizeof(text) - 1);
}

void format_rfc3339(struct buf *b, time_t t)
{
	int weekday = 0;
	struct civil c = civil_from_time(t, &weekday);

	buf_printf(b, "%04d-%02d-%02dT%02d:%02d:%02dZ", c.year, c.month, c.day, c.hour, c.minute,
		   c.second);
}

int parse_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int parse_percent(struct str s, struct buf *out)
{
	for (;;) {
		ptrdiff_t plain = str_chr(s, '%');
		if (plain < 0)
			break;
		buf_str(out, str_head(s, (size_t)plain));
		s = str_from(s, (size_t)plain);
		if (s.n < 3)
			return -EINVAL;
		int hi = parse_hex(s.p[1]);
		int lo = parse_hex(s.p[2]);
		if (hi < 0 || lo < 0)
			return -EINVAL;
		buf_putc(out, (char)(hi * 16 + lo));
		s = str_from(s, 3);
	}
	buf_str(out, s);
	return 0;
}
