/* config/config.h: the settings.
 *
 * One INI file, then the environment variables STOA_<KEY>, which win over the
 * file's global keys; [module "PATTERN"] sections win over both for their
 * modules. All keys are in config/conf.def and become the members of struct
 * settings. Loaded once at the start, before any thread (libinih has global
 * variables); nothing here changes afterwards, so threads share it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/buf.h"
#include "config/goproxy.h"

struct err;

/* Types of the members: TEXT, PATH, MOUNT, PROXY, CHOICE, PATTERNS and PEERS are
 * const char * (never NULL, "" when unset); MOUNT has no slash at its end; PROXY has
 * its scheme; BOOL is bool; COUNT and DURATION (seconds) are
 * int64_t; PROXIES is const struct goproxy * (NULL when unset). All are owned
 * by the struct config that they come from. */
#define CONF_C_TEXT const char *
#define CONF_C_PATH const char *
#define CONF_C_MOUNT const char *
#define CONF_C_PROXY const char *
#define CONF_C_CHOICE const char *
#define CONF_C_PATTERNS const char *
#define CONF_C_PEERS const char *
#define CONF_C_BOOL bool
#define CONF_C_COUNT int64_t
#define CONF_C_DURATION int64_t
#define CONF_C_PROXIES const struct goproxy *

struct settings {
#define CONF(type, name, def, scope, unit, text) CONF_C_##type name;
#include "config/conf.def"
#undef CONF
};

struct config;

/* Reads the file (NULL: the environment's STOA_CONF, else the default path if
 * it exists, else no file) and the environment. `environment` is the process's own
 * environment as it was at the start. `cgi` says that the process is a CGI
 * program, whose environment a client can add HTTP_* names to: HTTP_PROXY is
 * then ignored. -1 with FAULT_LOCAL and "file:line: ..." on a bad file. */
int config_load(const char *file, char *const *environment, bool cgi,
		struct config **ret_config, struct err *err) WARN_UNUSED;

/* For tests and tools: the same from a text. `name` stands for the file. */
int config_load_text(const char *name, const char *text, char *const *environment, bool cgi,
		     struct config **ret_config, struct err *err) WARN_UNUSED;

void config_free(struct config *c);

/* The settings outside any module section. */
const struct settings *config_global(const struct config *c);

/* The settings for a module path: *ret holds a shallow copy, good as long as
 * c. Sections whose pattern matches apply in the file's order. */
void config_for(const struct config *c, struct str module_path, struct settings *ret);

/* The environment for a helper, built from nothing: PATH, HOME, LC_ALL, TMPDIR,
 * STOA_CONF (absolute) when a file was read, the process's STOA_* variables
 * (STOA_TRACE and STOA_TEST_* too), GOPROXY, GOSUMDB, GONOSUMDB and GOPRIVATE
 * if they were used, the final http_proxy, https_proxy and no_proxy,
 * SSL_CERT_FILE and SSL_CERT_DIR. The helper comes to the same settings with
 * it. Ends with NULL; owned by c. */
const char *const *config_child_env(const struct config *c);

/* Walks what `stoactl config` shows: name, value as text without passwords,
 * where it came from ("default", "stoa.conf:12", "STOA_CACHE in the
 * environment", "[module "..."] at stoa.conf:20"). module_path NULL: the
 * global ones. */
typedef void config_show_fn(void *ctx, const char *name, struct str value, struct str origin);
void config_show(const struct config *c, const struct str *module_path, config_show_fn *show,
		 void *ctx);

/* Walks all sections in the file's order and says whether each applies to the
 * module; `line` is that of its head. */
typedef void config_section_fn(void *ctx, const char *pattern, const char *file, int line,
			       bool applies);
void config_sections(const struct config *c, struct str module_path, config_section_fn *show,
		     void *ctx);

/* The sample file and the body of stoa.conf(5), from conf.def. */
void config_sample(struct buf *out);
void config_mdoc(struct buf *out);

#endif
