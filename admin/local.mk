bin_PROGRAMS += admin/stoactl
admin_stoactl_SOURCES = \
	admin/cmd.c \
	admin/cmd.h \
	admin/cmd_config.c \
	admin/cmd_faults.c \
	admin/main.c
admin_stoactl_LDADD = common/libcommon.a $(INIH_LIBS)
