/* config/config.c: the settings: defaults, the file, the environment.
 *
 * Only the variables named in this file are looked at, and a client can set
 * none of them: what a request adds to a CGI program's environment is HTTP_*
 * and the fixed names of RFC 3875. HTTP_PROXY is both, hence `cgi`.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/must.h"
#include "config/internal.h"
#include "config/suggest.h"
#include "module/pattern.h"

#include "base/banned.h"

/* The whole file: room for thousands of sections. */
#define MAX_CONF_FILE (1u << 20)

/* A working folder's name, for a file given by a relative path. */
#define MAX_CWD 4096

/* One NAME=VALUE for a child. */
#define MAX_VARIABLE (MAX_CONF_LINE + 64)

/* The go command's own folder is where its packages put it; the rest is what
 * a system's packages use. */
#define CHILD_PATH \
	"PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/go/bin"

/* Settings that an ordinary variable of the process gives when neither the
 * file nor STOA_<KEY> does; the first that is set and not empty counts. */
static const struct fallback {
	enum conf_index key;
	const char *variable;
	bool not_under_cgi;	/* a client's "Proxy:" header makes HTTP_PROXY */
} fallbacks[] = {
	{ KEY_upstream, "GOPROXY", false },
	{ KEY_http_proxy, "http_proxy", false },
	{ KEY_http_proxy, "HTTP_PROXY", true },
	{ KEY_https_proxy, "https_proxy", false },
	{ KEY_https_proxy, "HTTPS_PROXY", false },
	{ KEY_no_proxy, "no_proxy", false },
	{ KEY_no_proxy, "NO_PROXY", false },
	{ KEY_ca_file, "SSL_CERT_FILE", false },
	{ KEY_sumdb, "GOSUMDB", false },
	{ KEY_nosumdb, "GONOSUMDB", false },
	{ KEY_nosumdb, "GOPRIVATE", false },
};

/* The value, or NULL; the first of several, as getenv does. */
static const char *variable(char *const *environment, const char *name)
{
	size_t n = strlen(name);

	for (char *const *e = environment; e && *e; e++)
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return *e + n + 1;
	return NULL;
}

static bool is_set(const char *value)
{
	return value && value[0];
}

static struct config *config_new(void)
{
	struct config *c = xcalloc(1, sizeof(*c));
	CLEANUP(err_release) struct err err = ERR();

	for (size_t i = 0; i < KEY_COUNT; i++) {
		const struct conf_key *k = &conf_keys[i];
		must(key_set(k, str_of(k->def), &c->pool, &c->global, &err) == 0);
	}
	return c;
}

/* STOA_ names that are no keys. */
static bool is_reserved(struct str name)
{
	return str_eqz(name, "STOA_CONF") || str_eqz(name, "STOA_TRACE") ||
	       str_starts(name, STR("STOA_TEST_"));
}

static int unknown_variable(struct str name, struct err *err)
{
	struct str key = str_from(name, strlen("STOA_"));
	struct suggest s = SUGGEST(key);

	for (size_t i = 0; i < KEY_COUNT; i++)
		suggest_offer(&s, conf_keys[i].name);
	suggest_offer(&s, "conf");
	suggest_offer(&s, "trace");
	if (!s.best)
		return err_set(err, FAULT_LOCAL, "environment: unknown variable \"%.*s\"",
			       STR_ARG(name));
	CLEANUP(buf_release) struct buf near = BUF(MAX_NAME);
	for (const char *p = s.best; *p; p++)
		buf_putc(&near, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
	return err_set(err, FAULT_LOCAL,
		       "environment: unknown variable \"%.*s\", did you mean \"STOA_%s\"?",
		       STR_ARG(name), near.p);
}

static int set_from(struct config *c, const struct conf_key *k, struct str name,
		    const char *value, struct err *err)
{
	if (key_set(k, str_trim(str_of(value)), &c->pool, &c->global, err) < 0)
		return err_wrap(err, "environment: %.*s", STR_ARG(name));
	c->origins[k - conf_keys].variable = conf_pool_text(&c->pool, name);
	return 0;
}

/* Every STOA_<KEY>; they win over the file's global keys. */
static int take_environment(struct config *c, char *const *environment, struct err *err)
{
	for (char *const *e = environment; e && *e; e++) {
		struct str all = str_of(*e);
		ptrdiff_t equals = str_chr(all, '=');

		if (equals < 0 || !str_starts(all, STR("STOA_")))
			continue;
		struct str name = str_head(all, (size_t)equals);
		if (is_reserved(name))
			continue;
		const struct conf_key *k = key_of_variable(str_from(name, strlen("STOA_")));
		if (!k)
			return unknown_variable(name, err);
		if (c->origins[k - conf_keys].variable)
			continue;
		if (set_from(c, k, name, *e + equals + 1, err) < 0)
			return -1;
	}
	return 0;
}

static bool is_unset(const struct config *c, const struct conf_key *k)
{
	static const struct goproxy *const none = NULL;
	const char *at = (const char *)&c->global + k->offset;
	const char *text = NULL;

	if (k->type == CONF_PROXIES)
		return memcmp(at, &none, sizeof(none)) == 0;
	memcpy(&text, at, sizeof(text));
	return text[0] == '\0';
}

static int take_fallbacks(struct config *c, char *const *environment, bool cgi, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(fallbacks); i++) {
		const struct fallback *f = &fallbacks[i];
		const struct conf_key *k = &conf_keys[f->key];
		const char *value = variable(environment, f->variable);

		if (!is_set(value) || !is_unset(c, k) || (cgi && f->not_under_cgi))
			continue;
		if (set_from(c, k, str_of(f->variable), value, err) < 0)
			return -1;
	}
	return 0;
}

