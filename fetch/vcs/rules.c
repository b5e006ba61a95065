/* fetch/vcs/rules.c: the setting vcs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "fetch/vcs/rules.h"
#include "module/pattern.h"

#include "base/banned.h"

static bool allows(struct str list, struct str vcs)
{
	struct str word;

	while (str_cut(&list, '|', &word)) {
		word = str_trim(word);
		if (str_eqz(word, "all") || str_eq(word, vcs))
			return true;
	}
	return false;
}

static bool matches(struct str pattern, struct str path, bool is_private)
{
	if (str_eqz(pattern, "public"))
		return !is_private;
	if (str_eqz(pattern, "private"))
		return is_private;
	return pattern_match(pattern, path);
}

int rules_check(struct str rules, struct str private, struct str vcs, struct str path,
		struct err *err)
{
	bool is_private = pattern_match(private, path);
	struct str rest = rules;
	struct str rule;
	bool decided = false;
	bool good = false;

	while (rules.n && str_cut(&rest, ',', &rule)) {
		rule = str_trim(rule);
		ptrdiff_t colon = str_chr(rule, ':');
		if (colon <= 0 || (size_t)colon + 1 == rule.n)
			return err_set(err, FAULT_LOCAL, "the setting vcs: \"%.*s\" is not "
				       "PATTERN:VCS|VCS", STR_ARG(rule));
		struct str pattern = str_trim(str_head(rule, (size_t)colon));
		if (decided || !matches(pattern, path, is_private))
			continue;
		decided = true;
		good = allows(str_from(rule, (size_t)colon + 1), vcs);
	}
	if (!decided)
		good = is_private || str_eqz(vcs, "git") || str_eqz(vcs, "hg");
	if (good)
		return 0;
	return err_set(err, FAULT_DENIED, "the setting vcs does not allow %.*s for %s module "
		       "%.*s", STR_ARG(vcs), is_private ? "private" : "public", STR_ARG(path));
}
