# A differential test against golang.org/x/mod: driver.c answers what xmod/oracle.go
# asks. The test is tests/t/0850-oracle-*.t.
check_PROGRAMS += tests/oracle/driver
tests_oracle_driver_SOURCES = tests/oracle/driver.c
tests_oracle_driver_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
EXTRA_DIST += tests/oracle/xmod/go.mod tests/oracle/xmod/go.sum tests/oracle/xmod/oracle.go
# A differential test against golang.org/x/mod/sumdb: sumdb_driver.c answers what
# sumdb/oracle.go asks. The test is tests/t/0855-oracle-*.t.
check_PROGRAMS += tests/oracle/sumdb_driver
tests_oracle_sumdb_driver_SOURCES = tests/oracle/sumdb_driver.c
tests_oracle_sumdb_driver_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
EXTRA_DIST += tests/oracle/sumdb/go.mod tests/oracle/sumdb/go.sum tests/oracle/sumdb/oracle.go
