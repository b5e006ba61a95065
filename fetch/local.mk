# The fetch helper: the only program that meets the network. What stoactl
# shares with it is in libfetch.a.
noinst_LIBRARIES += fetch/libfetch.a
fetch_libfetch_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(CRYPTO_CFLAGS) $(ZIP_CFLAGS) $(ZLIB_CFLAGS) $(JANSSON_CFLAGS)
fetch_libfetch_a_SOURCES = \
	fetch/ahead.c \
	fetch/ahead.h \
	fetch/artifact.c \
	fetch/base64.c \
	fetch/base64.h \
	fetch/body.c \
	fetch/body.h \
	fetch/digest.c \
	fetch/digest.h \
	fetch/dirhash.c \
	fetch/dirhash.h \
	fetch/files.c \
	fetch/files.h \
	fetch/gomod.c \
	fetch/gomod.h \
	fetch/info.c \
	fetch/info.h \
	fetch/job.c \
	fetch/job.h \
	fetch/kinds.h \
	fetch/linger.c \
	fetch/linger.h \
	fetch/list.c \
	fetch/merge.c \
	fetch/merge.h \
	fetch/net.c \
	fetch/net.h \
	fetch/note.c \
	fetch/note.h \
	fetch/origin.c \
	fetch/origin.h \
	fetch/plan.c \
	fetch/plan.h \
	fetch/pull.c \
	fetch/pull.h \
	fetch/quarantine.c \
	fetch/quarantine.h \
	fetch/record.c \
	fetch/record.h \
	fetch/report.c \
	fetch/report.h \
	fetch/resolve.c \
	fetch/status.c \
	fetch/status.h \
	fetch/sumdb.c \
	fetch/sumdb.h \
	fetch/text.c \
	fetch/text.h \
	fetch/tlog.c \
	fetch/tlog.h \
	fetch/verify.c \
	fetch/verify.h \
	fetch/vcs/code.c \
	fetch/vcs/code.h \
	fetch/vcs/code_parts.h \
	fetch/vcs/convert.c \
	fetch/vcs/direct.c \
	fetch/vcs/direct.h \
	fetch/vcs/discover.c \
	fetch/vcs/discover.h \
	fetch/vcs/git.c \
	fetch/vcs/git.h \
	fetch/vcs/gitrefs.c \
	fetch/vcs/gitrun.c \
	fetch/vcs/gocmd.c \
	fetch/vcs/gocmd.h \
	fetch/vcs/hg.c \
	fetch/vcs/meta.c \
	fetch/vcs/meta.h \
	fetch/vcs/modzip.c \
	fetch/vcs/modzip.h \
	fetch/vcs/names.c \
	fetch/vcs/names.h \
	fetch/vcs/rules.c \
	fetch/vcs/rules.h \
	fetch/vcs/run.c \
	fetch/vcs/run.h \
	fetch/vcs/svn.c \
	fetch/vcs/vcs.c \
	fetch/vcs/vcs.h \
	fetch/vcs/versions.c \
	fetch/vcs/zipwrite.c \
	fetch/vcs/zipwrite.h \
	fetch/zipcheck.c \
	fetch/zipcheck.h \
	fetch/zipdir.c \
	fetch/zipdir.h \
	fetch/zipnames.c \
	fetch/zipnames.h
pkglibexec_PROGRAMS += fetch/stoa-fetch
fetch_stoa_fetch_SOURCES = fetch/main.c
fetch_stoa_fetch_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
