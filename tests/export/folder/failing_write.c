/* Loaded before the C library (LD_PRELOAD): in each process, one write into a file fails, or is never reached.
 *
 * FAIL_AT is which one, counted from 1; FAIL_WITH the error's number, 0 for SIGKILL; FAIL_LOG a file that
 * gets a byte when it happens.  Pipes are left alone: a full disk does not break them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef ssize_t (*write_call)(int, const void *, size_t);
static atomic_int count;

ssize_t write(int descriptor, const void *content, size_t length)
{
    static write_call real;
    if (!real)
        real = (write_call)dlsym(RTLD_NEXT, "write");
    struct stat status;
    if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)
        && atomic_fetch_add(&count, 1) + 1 == atoi(getenv("FAIL_AT"))) {
        int log = open(getenv("FAIL_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0666);
        real(log, "!", 1);
        close(log);
        errno = atoi(getenv("FAIL_WITH"));
        if (errno == 0)
            kill(getpid(), SIGKILL);
        return -1;
    }
    return real(descriptor, content, length);
}
