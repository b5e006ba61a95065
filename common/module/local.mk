# sources of common/module
common_libcommon_a_SOURCES += \
	common/module/folds.h \
	common/module/key.c \
	common/module/key.h \
	common/module/letters.h \
	common/module/modpath.c \
	common/module/modpath.h \
	common/module/pattern.c \
	common/module/pattern.h \
	common/module/pseudo.c \
	common/module/pseudo.h \
	common/module/semver.c \
	common/module/semver.h \
	common/module/utf8.c \
	common/module/utf8.h
EXTRA_DIST += common/module/mkfolds.go common/module/mkletters.go
