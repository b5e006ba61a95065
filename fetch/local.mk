# The fetch helper: the only program that meets the network. What stoactl
# shares with it is in libfetch.a.
noinst_LIBRARIES += fetch/libfetch.a
fetch_libfetch_a_CPPFLAGS = $(AM_CPPFLAGS) $(CURL_CFLAGS) $(CRYPTO_CFLAGS) $(ZIP_CFLAGS) $(JANSSON_CFLAGS)
fetch_libfetch_a_SOURCES = fetch/job.c
pkglibexec_PROGRAMS += fetch/stoa-fetch
fetch_stoa_fetch_SOURCES = fetch/main.c
fetch_stoa_fetch_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
