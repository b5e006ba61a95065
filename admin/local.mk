bin_PROGRAMS += admin/stoactl
admin_stoactl_SOURCES = \
	admin/check.c \
	admin/check.h \
	admin/cmd.c \
	admin/cmd.h \
	admin/cmd_completion.c \
	admin/cmd_config.c \
	admin/cmd_faults.c \
	admin/cmd_export.c \
	admin/cmd_import.c \
	admin/cmd_prune.c \
	admin/cmd_quarantine.c \
	admin/cmd_rebuild.c \
	admin/cmd_verify.c \
	admin/cmd_warm.c \
	admin/crew.c \
	admin/crew.h \
	admin/main.c \
	admin/progress.c \
	admin/progress.h \
	admin/tar.c \
	admin/tar.h \
	admin/tree.c \
	admin/tree.h \
	admin/wanted.c \
	admin/wanted.h
admin_stoactl_LDADD = fetch/libfetch.a common/libcommon.a $(CURL_LIBS) $(CRYPTO_LIBS) $(ZIP_LIBS) $(ZLIB_LIBS) $(JANSSON_LIBS) $(INIH_LIBS)
