/* fetch/sumdbopen.c: the checksum database that the settings name, and where it
 * is asked.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/sumdbclient.h"
#include "fetch/sumdbparts.h"

#include "base/banned.h"

/* How long it is remembered where the database is asked, and that nobody could
 * say so: a burst of jobs asks once. */
#define BASE_MS 3600000
#define TROUBLE_MS 2000

#define DEFAULT_NAME "sum.golang.org"
#define DEFAULT_KEY DEFAULT_NAME "+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

/* The databases whose keys everybody has, as in the go command
 * (cmd/go/internal/modfetch/key.go, sumdb.go). */
static const struct {
	const char *name, *vkey, *url;
} known[] = {
	{ DEFAULT_NAME, DEFAULT_KEY, "" },
	{ "sum.golang.google.cn", DEFAULT_KEY, "https://sum.golang.google.cn" },
};

struct sumdb *sumdb_new(const struct settings *global, const char *const *env)
{
	struct sumdb *db = xcalloc(1, sizeof(*db));

	db->settings = global;
	db->env = env;
	db->trouble = ERR();
	db->base_err = ERR();
	db->key = NOTE_KEY();
	db->supported = KEY();
	db->head = SUMHEAD();
	for (size_t i = 0; i < SUMDB_MERGED; i++)
		db->merged[i] = SUMHEAD();
	db->plan = PLAN();
	pthread_mutex_init(&db->lock, NULL);
	pthread_mutex_init(&db->base_lock, NULL);
	pthread_cond_init(&db->changed, NULL);
	pthread_mutex_init(&db->save_lock, NULL);
	pthread_cond_init(&db->save_wake, NULL);
	db->saving_last = &db->saving;
	return db;
}

void sumdb_linger(struct sumdb *db)
{
	db->lingers = true;
}

void sumdb_free(struct sumdb *db)
{
	if (!db)
		return;
	sumsave_end(db);
	for (size_t i = 0; i < SUMDB_SLOTS; i++) {
		free(db->slots[i].data);
		free(db->slots[i].nodes);
	}
	err_release(&db->trouble);
	err_release(&db->base_err);
	note_key_release(&db->key);
	key_release(&db->supported);
	buf_release(&db->head.note);
	for (size_t i = 0; i < SUMDB_MERGED; i++)
		buf_release(&db->merged[i].note);
	plan_release(&db->plan);
	sumbase_release(&db->base);
	pthread_mutex_destroy(&db->lock);
	pthread_mutex_destroy(&db->base_lock);
	pthread_cond_destroy(&db->changed);
	pthread_mutex_destroy(&db->save_lock);
	pthread_cond_destroy(&db->save_wake);
	free(db);
}

/* Cuts a field off at blanks; "" at the end. */
static struct str cut_field(struct str *rest)
{
	*rest = str_trim(*rest);
	size_t n = 0;
	while (n < rest->n && rest->p[n] != ' ' && rest->p[n] != '\t')
		n++;
	struct str field = str_head(*rest, n);
	*rest = str_from(*rest, n);
	return field;
}

static int take_name(struct sumdb *db, struct str name, struct err *err)
{
	if (key_set_plain(&db->supported, KIND_SUMDB_SUPPORTED, name, STR(""), err) == 0)
		return 0;
	err->fault = FAULT_LOCAL;
	return -1;
}

