/* Stands between a program and the C library: makes its nth call that touches a file fail, or the last thing it does.

   tests/kills.py builds it, loads it by LD_PRELOAD, and arms it in each process that it tries. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static long calls, fatal = -1;
static int failing; /* an errno, or 0: the process is killed */

/* Begin to count; the call of this number fails with `error`, or kills the process. */
void faults_arm(long number, int error) { calls = 0, fatal = number, failing = error; }
long faults_calls(void) { return calls; }

static int fails(void) {
    if (fatal < 0 || ++calls != fatal) return 0;
    if (!failing) kill(getpid(), SIGKILL);
    errno = failing;
    return 1;
}

#define PASS(type, name, parameters, arguments)                     \
    type name parameters {                                          \
        static type(*next) parameters;                              \
        if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);       \
        return fails() ? (type)-1 : next arguments;                 \
    }
#define PASS_OPEN(name, parameters, arguments, with_mode)           \
    int name parameters {                                           \
        static int(*next)(with_mode);                               \
        mode_t mode = 0;                                            \
        va_list rest;                                               \
        va_start(rest, flags);                                      \
        if (flags & (O_CREAT | O_TMPFILE)) mode = va_arg(rest, mode_t); \
        va_end(rest);                                               \
        if (!next) *(void **)&next = dlsym(RTLD_NEXT, #name);       \
        return fails() ? -1 : next arguments;                       \
    }

#define WITH_MODE const char *, int, ...
#define AT_WITH_MODE int, const char *, int, ...
PASS_OPEN(open, (const char *path, int flags, ...), (path, flags, mode), WITH_MODE)
PASS_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode), WITH_MODE)
PASS_OPEN(openat, (int at, const char *path, int flags, ...), (at, path, flags, mode), AT_WITH_MODE)
PASS(ssize_t, read, (int file, void *to, size_t size), (file, to, size))
PASS(ssize_t, pread64, (int file, void *to, size_t size, off64_t at), (file, to, size, at))
PASS(ssize_t, write, (int file, const void *from, size_t size), (file, from, size))
PASS(ssize_t, pwrite64, (int file, const void *from, size_t size, off64_t at), (file, from, size, at))
PASS(int, close, (int file), (file))
PASS(int, fsync, (int file), (file))
PASS(int, fdatasync, (int file), (file))
PASS(int, ftruncate64, (int file, off64_t size), (file, size))
PASS(int, rename, (const char *from, const char *to), (from, to))
PASS(int, unlink, (const char *path), (path))
PASS(int, unlinkat, (int at, const char *path, int flags), (at, path, flags))
PASS(int, rmdir, (const char *path), (path))
PASS(int, mkdir, (const char *path, mode_t mode), (path, mode))
PASS(int, chmod, (const char *path, mode_t mode), (path, mode))
PASS(int, flock, (int file, int what), (file, what))
PASS(int, stat64, (const char *path, struct stat64 *to), (path, to))
PASS(int, stat, (const char *path, struct stat *to), (path, to))
PASS(int, lstat64, (const char *path, struct stat64 *to), (path, to))
PASS(int, lstat, (const char *path, struct stat *to), (path, to))
PASS(int, fstat64, (int file, struct stat64 *to), (file, to))
PASS(int, fstat, (int file, struct stat *to), (file, to))
