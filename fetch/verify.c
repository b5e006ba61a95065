/* fetch/verify.c: whether bytes are the module that the world, or this cache,
 * knows under that name and version.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "cache/cache.h"
#include "fetch/job.h"
#include "fetch/record.h"
#include "fetch/sumdbclient.h"
#include "fetch/verify.h"
#include "module/key.h"

#include "base/banned.h"

/* What the cache itself knows. */
static int verify_first(const struct job *j, const struct key *k, struct str h1, struct err *err)
{
	struct record r;
	int rc = record_read(j->cache, k, &r, err);

	if (rc <= 0 || str_eqz(h1, r.h1))
		return rc < 0 ? -1 : 0;
	return err_set(err, FAULT_INTEGRITY,
		       "checksum mismatch: wanted %s, got %.*s (the first is that of what was "
		       "published here before)", r.h1, STR_ARG(h1));
}

void verify_begin(struct job *j, const struct key *k)
{
	sumdb_prefetch(j, buf_view(&k->path), buf_view(&k->version));
}

int verify_hash(struct job *j, const struct key *k, struct str h1, struct err *err)
{
	int rc = sumdb_verify(j, buf_view(&k->path), buf_view(&k->version), k->kind == KIND_MOD,
			      h1, err);

	if (rc != 0)
		return rc < 0 ? -1 : 0;
	return verify_first(j, k, h1, err);
}