/* "NAME-OR-KEY [URL]"; off leaves the toolchains, with the usual database. */
static int read_setting(struct sumdb *db, struct err *err)
{
	const char *setting = db->settings->sumdb;
	struct str rest = str_of(setting[0] ? setting : DEFAULT_NAME);
	struct str vkey = cut_field(&rest);
	struct str url = cut_field(&rest);

	if (str_eqz(vkey, "off"))
		vkey = STR(DEFAULT_NAME);
	if (str_trim(rest).n)
		return err_set(err, FAULT_LOCAL, "more than a key and a URL");
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!str_eqz(vkey, known[i].name))
			continue;
		if (url.n && known[i].url[0])
			return err_set(err, FAULT_LOCAL, "%s has its URL already", known[i].name);
		vkey = str_of(known[i].vkey);
		url = url.n ? url : str_of(known[i].url);
		break;
	}
	if (str_chr(vkey, '+') < 0)
		return err_set(err, FAULT_LOCAL, "no key is known for %.*s; give it as "
			       "name+hash+key", STR_ARG(str_head(vkey, 100)));
	if (note_key_parse(vkey, &db->key, err) < 0 ||
	    take_name(db, buf_view(&db->key.name), err) < 0)
		return -1;
	if (!url.n)
		return 0;
	CLEANUP(mem_free) char *copy = xmemdup0(url.p, url.n);
	if (str_find(url, STR("://")) < 0)
		return err_set(err, FAULT_LOCAL, "the second field is no URL");
	sumbase_set(&db->base, sumdb_name(db), copy);
	db->base_given = true;
	return 0;
}

struct sumdb *sumdb_open(struct job *j, struct err *err)
{
	if (!j->sumdb)
		j->sumdb = j->own_sumdb = sumdb_new(j->settings, j->env);
	struct sumdb *db = j->sumdb;

	pthread_mutex_lock(&db->lock);
	if (!db->opened && read_setting(db, &db->trouble) < 0)
		err_wrap(&db->trouble, "the setting sumdb");
	db->opened = true;
	pthread_mutex_unlock(&db->lock);
	if (db->trouble.fault == FAULT_NONE)
		return db;
	err_set(err, db->trouble.fault, "%s", db->trouble.text.p);
	return NULL;
}

/* With the base's lock held. */
static int find_base(struct sumdb *db, struct job *j, bool anew, struct err *err)
{
	if (!db->plan.list && plan_open(&db->plan, db->settings, db->env, err) < 0)
		return -1;
	if (!anew && sumbase_known(j, &db->plan, &db->supported, true, &db->base))
		return 0;
	return sumbase_find(j, &db->plan, &db->supported, &db->base, err) < 0 ? -1 : 0;
}

static bool is_recent(const struct sumdb *db, int64_t ms)
{
	return db->base_ms && clock_ms() - db->base_ms < ms;
}

/* With the base's lock held. */
static int renew_base(struct sumdb *db, struct job *j, bool anew, struct err *err)
{
	if (db->base_given)
		return 0;
	if (db->base_err.fault != FAULT_NONE && is_recent(db, TROUBLE_MS))
		return err_set(err, db->base_err.fault, "%s", db->base_err.text.p);
	if (!anew && db->base.entry.url && is_recent(db, BASE_MS))
		return 0;
	err_reset(&db->base_err);
	int rc = find_base(db, j, anew, err);
	db->base_ms = clock_ms();
	if (rc < 0 && err->fault != FAULT_BUSY)
		err_set(&db->base_err, err->fault, "%s", err->text.p);
	return rc;
}

int sumdb_base(struct sumdb *db, struct job *j, bool anew, struct sumbase *ret, struct err *err)
{
	pthread_mutex_lock(&db->base_lock);
	int rc = renew_base(db, j, anew, err);
	if (rc == 0)
		sumbase_copy(ret, &db->base);
	pthread_mutex_unlock(&db->base_lock);
	return rc;
}

bool sumdb_base_known(struct sumdb *db, struct job *j, struct sumbase *ret)
{
	bool found = false;

	if (pthread_mutex_trylock(&db->base_lock) != 0)
		return false;
	if (db->base_given || (db->base.entry.url && is_recent(db, BASE_MS))) {
		found = true;
	} else if (db->base_err.fault == FAULT_NONE && db->plan.list) {
		found = sumbase_known(j, &db->plan, &db->supported, true, &db->base);
		if (found)
			db->base_ms = clock_ms();
	}
	if (found)
		sumbase_copy(ret, &db->base);
	pthread_mutex_unlock(&db->base_lock);
	return found;
}

void sumdb_aim(struct pull *p, struct sumbase *base, struct goproxy *list)
{
	*list = (struct goproxy){ &base->entry, 1 };
	p->only = list;
	p->skip = base->skip;
	p->aside = true;
}
