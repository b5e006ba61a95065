/* config/key.c: the table of keys, and the values that they may have.
 *
 * An empty value is accepted where the default is empty, and means unset.
 * Error texts never show a value that may hold a password.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/must.h"
#include "base/parse.h"
#include "base/url.h"
#include "config/key.h"
#include "module/pattern.h"

#include "base/banned.h"

const struct conf_key conf_keys[KEY_COUNT] = {
#define CONF(type_, name_, def_, scope_, unit_, text_) \
	[KEY_##name_] = { \
		.name = #name_, \
		.type = CONF_##type_, \
		.scope = CONF_##scope_, \
		.def = def_, \
		.unit = unit_, \
		.text = text_, \
		.offset = offsetof(struct settings, name_), \
		.size = sizeof(((struct settings *)NULL)->name_), \
	},
#include "config/conf.def"
#undef CONF
};

const char *conf_pool_text(struct conf_pool *pool, struct str text)
{
	if (text.n == 0)
		return "";
	char *copy = xmemdup0(text.p, text.n);
	pool->texts = xreallocarray(pool->texts, pool->n_texts + 1, sizeof(*pool->texts));
	pool->texts[pool->n_texts++] = copy;
	return copy;
}

static const struct goproxy *conf_pool_list(struct conf_pool *pool, const struct goproxy *g)
{
	struct goproxy *copy = xmalloc(sizeof(*copy));

	*copy = *g;
	pool->lists = xreallocarray(pool->lists, pool->n_lists + 1, sizeof(*pool->lists));
	pool->lists[pool->n_lists++] = copy;
	return copy;
}

void conf_pool_release(struct conf_pool *pool)
{
	for (size_t i = 0; i < pool->n_texts; i++)
		free(pool->texts[i]);
	for (size_t i = 0; i < pool->n_lists; i++) {
		goproxy_release(pool->lists[i]);
		free(pool->lists[i]);
	}
	free(pool->texts);
	free(pool->lists);
	*pool = (struct conf_pool){ NULL, 0, NULL, 0 };
}

const struct conf_key *key_of_name(struct str name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (str_eqz(name, conf_keys[i].name))
			return &conf_keys[i];
	return NULL;
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

void key_variable(const struct conf_key *k, struct buf *out)
{
	for (const char *p = k->name; *p; p++)
		buf_putc(out, upper(*p));
}

const struct conf_key *key_of_variable(struct str name)
{
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const char *p = conf_keys[i].name;
		size_t n = 0;

		while (n < name.n && p[n] && upper(p[n]) == name.p[n])
			n++;
		if (n == name.n && p[n] == '\0')
			return &conf_keys[i];
	}
	return NULL;
}

static void *member(const struct conf_key *k, struct settings *s)
{
	return (char *)s + k->offset;
}

static void put_text(const struct conf_key *k, struct str value, struct conf_pool *pool,
		     struct settings *s)
{
	const char *text = conf_pool_text(pool, value);

	memcpy(member(k, s), &text, sizeof(text));
}

static void put_number(const struct conf_key *k, int64_t v, struct settings *s)
{
	memcpy(member(k, s), &v, sizeof(v));
}

/* The two ends of "min..max". */
static void unit_range(const struct conf_key *k, struct str *ret_min, struct str *ret_max)
{
	struct str unit = str_of(k->unit);
	ptrdiff_t dots = str_find(unit, STR(".."));

	must(dots > 0);
	*ret_min = str_head(unit, (size_t)dots);
	*ret_max = str_from(unit, (size_t)dots + 2);
}

static int set_bool(const struct conf_key *k, struct str value, struct settings *s,
		    struct err *err)
{
	bool v = false;

	if (parse_bool(value, &v) < 0)
		return err_set(err, FAULT_LOCAL, "\"%.*s\" is neither yes nor no", STR_ARG(value));
	memcpy(member(k, s), &v, sizeof(v));
	return 0;
}

static int set_count(const struct conf_key *k, struct str value, struct settings *s,
		     struct err *err)
{
	struct str min;
	struct str max;
	uint64_t lo = 0;
	uint64_t hi = 0;
	uint64_t v = 0;

	unit_range(k, &min, &max);
	must(parse_u64(min, INT64_MAX, &lo) == 0 && parse_u64(max, INT64_MAX, &hi) == 0);
	if (parse_u64(value, hi, &v) < 0 || v < lo)
		return err_set(err, FAULT_LOCAL, "\"%.*s\" is no number from %.*s to %.*s",
			       STR_ARG(value), STR_ARG(min), STR_ARG(max));
	put_number(k, (int64_t)v, s);
	return 0;
}

