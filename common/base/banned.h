/* base/banned.h: included last by every .c file: what nobody may use.
 *
 * Calls that have one owner (open, rename, malloc, getenv, kill) are names of
 * struct members too, so tests/lint/calls.t looks for those instead.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef alloca

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison atoi atol atoll sscanf
#pragma GCC poison gmtime localtime asctime ctime
#pragma GCC poison mktemp tmpnam tempnam tmpfile
#pragma GCC poison system popen fork vfork execl execlp execle execv execvp execve
#pragma GCC poison alloca

#endif
