# Fuzzers for the parsers of outside bytes. Ordinary tests replay the corpus;
# configure --enable-fuzzers (clang) makes the same programs libFuzzer's.
FUZZERS = tests/fuzz/fuzz_zip tests/fuzz/fuzz_gomod tests/fuzz/fuzz_info tests/fuzz/fuzz_path \
	tests/fuzz/fuzz_config tests/fuzz/fuzz_note tests/fuzz/fuzz_record tests/fuzz/fuzz_tile
check_PROGRAMS += $(FUZZERS)
fuzzers: $(FUZZERS)
.PHONY: fuzzers
if FUZZERS_RUN
FUZZ_MAIN = tests/fuzz/entry.c tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c tests/fuzz/fuzz.h
FUZZ_LINK = $(AM_LDFLAGS)
endif
FUZZ_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
tests_fuzz_fuzz_zip_SOURCES = tests/fuzz/fuzz_zip.c $(FUZZ_MAIN)
tests_fuzz_fuzz_zip_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_zip_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_gomod_SOURCES = tests/fuzz/fuzz_gomod.c $(FUZZ_MAIN)
tests_fuzz_fuzz_gomod_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_gomod_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_info_SOURCES = tests/fuzz/fuzz_info.c $(FUZZ_MAIN)
tests_fuzz_fuzz_info_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_info_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_path_SOURCES = tests/fuzz/fuzz_path.c $(FUZZ_MAIN)
tests_fuzz_fuzz_path_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_path_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_config_SOURCES = tests/fuzz/fuzz_config.c $(FUZZ_MAIN)
tests_fuzz_fuzz_config_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_note_SOURCES = tests/fuzz/fuzz_note.c $(FUZZ_MAIN)
tests_fuzz_fuzz_note_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_note_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c $(FUZZ_MAIN)
tests_fuzz_fuzz_record_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_record_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_tile_SOURCES = tests/fuzz/fuzz_tile.c $(FUZZ_MAIN)
tests_fuzz_fuzz_tile_LDADD = $(FUZZ_LDADD)
tests_fuzz_fuzz_tile_LDFLAGS = $(FUZZ_LINK)
EXTRA_DIST += tests/fuzz/run.sh tests/fuzz/entry.c tests/fuzz/replay.c
EXTRA_DIST += \
	tests/fuzz/corpus/config/odd \
	tests/fuzz/corpus/config/plain \
	tests/fuzz/corpus/gomod/blocks \
	tests/fuzz/corpus/gomod/plain \
	tests/fuzz/corpus/gomod/quoted \
	tests/fuzz/corpus/info/case \
	tests/fuzz/corpus/info/plain \
	tests/fuzz/corpus/note/extra \
	tests/fuzz/corpus/note/key \
	tests/fuzz/corpus/note/local \
	tests/fuzz/corpus/note/many \
	tests/fuzz/corpus/note/twice \
	tests/fuzz/corpus/note/two \
	tests/fuzz/corpus/note/world \
	tests/fuzz/corpus/path/0 \
	tests/fuzz/corpus/path/1 \
	tests/fuzz/corpus/path/2 \
	tests/fuzz/corpus/path/3 \
	tests/fuzz/corpus/path/4 \
	tests/fuzz/corpus/path/5 \
	tests/fuzz/corpus/path/6 \
	tests/fuzz/corpus/path/7 \
	tests/fuzz/corpus/record/big \
	tests/fuzz/corpus/record/empty \
	tests/fuzz/corpus/record/head \
	tests/fuzz/corpus/record/quote \
	tests/fuzz/corpus/record/utf8 \
	tests/fuzz/corpus/tile/beyond \
	tests/fuzz/corpus/tile/data \
	tests/fuzz/corpus/tile/name \
	tests/fuzz/corpus/tile/partial \
	tests/fuzz/corpus/tile/plain \
	tests/fuzz/corpus/tile/vast \
	tests/fuzz/corpus/zip/comment \
	tests/fuzz/corpus/zip/deflated \
	tests/fuzz/corpus/zip/empty \
	tests/fuzz/corpus/zip/names \
	tests/fuzz/corpus/zip/stored \
	tests/fuzz/corpus/zip/streamed \
	tests/fuzz/corpus/zip/zip64