static int set_duration(const struct conf_key *k, struct str value, struct settings *s,
			struct err *err)
{
	struct str min;
	struct str max;
	int64_t lo = 0;
	int64_t hi = 0;
	int64_t v = 0;

	unit_range(k, &min, &max);
	must(parse_duration(min, INT64_MAX, &lo) == 0 && parse_duration(max, INT64_MAX, &hi) == 0);
	if (parse_duration(value, hi, &v) < 0 || v < lo)
		return err_set(err, FAULT_LOCAL,
			       "\"%.*s\" is no time from %.*s to %.*s, such as 90s, 5m, 1h or 2d",
			       STR_ARG(value), STR_ARG(min), STR_ARG(max));
	put_number(k, v, s);
	return 0;
}

static int set_choice(const struct conf_key *k, struct str value, struct conf_pool *pool,
		      struct settings *s, struct err *err)
{
	struct str rest = str_of(k->unit);
	struct str word;

	while (str_cut(&rest, ' ', &word)) {
		if (!str_caseeq(word, value))
			continue;
		put_text(k, word, pool, s);
		return 0;
	}
	return err_set(err, FAULT_LOCAL, "\"%.*s\" is none of: %s", STR_ARG(value), k->unit);
}

static int set_path(const struct conf_key *k, struct str value, struct conf_pool *pool,
		    struct settings *s, struct err *err)
{
	if (!str_starts(value, STR("/")))
		return err_set(err, FAULT_LOCAL, "\"%.*s\" is no absolute path", STR_ARG(value));
	while (value.n > 1 && str_ends(value, STR("/")))
		value.n--;
	put_text(k, value, pool, s);
	return 0;
}

/* Elements of a URL's path: no empty ones, no dots, nothing that ends it. */
static bool mount_is_good(struct str value)
{
	struct str rest = str_from(value, 1);
	struct str element;

	for (size_t i = 0; i < value.n; i++)
		if (strchr(" ?#%\\\"", value.p[i]))
			return false;
	while (value.n && str_cut(&rest, '/', &element))
		if (element.n == 0 || str_eqz(element, ".") || str_eqz(element, ".."))
			return false;
	return true;
}

static int set_mount(const struct conf_key *k, struct str value, struct conf_pool *pool,
		     struct settings *s, struct err *err)
{
	struct str whole = value;

	if (k->unit[0] && str_caseeq(value, str_of(k->unit))) {
		put_text(k, str_of(k->unit), pool, s);
		return 0;
	}
	if (str_ends(value, STR("/")))
		value.n--;
	if (str_starts(whole, STR("/")) && mount_is_good(value)) {
		put_text(k, value, pool, s);
		return 0;
	}
	return err_set(err, FAULT_LOCAL, "\"%.*s\" is no path of a URL such as /go%s%s",
		       STR_ARG(whole), k->unit[0] ? ", nor " : "", k->unit);
}

/* curl and the go command both take a proxy without a scheme for an http one;
 * written out here so that url_redact() finds the password. */
static int set_proxy(const struct conf_key *k, struct str value, struct conf_pool *pool,
		     struct settings *s, struct err *err)
{
	static const char *const schemes[] = { "http", "https", "socks4", "socks4a",
						"socks5", "socks5h" };
	CLEANUP(buf_release) struct buf b = BUF(MAX_CONF_LINE + sizeof("http://"));
	ptrdiff_t colon = str_find(value, STR("://"));
	struct str scheme = colon < 0 ? STR("http") : str_head(value, (size_t)colon);
	struct str rest = colon < 0 ? value : str_from(value, (size_t)colon + 3);
	bool known = false;

	for (size_t i = 0; i < ARRAY_SIZE(schemes); i++)
		known = known || str_caseeq(scheme, str_of(schemes[i]));
	while (str_ends(rest, STR("/")))
		rest.n--;
	for (size_t i = 0; i < rest.n; i++)
		known = known && !strchr("/?# ", rest.p[i]);
	if (!known || rest.n == 0)
		return err_set(err, FAULT_LOCAL,
			       "not the URL of a proxy, such as http://proxy.example:3128");
	buf_str(&b, scheme);
	buf_puts(&b, "://");
	buf_str(&b, rest);
	if (buf_ok(&b, k->name, err) < 0)
		return -1;
	put_text(k, buf_view(&b), pool, s);
	return 0;
}

static int set_proxies(const struct conf_key *k, struct str value, struct conf_pool *pool,
		       struct settings *s, struct err *err)
{
	struct goproxy g = { NULL, 0 };

	if (goproxy_parse(value, &g, err) < 0)
		return -1;
	const struct goproxy *kept = conf_pool_list(pool, &g);
	memcpy(member(k, s), &kept, sizeof(kept));
	return 0;
}

