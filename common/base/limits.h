/* base/limits.h: the maximum of everything that comes from outside, with where
 * each number comes from. A buffer is declared with one of these.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* A request's URI. The web servers cap theirs at 8 to 16 kB; a module path has
 * no length limit of its own, but each element is a file name of at most 255
 * bytes, and the whole must fit below PATH_MAX with room for the cache. */
#define MAX_URI 8192

/* A path below the cache: an escaped path at most doubles (each upper-case
 * letter takes two bytes), and PATH_MAX is 4096 on Linux and 1024 on the BSDs;
 * what the system refuses is reported as "too long". */
#define MAX_RELPATH 4000

/* One file name (NAME_MAX on every file system that matters). */
#define MAX_NAME 255

/* An error's text: the go command shows at most 8 lines and 648 bytes of a
 * server's answer (cmd/go/internal/web). */
#define MAX_ERRTEXT 640

/* One line of our log, before escaping. */
#define MAX_LOGLINE 4096

/* A URL of an upstream: the setting's part plus an escaped path. */
#define MAX_URL 16384

/* .info, list, .mod, @latest, sumdb answers: 16 MiB. The go command refuses a
 * go.mod above 16 MiB in a zip (x/mod/zip MaxGoMod). */
#define MAX_SMALL_FILE (16u << 20)

/* A module zip: 500 MiB (x/mod/zip MaxZipFile, cmd/go's codehost limit). */
#define MAX_ZIP_FILE (500ll << 20)

/* A reply's header block and the text of a small body made by ourselves. */
#define MAX_HEAD 4096

/* One line of a configuration file. */
#define MAX_CONF_LINE 4096

/* What a child may print for us to read (stdout and stderr, each). */
#define MAX_CHILD_OUTPUT 65536

/* A refusal's file: the text, a few lines around it. */
#define MAX_REFUSAL_FILE 2048

#endif
