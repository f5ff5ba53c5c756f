/* resume.c - event streams that come back after their server was killed, on one epoll thread; used by resume/run.py.
 *
 * Commands on standard input: `open` opens all streams and says `live` once each has its `ready`; `lost` waits until all have
 * ended and says so; `go PID EVENTS` lets them come back, spread over --spread seconds, each with its last cursor, and ends with a
 * JSON line once each has received EVENTS more events (recognised by --mark). A stream that is refused waits as the SDK does: for
 * Retry-After and up to a second more, or for a random part of a time that doubles with each attempt.
 */
#pragma GCC diagnostic ignored "-Wunused-function"
#include "http.h"
#include "measure.h"
#include <getopt.h>
#include <poll.h>
#include <sys/resource.h>

enum { IDLE, CONNECTING, HEAD, OPEN };

struct stream {
    int fd, state, attempt, live, events, ilen;
    uint64_t due, live_at, done_at;
    char cursor[64], in[1024];       /* the end of what has come: lines are at most so long, longer ones are passed over */
};

static struct stream *S;
static struct requests Q;
static int ep, port, n, n_open, n_live, n_done;
static double spread = 3;
static const char *mark = "\"type\":\"note\"";
static int returning, expected;
static uint64_t refused, broken, resets, others, begun;
static double uniform(void) { return rand() / (RAND_MAX + 1.0); }

static void later(struct stream *s, double seconds) { s->due = now_ns() + (uint64_t)(seconds * 1e9); }

static void hang_up(struct stream *s) {
    if (s->state == OPEN) n_open--;
    if (s->live) { s->live = 0; n_live--; }
    if (s->fd >= 0) close(s->fd);
    s->fd = -1; s->state = IDLE;
}

static void failed(struct stream *s, double after) {
    hang_up(s);
    double ceiling = 0.5 * (1 << (s->attempt > 5 ? 5 : s->attempt)), pause = uniform() * (ceiling > 20 ? 20 : ceiling);
    s->attempt++;
    if (after > 0 && after + uniform() > pause) pause = after + uniform();
    later(s, pause);
}

static void dial(int i) {
    struct stream *s = &S[i];
    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (s->fd < 0) { perror("socket"); exit(1); }
    struct linger lg = {1, 0};
    setsockopt(s->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s->state = CONNECTING; s->ilen = 0; s->due = 0;
    if (connect(s->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) { broken++; failed(s, 0); return; }
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.u64 = i};
    epoll_ctl(ep, EPOLL_CTL_ADD, s->fd, &ev);
}

static void ask(int i) {
    struct stream *s = &S[i];
    char b[4096];
    int l = Q.len[i] - 2;            /* without the empty line */
    if (l > (int)sizeof b - 128) { fprintf(stderr, "a request is too long\n"); exit(2); }
    memcpy(b, Q.bytes[i], l);
    if (s->cursor[0]) l += sprintf(b + l, "Last-Event-ID: %s\r\n", s->cursor);
    l += sprintf(b + l, "\r\n");
    if (send(s->fd, b, l, MSG_NOSIGNAL | MSG_DONTWAIT) != l) { broken++; failed(s, 0); return; }
    s->state = HEAD;
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = i};
    epoll_ctl(ep, EPOLL_CTL_MOD, s->fd, &ev);
}

static void line(struct stream *s, char *l) {
    if (!strncmp(l, "id: ", 4)) snprintf(s->cursor, sizeof s->cursor, "%s", l + 4);
    else if (!strcmp(l, "event: ready")) {
        if (!s->live) { s->live = 1; n_live++; s->attempt = 0; s->live_at = now_ns(); }
    } else if (!strcmp(l, "event: reset")) resets++;
    else if (!strncmp(l, "data: ", 6) && strstr(l, mark)) {
        s->events++;
        if (returning && s->events == expected) { s->done_at = now_ns(); n_done++; }
    }
}

static void head(struct stream *s, char *end) {
    int status = atoi(s->in + 9);
    if (status == 200) {
        s->state = OPEN; n_open++;
        int rest = s->ilen - (end + 4 - s->in);
        memmove(s->in, end + 4, rest);
        s->ilen = rest;
        return;
    }
    double after = 0;
    for (char *h = strchr(s->in, '\n'); h && h < end; h = strchr(h + 1, '\n'))
        if (!strncasecmp(h + 1, "retry-after:", 12)) after = atof(h + 13);
    if (status == 503) refused++; else { if (!others++) fprintf(stderr, "refused: %.*s\n", (int)(end - s->in), s->in); }
    failed(s, after);
}

static void readable(struct stream *s) {
    for (;;) {
        int room = sizeof s->in - 1 - s->ilen;
        if (room <= 0) { s->ilen = 0; room = sizeof s->in - 1; }
        ssize_t r = recv(s->fd, s->in + s->ilen, room, MSG_DONTWAIT);
        if (r < 0 && errno == EAGAIN) return;
        if (r <= 0) {
            broken++;
            if (returning) failed(s, 0); else { hang_up(s); s->due = 0; }
            return;
        }
        s->ilen += r; s->in[s->ilen] = 0;
        if (s->state == HEAD) {
            char *e = strstr(s->in, "\r\n\r\n");
            if (!e) continue;
            head(s, e);
            if (s->state != OPEN) return;
        }
        char *p = s->in, *e;
        while ((e = memchr(p, '\n', s->in + s->ilen - p))) { *e = 0; line(s, p); p = e + 1; }
        s->ilen -= p - s->in;
        memmove(s->in, p, s->ilen);
        if (r < room) return;
    }
}