static int set_patterns(const struct conf_key *k, struct str value, struct conf_pool *pool,
			struct settings *s, struct err *err)
{
	if (key_check_patterns(value, err) < 0)
		return -1;
	put_text(k, value, pool, s);
	return 0;
}

static int set_peers(const struct conf_key *k, struct str value, struct conf_pool *pool,
		     struct settings *s, struct err *err)
{
	struct str bad;

	if (addr_list_check(value, &bad) < 0)
		return err_set(err, FAULT_LOCAL,
			       "\"%.*s\" is no address, no network such as 10.0.0.0/8, nor unix",
			       STR_ARG(bad));
	put_text(k, value, pool, s);
	return 0;
}

static int set_empty(const struct conf_key *k, struct settings *s, struct err *err)
{
	static const struct goproxy *const none = NULL;
	static const char *const empty = "";

	if (k->def[0])
		return err_set(err, FAULT_LOCAL, "a value is missing");
	if (k->type == CONF_PROXIES)
		memcpy(member(k, s), &none, sizeof(none));
	else
		memcpy(member(k, s), &empty, sizeof(empty));
	return 0;
}

int key_check_patterns(struct str globs, struct err *err)
{
	struct str rest = globs;
	struct str glob;

	while (str_cut(&rest, ',', &glob))
		if (glob.n && pattern_glob(glob, STR("")) < 0)
			return err_set(err, FAULT_LOCAL, "\"%.*s\" is no good pattern",
				       STR_ARG(glob));
	return 0;
}

int key_set(const struct conf_key *k, struct str value, struct conf_pool *pool,
	    struct settings *s, struct err *err)
{
	if (value.n == 0)
		return set_empty(k, s, err);
	if (value.n > MAX_CONF_LINE)
		return err_set(err, FAULT_LOCAL, "longer than %d bytes", MAX_CONF_LINE);
	for (size_t i = 0; i < value.n; i++)
		if ((unsigned char)value.p[i] < ' ' || value.p[i] == 0x7f)
			return err_set(err, FAULT_LOCAL, "a control byte in the value");
	switch (k->type) {
	case CONF_TEXT:
		put_text(k, value, pool, s);
		return 0;
	case CONF_PATH:
		return set_path(k, value, pool, s, err);
	case CONF_MOUNT:
		return set_mount(k, value, pool, s, err);
	case CONF_PROXY:
		return set_proxy(k, value, pool, s, err);
	case CONF_BOOL:
		return set_bool(k, value, s, err);
	case CONF_COUNT:
		return set_count(k, value, s, err);
	case CONF_DURATION:
		return set_duration(k, value, s, err);
	case CONF_PROXIES:
		return set_proxies(k, value, pool, s, err);
	case CONF_PATTERNS:
		return set_patterns(k, value, pool, s, err);
	case CONF_PEERS:
		return set_peers(k, value, pool, s, err);
	case CONF_CHOICE:
		return set_choice(k, value, pool, s, err);
	}
	return err_set(err, FAULT_BUG, "key \"%s\" has no type", k->name);
}

void key_copy(const struct conf_key *k, const struct settings *from, struct settings *to)
{
	memcpy((char *)to + k->offset, (const char *)from + k->offset, k->size);
}

static void format_duration(int64_t v, struct buf *out)
{
	static const struct {
		int64_t seconds;
		char unit;
	} units[] = { { 86400, 'd' }, { 3600, 'h' }, { 60, 'm' } };

	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (v == 0 || v % units[i].seconds)
			continue;
		buf_printf(out, "%" PRId64 "%c", v / units[i].seconds, units[i].unit);
		return;
	}
	buf_printf(out, "%" PRId64 "s", v);
}

void key_format(const struct conf_key *k, const struct settings *s, struct buf *out)
{
	const char *at = (const char *)s + k->offset;
	union {
		const char *text;
		const struct goproxy *list;
		int64_t number;
		bool flag;
	} v = { NULL };

	memcpy(&v, at, k->size);
	switch (k->type) {
	case CONF_MOUNT:
		buf_puts(out, v.text[0] || !k->def[0] ? v.text : "/");
		break;
	case CONF_TEXT:
	case CONF_PATH:
	case CONF_PATTERNS:
	case CONF_PEERS:
	case CONF_CHOICE:
		buf_puts(out, v.text);
		break;
	case CONF_PROXY:
		url_redact(out, str_of(v.text));
		break;
	case CONF_BOOL:
		buf_puts(out, v.flag ? "yes" : "no");
		break;
	case CONF_COUNT:
		buf_printf(out, "%" PRId64, v.number);
		break;
	case CONF_DURATION:
		format_duration(v.number, out);
		break;
	case CONF_PROXIES:
		if (v.list)
			goproxy_format(v.list, out);
		break;
	}
}
