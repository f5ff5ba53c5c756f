#pragma once

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <uv.h>

#ifdef __linux__
// glibc hides it unless the whole module were compiled with _GNU_SOURCE, which changes types that Swift knows.
extern int accept4(int listener, struct sockaddr *address, socklen_t *length, int flags);
#endif

// Accepts one connection, non-blocking and closed on exec. macOS has no accept4.
static inline int tandem_accept(int listener, struct sockaddr *address, socklen_t *length) {
#ifdef __linux__
    return accept4(listener, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
#else
    int fd = accept(listener, address, length);
    if (fd >= 0) {
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
    }
    return fd;
#endif
}

// An enumeration's case on Linux, a macro elsewhere.
static const int tandem_stream_socket = SOCK_STREAM;

// For getaddrinfo: names may be written in any script. glibc hides its AI_IDN, too; others need none or have none.
#ifdef __GLIBC__
static const int tandem_international_names = 0x0040;
#else
static const int tandem_international_names = 0;
#endif

// A stream socket, non-blocking and closed on exec.
static inline int tandem_socket(int family) {
#ifdef __linux__
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
#else
    int fd = socket(family, SOCK_STREAM, 0);
    if (fd >= 0) {
        int yes = 1;
        fcntl(fd, F_SETFL, O_NONBLOCK);
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
    }
    return fd;
#endif
}

#ifdef MSG_NOSIGNAL
#define TANDEM_SEND_FLAGS MSG_NOSIGNAL
#else
#define TANDEM_SEND_FLAGS 0
#endif

// Sends as much as the socket takes: the count, or a negated errno.
static inline ssize_t tandem_send(int fd, const void *bytes, size_t count) {
    ssize_t sent;
    do { sent = send(fd, bytes, count, TANDEM_SEND_FLAGS); } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -(ssize_t)errno : sent;
}

// The same for several pieces.
static inline ssize_t tandem_send_vector(int fd, struct iovec *pieces, size_t count) {
    struct msghdr message = { 0 };
    message.msg_iov = pieces;
    message.msg_iovlen = count;
    ssize_t sent;
    do { sent = sendmsg(fd, &message, TANDEM_SEND_FLAGS); } while (sent < 0 && errno == EINTR);
    return sent < 0 ? -(ssize_t)errno : sent;
}

// Receives what is there: the count, 0 at the end, or a negated errno.
static inline ssize_t tandem_receive(int fd, void *bytes, size_t count) {
    ssize_t received;
    do { received = recv(fd, bytes, count, 0); } while (received < 0 && errno == EINTR);
    return received < 0 ? -(ssize_t)errno : received;
}

static inline void tandem_set_option(int fd, int level, int name, int value) {
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static inline int tandem_option(int fd, int level, int name) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(fd, level, name, &value, &length) < 0 ? -1 : value;
}

// The names under which systems know how long a connection may be silent before it is probed, how often it then is, and how
// long what was sent may go unacknowledged. Linux counts the last one in milliseconds, macOS in seconds.
#ifdef __linux__
static const int tandem_keepalive_idle = TCP_KEEPIDLE;
static const int tandem_lost_after = TCP_USER_TIMEOUT;
static const int tandem_lost_after_units = 1000;
#else
static const int tandem_keepalive_idle = TCP_KEEPALIVE;
static const int tandem_lost_after = TCP_RXT_CONNDROPTIME;
static const int tandem_lost_after_units = 1;
#endif

static inline int tandem_socket_error(int fd) {
    int error = 0;
    socklen_t length = sizeof error;
    return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 ? errno : error;
}

// Makes the coming close() reset the connection.
static inline void tandem_set_reset_on_close(int fd) {
    struct linger linger = { 1, 0 };
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}
