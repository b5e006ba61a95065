/* fetch/info.c: .info files, @latest and the answers to queries: JSON.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <jansson.h>

#include "base/err.h"
#include "base/parse.h"
#include "fetch/info.h"
#include "fetch/text.h"
#include "module/modpath.h"

#include "base/banned.h"

void info_release(struct info *i)
{
	buf_release(&i->version);
	*i = INFO();
}

static void json_free(json_t **j)
{
	json_decref(*j);
}

/* The member with this name in any case; 1 when it is there, -1 when it is there
 * twice: "version" and "Version" leave open which one is meant. */
static int member(json_t *o, const char *name, json_t **ret, struct err *err)
{
	const char *key = NULL;
	json_t *value = NULL;
	int found = 0;

	json_object_foreach(o, key, value) {
		if (!str_caseeq(str_of(key), str_of(name)))
			continue;
		if (found)
			return err_set(err, FAULT_UPSTREAM, "body: two members named %s", name);
		found = 1;
		*ret = value;
	}
	return found;
}

static int take_version(json_t *o, struct info *i, struct err *err)
{
	json_t *v = NULL;
	int rc = member(o, "Version", &v, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || !json_is_string(v) || json_string_length(v) == 0)
		return err_set(err, FAULT_UPSTREAM, "body: JSON without a Version");
	buf_add(&i->version, json_string_value(v), json_string_length(v));
	if (i->version.over)
		return err_set(err, FAULT_UPSTREAM, "body: the Version is too long");
	return 0;
}

static int take_time(json_t *o, struct info *i, struct err *err)
{
	json_t *t = NULL;
	int rc = member(o, "Time", &t, err);

	if (rc < 0)
		return -1;
	if (rc == 0 || json_is_null(t))
		return 0;
	if (!json_is_string(t) ||
	    parse_rfc3339(str_make(json_string_value(t), json_string_length(t)), &i->time) < 0)
		return err_set(err, FAULT_UPSTREAM, "body: a Time that is not in RFC 3339");
	i->has_time = true;
	return 0;
}

int info_parse(struct str json, struct info *ret, struct err *err)
{
	json_error_t why;
	CLEANUP(json_free) json_t *o = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &why);

	if (!o)
		return err_set(err, FAULT_UPSTREAM, "body: not JSON: line %d: %s", why.line,
			       why.text);
	if (!json_is_object(o))
		return err_set(err, FAULT_UPSTREAM, "body: JSON, but not an object");
	info_release(ret);
	return take_version(o, ret, err) < 0 ? -1 : take_time(o, ret, err);
}

int info_expect(const struct info *i, struct str version, struct err *err)
{
	CLEANUP(buf_release) struct buf shown = BUF(100);

	if (str_eq(buf_view(&i->version), version))
		return 0;
	text_clean(buf_view(&i->version), 1, shown.max, &shown);
	return err_set(err, FAULT_UPSTREAM, "body: answered for version %s instead of %.*s",
		       shown.p, STR_ARG(str_head(version, 100)));
}

int info_expect_canonical(const struct info *i, struct str path, struct err *err)
{
	CLEANUP(buf_release) struct buf shown = BUF(100);

	if (modpath_check_version(path, buf_view(&i->version), err) == 0)
		return 0;
	text_clean(buf_view(&i->version), 1, shown.max, &shown);
	return err_set(err, FAULT_UPSTREAM, "body: answered with %s, which is no version of it",
		       shown.p);
}