static int check_together(const struct config *c, struct err *err)
{
	if (strcmp(c->global.send_file, "X-Accel-Redirect") == 0 && !c->global.send_file_prefix[0])
		return err_set(err, FAULT_LOCAL, "%s%ssend_file = X-Accel-Redirect needs "
			       "send_file_prefix, the internal location",
			       c->name ? c->name : "", c->name ? ": " : "");
	return 0;
}

struct child_vars {
	char **list;
	size_t n;
};

static void child_add(struct child_vars *v, const char *name, const char *value)
{
	CLEANUP(buf_release) struct buf b = BUF(MAX_VARIABLE);

	buf_printf(&b, "%s=%s", name, value);
	if (b.over)
		return;
	v->list = xreallocarray(v->list, v->n + 2, sizeof(*v->list));
	v->list[v->n++] = buf_detach(&b);
	v->list[v->n] = NULL;
}

static void child_add_absolute(struct child_vars *v, char *const *environment,
			       const char *name, const char *otherwise)
{
	const char *own = variable(environment, name);

	child_add(v, name, own && own[0] == '/' ? own : otherwise);
}

static void child_add_set(struct child_vars *v, const char *name, const char *value)
{
	if (is_set(value))
		child_add(v, name, value);
}

/* The STOA_* that take_environment() honoured or passed over. */
static void child_add_stoa(struct child_vars *v, char *const *environment)
{
	for (char *const *e = environment; e && *e; e++) {
		struct str all = str_of(*e);
		ptrdiff_t equals = str_chr(all, '=');

		if (equals < 0 || !str_starts(all, STR("STOA_")))
			continue;
		CLEANUP(mem_free) char *name = xmemdup0(all.p, (size_t)equals);
		if (strcmp(name, "STOA_CONF") != 0 &&
		    variable(environment, name) == *e + equals + 1)
			child_add(v, name, *e + equals + 1);
	}
}

/* A variable of the go command's that gave a setting; NULL: none did. */
static void child_add_used(struct child_vars *v, char *const *environment, const char *name)
{
	if (name && str_starts(str_of(name), STR("GO")))
		child_add(v, name, variable(environment, name));
}

/* All that the helper needs to come to the same settings, and no more. */
static void make_child_env(struct config *c, char *const *environment)
{
	struct child_vars v = { NULL, 0 };

	v.list = xcalloc(2, sizeof(*v.list));
	v.list[v.n++] = xstrdup(CHILD_PATH);
	child_add_absolute(&v, environment, "HOME", "/dev/null");
	child_add(&v, "LC_ALL", "C");
	child_add_absolute(&v, environment, "TMPDIR", "/tmp");
	child_add_set(&v, "STOA_CONF", c->path);
	child_add_stoa(&v, environment);
	child_add_used(&v, environment, c->origins[KEY_upstream].variable);
	child_add_used(&v, environment, c->origins[KEY_sumdb].variable);
	child_add_used(&v, environment, c->origins[KEY_nosumdb].variable);
	child_add_set(&v, "http_proxy", c->global.http_proxy);
	child_add_set(&v, "https_proxy", c->global.https_proxy);
	child_add_set(&v, "no_proxy", c->global.no_proxy);
	child_add_set(&v, "SSL_CERT_FILE", variable(environment, "SSL_CERT_FILE"));
	child_add_set(&v, "SSL_CERT_DIR", variable(environment, "SSL_CERT_DIR"));
	c->child_env = v.list;
}

