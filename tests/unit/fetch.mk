# fetch/: the readers of outside bytes, the decisions, and whole jobs against a
# web server in a thread.
FETCH_UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) $(CURL_CFLAGS) $(ZIP_CFLAGS) $(JANSSON_CFLAGS)
FETCH_UNIT_LDADD = tests/unit/libunit.a fetch/libfetch.a common/libcommon.a \
	$(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(JANSSON_LIBS) $(CHECK_LIBS) $(INIH_LIBS)
UNIT_TESTS += tests/unit/test_gomod
tests_unit_test_gomod_SOURCES = tests/unit/test_gomod.c
tests_unit_test_gomod_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_gomod_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_info
tests_unit_test_info_SOURCES = tests/unit/test_info.c
tests_unit_test_info_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_info_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_job
tests_unit_test_job_SOURCES = tests/unit/test_job.c tests/unit/web.c tests/unit/web.h
tests_unit_test_job_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_job_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_merge
tests_unit_test_merge_SOURCES = tests/unit/test_merge.c
tests_unit_test_merge_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_merge_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_net
tests_unit_test_net_SOURCES = tests/unit/test_net.c tests/unit/web.c tests/unit/web.h
tests_unit_test_net_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_net_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_origin
tests_unit_test_origin_SOURCES = tests/unit/test_origin.c
tests_unit_test_origin_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_origin_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_plan
tests_unit_test_plan_SOURCES = tests/unit/test_plan.c
tests_unit_test_plan_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_plan_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_status
tests_unit_test_status_SOURCES = tests/unit/test_status.c
tests_unit_test_status_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_status_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_sumdb
tests_unit_test_sumdb_SOURCES = tests/unit/test_sumdb.c
tests_unit_test_sumdb_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_sumdb_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_text
tests_unit_test_text_SOURCES = tests/unit/test_text.c
tests_unit_test_text_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_text_LDADD = $(FETCH_UNIT_LDADD)
UNIT_TESTS += tests/unit/test_zipcheck
tests_unit_test_zipcheck_SOURCES = tests/unit/test_zipcheck.c
tests_unit_test_zipcheck_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_zipcheck_LDADD = $(FETCH_UNIT_LDADD)

# admin/
UNIT_TESTS += tests/unit/test_wanted
tests_unit_test_wanted_SOURCES = tests/unit/test_wanted.c admin/wanted.c admin/wanted.h
tests_unit_test_wanted_CPPFLAGS = $(FETCH_UNIT_CPPFLAGS)
tests_unit_test_wanted_LDADD = $(FETCH_UNIT_LDADD)
