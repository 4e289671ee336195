/* Loaded before the C library (LD_PRELOAD): calls that other systems refuse.
 *
 * REFUSED holds words like "flock=37 syncfolder=22": a call and the number of the error that it ends with. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static int refused(const char *call)
{
    const char *words = getenv("REFUSED"), *found = words ? strstr(words, call) : NULL;
    errno = found ? atoi(strchr(found, '=') + 1) : errno;
    return found != NULL;
}

static void *real(const char *call) { return dlsym(RTLD_NEXT, call); }

int fsync(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode) && refused("syncfolder"))
        return -1;
    return ((int (*)(int))real("fsync"))(descriptor);
}

int flock(int descriptor, int operation)
{
    return refused("flock") ? -1 : ((int (*)(int, int))real("flock"))(descriptor, operation);
}

int memfd_create(const char *name, unsigned flags)
{
    return refused("memfd") ? -1 : ((int (*)(const char *, unsigned))real("memfd_create"))(name, flags);
}

ssize_t splice(int in, off64_t *from, int out, off64_t *to, size_t length, unsigned flags)
{
    typedef ssize_t (*call)(int, off64_t *, int, off64_t *, size_t, unsigned);
    return refused("splice") ? -1 : ((call)real("splice"))(in, from, out, to, length, flags);
}

sem_t *sem_open(const char *name, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = va_arg(rest, mode_t);
    unsigned value = va_arg(rest, unsigned);
    va_end(rest);
    typedef sem_t *(*call)(const char *, int, mode_t, unsigned);
    return refused("sem_open") ? SEM_FAILED : ((call)real("sem_open"))(name, flags, mode, value);
}
