/* http.h - keep-alive connections that send requests prepared in a file, one at a time each; used by load.c and storm.c.
 *
 * The file holds one request after the other, each a length (32 bits, little-endian) followed by the bytes to send.
 */
#ifndef HTTP_H
#define HTTP_H
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HTTP_LARGEST (4u << 20)      /* a longer response is a failure */

static inline uint64_t now_ns(void) {
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

struct requests { const char **bytes; uint32_t *len; size_t n; };

static struct requests requests_read(const char *path) {
    struct requests q = {0};
    struct stat st;
    int f = open(path, O_RDONLY | O_CLOEXEC);
    if (f < 0 || fstat(f, &st)) { perror(path); exit(2); }
    if (!st.st_size) { close(f); return q; }
    const char *b = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, f, 0), *e = b + st.st_size;
    if (b == MAP_FAILED) { perror(path); exit(2); }
    close(f);
    for (int pass = 0; pass < 2; pass++) {
        q.n = 0;
        for (const char *p = b; p + 4 <= e;) {
            uint32_t l;
            memcpy(&l, p, 4);
            if (l > (size_t)(e - p) - 4) { fprintf(stderr, "%s ends within a request\n", path); exit(2); }
            if (pass) { q.bytes[q.n] = p + 4; q.len[q.n] = l; }
            q.n++;
            p += 4 + l;
        }
        if (!pass) { q.bytes = malloc(q.n * sizeof *q.bytes); q.len = malloc(q.n * sizeof *q.len); }
    }
    return q;
}

struct call {
    int fd, port, busy;
    const char *out; uint32_t olen, ooff;
    char *in; size_t ilen, cap, head;          /* the response; `head` is the length of its head, once it is known */
    long body;                                 /* the length of its body, -1 for one in chunks */
    int status, close_after;
    uint64_t sent_at; size_t request;
};

/* Connects; `tag` is what epoll returns for it. */
static int call_dial(struct call *c, int ep, uint64_t tag) {
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(c->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (c->fd < 0 || connect(c->fd, (void *)&a, sizeof a)) { perror("connect"); if (c->fd >= 0) close(c->fd); c->fd = -1; return -1; }
    int one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(c->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = tag};
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
    c->busy = 0; c->ilen = c->head = 0;
    return 0;
}

static int call_flush(struct call *c, int ep, uint64_t tag) {
    while (c->ooff < c->olen) {
        ssize_t r = send(c->fd, c->out + c->ooff, c->olen - c->ooff, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (r < 0) {
            if (errno != EAGAIN) return -1;
            struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.u64 = tag};
            epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
            return 0;
        }
        c->ooff += r;
    }
    return 0;
}

/* Sends a request; -1 if the connection is unusable. The bytes must stay where they are until the response has come. */
static int call_send(struct call *c, int ep, uint64_t tag, const char *bytes, uint32_t len) {
    c->out = bytes; c->olen = len; c->ooff = 0; c->busy = 1; c->ilen = c->head = 0;
    c->sent_at = now_ns();
    return call_flush(c, ep, tag);
}

/* Takes what has come: 1 when the response is whole, 0 while more must come, -1 if the connection is unusable. */
static int call_event(struct call *c, int ep, uint64_t tag, uint32_t events) {
    if (events & EPOLLOUT) {
        struct epoll_event ev = {.events = EPOLLIN, .data.u64 = tag};
        epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
        if (call_flush(c, ep, tag)) return -1;
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) return 0;
    if (c->cap - c->ilen < 4096) {
        size_t cap = c->cap ? c->cap * 2 : 16384;
        if (cap > HTTP_LARGEST) return -1;
        c->in = realloc(c->in, cap); c->cap = cap;
    }
    ssize_t r = recv(c->fd, c->in + c->ilen, c->cap - c->ilen - 1, MSG_DONTWAIT);
    if (r == 0 || (r < 0 && errno != EAGAIN)) return -1;
    if (r < 0) return 0;
    c->ilen += r;
    c->in[c->ilen] = 0;
    if (!c->busy) return -1;                                   /* nothing was asked for */
    if (!c->head) {
        char *e = memmem(c->in, c->ilen, "\r\n\r\n", 4);
        if (!e) return 0;
        c->head = e + 4 - c->in;
        c->status = c->ilen > 12 ? atoi(c->in + 9) : 0;
        c->close_after = 0; c->body = 0;
        for (char *h = strchr(c->in, '\n'); h && h < e; h = strchr(h + 1, '\n')) {
            if (!strncasecmp(h + 1, "content-length:", 15)) c->body = atol(h + 16);
            else if (!strncasecmp(h + 1, "transfer-encoding:", 18)) c->body = -1;
            else if (!strncasecmp(h + 1, "connection: close", 17)) c->close_after = 1;
        }
        if (c->status == 204 || c->status == 304) c->body = 0;
    }
    if (c->body < 0) return memmem(c->in + c->head - 2, c->ilen - c->head + 2, "\r\n0\r\n\r\n", 7) != NULL;
    return c->ilen >= c->head + c->body;
}
#endif