/* What comes after the file. Frees c on failure. */
static int finish(struct config *c, char *const *environment, bool cgi,
		  struct config **ret_config, struct err *err)
{
	cgi = cgi || variable(environment, "REQUEST_METHOD");
	if (take_environment(c, environment, err) < 0 ||
	    take_fallbacks(c, environment, cgi, err) < 0 || check_together(c, err) < 0) {
		config_free(c);
		return -1;
	}
	make_child_env(c, environment);
	*ret_config = c;
	return 0;
}

/* The helper may run in another folder. */
static int set_name(struct config *c, const char *file, struct err *err)
{
	char cwd[MAX_CWD];

	c->name = conf_pool_text(&c->pool, str_of(file));
	c->path = c->name;
	if (file[0] == '/')
		return 0;
	if (!getcwd(cwd, sizeof(cwd)))
		return err_sys(err, FAULT_LOCAL, errno, "the working folder of %s", file);
	CLEANUP(buf_release) struct buf b = BUF(MAX_CWD + MAX_RELPATH);
	buf_printf(&b, "%s/%s", cwd, file);
	if (buf_ok(&b, "the configuration file's path", err) < 0)
		return -1;
	c->path = conf_pool_text(&c->pool, buf_view(&b));
	return 0;
}

static int read_named(struct config *c, const char *file, struct err *err)
{
	CLEANUP(buf_release) struct buf text = BUF(MAX_CONF_FILE);

	if (set_name(c, file, err) < 0)
		return -1;
	CLEANUP(fd_close) int fd = io_open(AT_FDCWD, file, O_RDONLY, 0);
	int rc = fd < 0 ? fd : io_read_all(fd, &text);
	if (rc < 0)
		return err_sys(err, FAULT_LOCAL, -rc, "%s", file);
	return conf_read(c, buf_view(&text), err);
}

/* The default file may be missing; one that was named may not. */
static int read_file(struct config *c, const char *file, char *const *environment,
		     struct err *err)
{
	if (!file)
		file = variable(environment, "STOA_CONF");
	if (is_set(file))
		return read_named(c, file, err);
	if (access(DEFAULT_CONF, F_OK) < 0 && errno == ENOENT)
		return 0;
	return read_named(c, DEFAULT_CONF, err);
}

int config_load(const char *file, char *const *environment, bool cgi,
		struct config **ret_config, struct err *err)
{
	struct config *c = config_new();

	if (read_file(c, file, environment, err) < 0) {
		config_free(c);
		return -1;
	}
	return finish(c, environment, cgi, ret_config, err);
}

int config_load_text(const char *name, const char *text, char *const *environment, bool cgi,
		     struct config **ret_config, struct err *err)
{
	struct config *c = config_new();

	if (set_name(c, name, err) < 0 || conf_read(c, str_of(text), err) < 0) {
		config_free(c);
		return -1;
	}
	return finish(c, environment, cgi, ret_config, err);
}

void config_free(struct config *c)
{
	if (!c)
		return;
	for (char **e = c->child_env; e && *e; e++)
		free(*e);
	free(c->child_env);
	free(c->sections);
	conf_pool_release(&c->pool);
	free(c);
}

const struct settings *config_global(const struct config *c)
{
	return &c->global;
}

static void apply(const struct conf_section *section, struct settings *to)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (section->lines[i])
			key_copy(&conf_keys[i], &section->values, to);
}

void config_for(const struct config *c, struct str module_path, struct settings *ret)
{
	*ret = c->global;
	for (size_t i = 0; i < c->n_sections; i++)
		if (pattern_match(str_of(c->sections[i].pattern), module_path))
			apply(&c->sections[i], ret);
}

const char *const *config_child_env(const struct config *c)
{
	return (const char *const *)c->child_env;
}