static void pump(void) {
    static int next;
    uint64_t now = now_ns();
    int started = 0;
    for (int k = 0; k < n && started < 64; k++) {
        int i = next;
        next = next + 1 == n ? 0 : next + 1;
        if (S[i].state == IDLE && S[i].due && S[i].due <= now) { dial(i); started++; }
    }
    struct epoll_event ev[512];
    int got = epoll_wait(ep, ev, 512, started == 64 ? 0 : 2);
    for (int k = 0; k < got; k++) {
        struct stream *s = &S[ev[k].data.u64];
        if (s->state == CONNECTING) {
            int e = 0; socklen_t l = sizeof e;
            getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &e, &l);
            if (e || ev[k].events & (EPOLLERR | EPOLLHUP)) { broken++; failed(s, 0); }
            else if (ev[k].events & EPOLLOUT) ask(ev[k].data.u64);
        } else if (s->state != IDLE) readable(s);
    }
}

static int by_time(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    const char *file = NULL; double patience = 120;
    static struct option o[] = {{"requests", 1, 0, 'r'}, {"port", 1, 0, 'p'}, {"spread", 1, 0, 's'}, {"mark", 1, 0, 'm'}, {"patience", 1, 0, 't'}, {0}};
    for (int c; (c = getopt_long(argc, argv, "", o, NULL)) != -1;) switch (c) {
        case 'r': file = optarg; break;
        case 'p': port = atoi(optarg); break;
        case 's': spread = atof(optarg); break;
        case 'm': mark = optarg; break;
        case 't': patience = atof(optarg); break;
        default: return 2;
    }
    if (!file || !port) { fprintf(stderr, "--requests FILE and --port PORT are needed\n"); return 2; }
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    Q = requests_read(file); n = Q.n;
    S = calloc(n, sizeof *S);
    for (int i = 0; i < n; i++) S[i].fd = -1;
    ep = epoll_create1(EPOLL_CLOEXEC);
    srand(1);
    char command[64]; int pid = 0;
    while (fgets(command, sizeof command, stdin)) {
        uint64_t limit = now_ns() + (uint64_t)(patience * 1e9);
        if (!strncmp(command, "open", 4)) {
            for (int i = 0; i < n; i++) later(&S[i], i / 2000.0 * 1.0);
            while (n_live < n && now_ns() < limit) pump();
            if (n_live < n) { printf("{\"error\":\"only %d of %d streams were opened\"}\n", n_live, n); return 1; }
            puts("live"); fflush(stdout);
            /* what comes until the server is killed */
            struct pollfd in = {.fd = 0, .events = POLLIN};
            while (!poll(&in, 1, 0)) pump();
        } else if (!strncmp(command, "lost", 4)) {
            while (n_open && now_ns() < limit) pump();
            for (int i = 0; i < n; i++) { hang_up(&S[i]); S[i].due = 0; S[i].events = 0; S[i].attempt = 0; }
            puts("lost"); fflush(stdout);
        } else if (sscanf(command, "go %d %d", &pid, &expected) == 2) {
            refused = broken = resets = others = 0; returning = 1;
            struct acct a = sample(&pid, 1);
            begun = now_ns();
            for (int i = 0; i < n; i++) later(&S[i], uniform() * spread + 1e-6);
            double all_live = 0;
            while (n_done < n && now_ns() < limit) {
                pump();
                if (!all_live && n_live == n) all_live = (now_ns() - begun) / 1e9;
            }
            double all_done = (now_ns() - begun) / 1e9;
            struct acct b = sample(&pid, 1);
            uint64_t *t = calloc(n, sizeof *t), missing = 0, extra = 0;
            for (int i = 0; i < n; i++) {
                t[i] = S[i].done_at ? S[i].done_at - begun : ~0ull >> 1;
                if (S[i].events < expected) missing += expected - S[i].events; else extra += S[i].events - expected;
            }
            qsort(t, n, sizeof *t, by_time);
            printf("{\"clients\":%d,\"events_each\":%d,\"all_live_s\":%.2f,\"all_caught_up_s\":%.2f,\"p50_s\":%.2f,\"p99_s\":%.2f,"
                "\"refused\":%llu,\"broken\":%llu,\"other_answers\":%llu,\"resets\":%llu,\"missing\":%llu,\"extra\":%llu,"
                "\"cpu_ms\":%.0f,\"cpu_us_per_client\":%.1f,\"rss_mb\":%.0f}\n",
                n, expected, all_live, all_done, t[n / 2] / 1e9, t[n * 99 / 100] / 1e9, (unsigned long long)refused, (unsigned long long)broken,
                (unsigned long long)others, (unsigned long long)resets, (unsigned long long)missing, (unsigned long long)extra,
                b.cpu_ms - a.cpu_ms, (b.cpu_ms - a.cpu_ms) * 1e3 / n, b.rss_kb / 1024);
            return n_done < n;
        }
    }
    return 0;
}
