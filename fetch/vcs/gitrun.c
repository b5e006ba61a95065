/* fetch/vcs/gitrun.c: running git, and what it is told.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "base/sys.h"

#include "base/err.h"
#include "base/log.h"
#include "base/must.h"
#include "config/config.h"
#include "fetch/job.h"
#include "fetch/vcs/git.h"

#include "base/banned.h"

/* Settings that no configuration file changes. fsync: what a crash damages is made anew;
 * what is published is synced by itself. fsck: the objects of old
 * repositories with these flaws are harmless, and the go command takes them. */
static const char *const fixed[] = {
	"-c", "core.hooksPath=/dev/null",
	"-c", "core.fsmonitor=false",
	"-c", "core.attributesFile=/dev/null",
	"-c", "core.askPass=/bin/false",
	"-c", "core.fsync=none",
	"-c", "gc.auto=0",
	"-c", "maintenance.auto=false",
	"-c", "fetch.recurseSubmodules=no",
	"-c", "fetch.writeCommitGraph=false",
	"-c", "fetch.fsckObjects=true",
	"-c", "fetch.fsck.badTimezone=ignore",
	"-c", "fetch.fsck.missingSpaceBeforeDate=ignore",
	"-c", "fetch.fsck.missingSpaceBeforeEmail=ignore",
	"-c", "fetch.fsck.missingNameBeforeEmail=ignore",
	"-c", "fetch.fsck.missingEmail=ignore",
	"-c", "fetch.fsck.badEmail=ignore",
	"-c", "fetch.fsck.badName=ignore",
	"-c", "fetch.fsck.zeroPaddedDate=ignore",
	"-c", "fetch.fsck.zeroPaddedFilemode=ignore",
	"-c", "fetch.fsck.badFilemode=ignore",
	"-c", "fetch.fsck.missingTaggerEntry=ignore",
	"-c", "fetch.fsck.badTagName=ignore",
	"-c", "fetch.fsck.nullSha1=ignore",
	"-c", "fetch.fsck.gitmodulesParse=ignore",
	"-c", "fetch.fsck.gitmodulesMissing=ignore",
	"-c", "fetch.fsck.gitmodulesBlob=ignore",
	"-c", "fetch.fsck.gitmodulesName=ignore",
	"-c", "fetch.fsck.gitmodulesUrl=ignore",
	"-c", "fetch.fsck.gitmodulesPath=ignore",
	"-c", "fetch.fsck.gitmodulesUpdate=ignore",
	"-c", "fetch.fsck.gitmodulesSymlink=ignore",
	"-c", "fetch.unpackLimit=1",
	"-c", "log.showSignature=false",
	"-c", "safe.directory=*",
};

/* "https ssh" as git's colon list; "ext" is never one of them. */
static int allowed_protocols(const struct settings *s, struct buf *out, struct err *err)
{
	static const char *const known[] = { "https", "http", "ssh", "git", "file", "svn" };
	struct str rest = str_of(s->transports);
	struct str word;

	while (str_cut(&rest, ' ', &word)) {
		bool good = word.n == 0;
		for (size_t i = 0; i < ARRAY_SIZE(known); i++)
			good = good || str_eqz(word, known[i]);
		if (!good)
			return err_set(err, FAULT_LOCAL, "transports: \"%.*s\" is none of https, "
				       "ssh, http, git, svn, file", STR_ARG(word));
		if (word.n == 0 || str_eqz(word, "svn"))
			continue;
		if (out->n)
			buf_putc(out, ':');
		buf_str(out, word);
	}
	if (out->n == 0)
		buf_puts(out, "none");
	return 0;
}

int vcs_git_env(struct vcs_env *e, const struct job *j, bool insecure, struct err *err)
{
	const struct settings *s = j->settings;
	CLEANUP(buf_release) struct buf ssh = BUF(3 * MAX_CONF_LINE);
	CLEANUP(buf_release) struct buf protocols = BUF(100);
	CLEANUP(buf_release) struct buf seconds = BUF(40);

	if (allowed_protocols(s, &protocols, err) < 0)
		return -1;
	vcs_ssh_command(s, &ssh);
	buf_printf(&seconds, "%lld", (long long)s->idle_timeout);
	vcs_env_add(e, "GIT_CONFIG_NOSYSTEM", "1");
	vcs_env_add(e, "GIT_CONFIG_SYSTEM", "/dev/null");
	vcs_env_add(e, "GIT_CONFIG_GLOBAL", s->git_config[0] ? s->git_config : "/dev/null");
	vcs_env_add(e, "GIT_ATTR_NOSYSTEM", "1");
	vcs_env_add(e, "GIT_TERMINAL_PROMPT", "0");
	vcs_env_add(e, "GCM_INTERACTIVE", "never");
	vcs_env_add(e, "GIT_ASKPASS", "/bin/false");
	vcs_env_add(e, "SSH_ASKPASS", "/bin/false");
	vcs_env_add(e, "SSH_ASKPASS_REQUIRE", "never");
	vcs_env_add(e, "GIT_ALLOW_PROTOCOL", protocols.p);
	vcs_env_add(e, "GIT_PROTOCOL_FROM_USER", "0");
	vcs_env_add(e, "GIT_SSH_COMMAND", ssh.p);
	vcs_env_add(e, "GIT_LITERAL_PATHSPECS", "1");
	vcs_env_add(e, "GIT_NO_REPLACE_OBJECTS", "1");
	vcs_env_add(e, "GIT_HTTP_LOW_SPEED_LIMIT", "1");
	vcs_env_add(e, "GIT_HTTP_LOW_SPEED_TIME", seconds.p);
	if (s->ca_file[0])
		vcs_env_add(e, "GIT_SSL_CAINFO", s->ca_file);
	if (insecure)
		vcs_env_add(e, "GIT_SSL_NO_VERIFY", "1");
	return 0;
}

int git_make_env(struct vcs_repo *r, struct err *err)
{
	if (vcs_env_find(&r->env, r->job, "git", err) < 0 ||
	    vcs_env_basic(&r->env, r->job, err) < 0 ||
	    vcs_git_env(&r->env, r->job, r->insecure, err) < 0)
		return -1;
	vcs_env_add(&r->env, "GIT_DIR", r->dir);
	return 0;
}

int git_run(struct vcs_repo *r, const char *const *words, struct vcs_said *s,
	    struct err *err)
{
	const char *argv[ARRAY_SIZE(fixed) + 26] = { "git" };
	size_t n = 1;

	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		argv[n++] = fixed[i];
	/* A list of all refs is the first answer of the old protocol, and the second one of
	 * the new, which sends no more of them than a fetch asks for. */
	argv[n++] = "-c";
	argv[n++] = str_eqz(str_of(words[0]), "ls-remote") ? "protocol.version=0"
							   : "protocol.version=2";
	for (size_t i = 0; words[i]; i++) {
		must(n + 1 < ARRAY_SIZE(argv));
		argv[n++] = words[i];
	}
	trace(TRACE_SPAWN, "git %s %s ...", words[0], words[1] ? words[1] : "");
	return vcs_run(r, argv, s, err);
}
