/* Loaded before the C library (LD_PRELOAD): in each process, one call of a kind fails, or is never reached.
 *
 * FAIL_CALL is its kind: write (into a file), fsync or rename; FAIL_AT which one, counted from 1; FAIL_WITH the
 * error's number, 0 for SIGKILL; FAIL_LOG a file that gets a byte when it happens.  Without FAIL_AT nothing fails.
 * Pipes are left alone: a full disk does not break them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t (*write_call)(int, const void *, size_t);
typedef int (*fsync_call)(int);
typedef int (*rename_call)(const char *, const char *);
typedef int (*renameat_call)(int, const char *, int, const char *);
#define REAL(kind, name) ((kind)dlsym(RTLD_NEXT, name))
static atomic_int count;

static ssize_t really_write(int descriptor, const void *content, size_t length)
{
    static write_call real;
    if (!real)
        real = REAL(write_call, "write");
    return real(descriptor, content, length);
}

/* Whether this very call is the one that fails; errno is set then, or the process is gone. */
static int fails(const char *kind)
{
    const char *place = getenv("FAIL_AT"), *call = getenv("FAIL_CALL");
    if (!place || !call || strcmp(call, kind) || atomic_fetch_add(&count, 1) + 1 != atoi(place))
        return 0;
    int log = open(getenv("FAIL_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0666);
    really_write(log, "!", 1);
    close(log);
    errno = atoi(getenv("FAIL_WITH"));
    if (errno == 0)
        kill(getpid(), SIGKILL);
    return 1;
}

ssize_t write(int descriptor, const void *content, size_t length)
{
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode) && fails("write"))
        return -1;
    return really_write(descriptor, content, length);
}

int fsync(int descriptor)
{
    return fails("fsync") ? -1 : REAL(fsync_call, "fsync")(descriptor);
}

int rename(const char *source, const char *target)
{
    return fails("rename") ? -1 : REAL(rename_call, "rename")(source, target);
}

int renameat(int from, const char *source, int to, const char *target)
{
    return fails("rename") ? -1 : REAL(renameat_call, "renameat")(from, source, to, target);
}
