bin_PROGRAMS += admin/stoactl
admin_stoactl_SOURCES = admin/main.c
admin_stoactl_LDADD = common/libcommon.a $(INIH_LIBS)
