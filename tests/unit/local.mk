# unit tests of each area are in their own file here, to keep changes apart
if HAVE_CHECK
check_LIBRARIES = tests/unit/libunit.a
endif
tests_unit_libunit_a_SOURCES = tests/unit/unit.c tests/unit/unit.h
tests_unit_libunit_a_CPPFLAGS = $(UNIT_CPPFLAGS)
UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
UNIT_LDADD = tests/unit/libunit.a common/libcommon.a $(CHECK_LIBS) $(INIH_LIBS)

UNIT_TESTS += \
	tests/unit/test_config \
	tests/unit/test_goproxy \
	tests/unit/test_suggest
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_config_LDADD = common/libcommon.a $(CHECK_LIBS) $(INIH_LIBS)
tests_unit_test_goproxy_SOURCES = tests/unit/test_goproxy.c
tests_unit_test_goproxy_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_goproxy_LDADD = common/libcommon.a $(CHECK_LIBS)
tests_unit_test_suggest_SOURCES = tests/unit/test_suggest.c
tests_unit_test_suggest_CPPFLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS)
tests_unit_test_suggest_LDADD = common/libcommon.a $(CHECK_LIBS)

# common/base
UNIT_TESTS += tests/unit/test_addr
tests_unit_test_addr_SOURCES = tests/unit/test_addr.c
tests_unit_test_addr_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_addr_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_buf
tests_unit_test_buf_SOURCES = tests/unit/test_buf.c
tests_unit_test_buf_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_buf_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_child
tests_unit_test_child_SOURCES = tests/unit/test_child.c
tests_unit_test_child_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_child_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_clock
tests_unit_test_clock_SOURCES = tests/unit/test_clock.c
tests_unit_test_clock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_clock_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_err
tests_unit_test_err_SOURCES = tests/unit/test_err.c
tests_unit_test_err_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_err_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_fault
tests_unit_test_fault_SOURCES = tests/unit/test_fault.c
tests_unit_test_fault_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_fault_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_hash
tests_unit_test_hash_SOURCES = tests/unit/test_hash.c
tests_unit_test_hash_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_hash_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_io
tests_unit_test_io_SOURCES = tests/unit/test_io.c
tests_unit_test_io_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_io_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_log
tests_unit_test_log_SOURCES = tests/unit/test_log.c
tests_unit_test_log_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_log_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_parse
tests_unit_test_parse_SOURCES = tests/unit/test_parse.c
tests_unit_test_parse_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_parse_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_str
tests_unit_test_str_SOURCES = tests/unit/test_str.c
tests_unit_test_str_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_str_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_url
tests_unit_test_url_SOURCES = tests/unit/test_url.c
tests_unit_test_url_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_url_LDADD = $(UNIT_LDADD)

# common/module
UNIT_TESTS += tests/unit/test_key
tests_unit_test_key_SOURCES = tests/unit/test_key.c
tests_unit_test_key_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_key_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_modpath
tests_unit_test_modpath_SOURCES = tests/unit/test_modpath.c
tests_unit_test_modpath_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_modpath_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pattern
tests_unit_test_pattern_SOURCES = tests/unit/test_pattern.c
tests_unit_test_pattern_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pattern_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_pseudo
tests_unit_test_pseudo_SOURCES = tests/unit/test_pseudo.c
tests_unit_test_pseudo_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_pseudo_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_semver
tests_unit_test_semver_SOURCES = tests/unit/test_semver.c
tests_unit_test_semver_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_semver_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_utf8
tests_unit_test_utf8_SOURCES = tests/unit/test_utf8.c
tests_unit_test_utf8_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_utf8_LDADD = $(UNIT_LDADD)

# common/cache, common/http, common/policy, common/serve
UNIT_TESTS += tests/unit/test_cache
tests_unit_test_cache_SOURCES = tests/unit/test_cache.c tests/unit/cachetest.c tests/unit/cachetest.h
tests_unit_test_cache_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cache_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_lock
tests_unit_test_lock_SOURCES = tests/unit/test_lock.c tests/unit/cachetest.c tests/unit/cachetest.h
tests_unit_test_lock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_lock_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_publish
tests_unit_test_publish_SOURCES = tests/unit/test_publish.c tests/unit/cachetest.c tests/unit/cachetest.h
tests_unit_test_publish_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_publish_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_refusal
tests_unit_test_refusal_SOURCES = tests/unit/test_refusal.c tests/unit/cachetest.c tests/unit/cachetest.h
tests_unit_test_refusal_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_refusal_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_cond
tests_unit_test_cond_SOURCES = tests/unit/test_cond.c
tests_unit_test_cond_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_cond_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_peer
tests_unit_test_peer_SOURCES = tests/unit/test_peer.c
tests_unit_test_peer_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_peer_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_policy
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_policy_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_reply
tests_unit_test_reply_SOURCES = tests/unit/test_reply.c
tests_unit_test_reply_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_reply_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_request
tests_unit_test_request_SOURCES = tests/unit/test_request.c
tests_unit_test_request_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_request_LDADD = $(UNIT_LDADD)
UNIT_TESTS += tests/unit/test_route
tests_unit_test_route_SOURCES = tests/unit/test_route.c
tests_unit_test_route_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_route_LDADD = $(UNIT_LDADD)

# fetch
include tests/unit/fetch.mk
UNIT_TESTS += tests/unit/test_jobsock
tests_unit_test_jobsock_SOURCES = tests/unit/test_jobsock.c tests/unit/cachetest.c tests/unit/cachetest.h
tests_unit_test_jobsock_CPPFLAGS = $(UNIT_CPPFLAGS)
tests_unit_test_jobsock_LDADD = $(UNIT_LDADD)
