/* viewers.c - N viewers of a page, on one epoll thread: each holds a stream and, when an event comes that names MARKER, waits for a
 * random time that grows with how many watch, as the server says, then reads the game (or list) again, as the page does.
 *
 *   viewers --streams FILE --ports 8080[,8081] --marker TEXT [--arrivals FILE]
 *           [--fetch FILE --fetch-ports 8080[,8081] [--pool N] [--pids 1,2]]
 *
 * Both files hold a request per viewer (see http.h): to open the stream (SSE, or a WebSocket), and to read again. The latter goes over a
 * pool of kept connections, as behind a reverse proxy, and carries the stream's cursor. Events that come while a read is waiting are
 * joined with it; those that come while one is under way cause another.
 *
 * Prints `ready <seconds>` once all streams are. Then, for each line `round <text>` on stdin: `started`, and when every viewer has read
 * a response with that text, a JSON line. cpu_ms is that of all threads of the processes, in between. --arrivals gets, for each such
 * event, the number of the viewer (32 bits, little-endian) and the time in ns since 1970 (64 bits).
 */
#include "http.h"
#include "measure.h"
#include <dirent.h>
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>

#define POOL (1ull << 40)            /* tags of epoll: streams are 0.., connections of the pool POOL.. */
#define INPUT (1ull << 41)

enum { V_NEW, V_CONNECTING, V_HEAD, V_OPEN, V_READY, V_GONE };

struct viewer {
    int fd, state, raw;
    char *in; uint32_t ilen, cap;
    char cursor[80];
    double spread;                   /* the longest time to wait before reading, in ms */
    uint64_t retry_at;
    uint8_t waiting, reading, again; /* a read waits for its time or a connection; is under way; has to follow */
    uint8_t heard, done;             /* in this round */
};

static struct viewer *V;
static struct requests streams, fetches;
static struct call *C; static char (*outs)[4096]; static int *idle, nidle;
static int N, npool = 64, ports[64], nports, fetch_ports[64], nfetch, pids[64], npids, ep, inflight;
static size_t opened, ready, refused, closed;
static const char *marker;
static FILE *arrivals;
static volatile sig_atomic_t stop;
static void on_sig(int s) { (void)s; stop = 1; }

/* the round */
static char text[512]; static int playing; static uint64_t began, first_heard, last_heard;
static size_t n_heard, n_done, n_reads, n_joined, n_old, statuses[1000], n_failed; static double cpu0;

/* reads whose time has come, and those that wait for it */
static uint32_t *fifo; static size_t fifo_at, fifo_n;
static struct timer { uint64_t due; uint32_t viewer; } *heap; static size_t nheap;

static void heap_add(uint64_t due, uint32_t viewer) {
    size_t i = nheap++;
    for (; i && heap[(i - 1) / 2].due > due; i = (i - 1) / 2) heap[i] = heap[(i - 1) / 2];
    heap[i] = (struct timer){due, viewer};
}
static uint32_t heap_take(void) {
    struct timer top = heap[0], last = heap[--nheap];
    size_t i = 0;
    for (size_t c; (c = 2 * i + 1) < nheap; i = c) {
        if (c + 1 < nheap && heap[c + 1].due < heap[c].due) c++;
        if (heap[c].due >= last.due) break;
        heap[i] = heap[c];
    }
    heap[i] = last;
    return top.viewer;
}

/* CPU of all threads of the processes, in ms: exact, unlike the ticks of utime and stime. */
static double cpu_ms(void) {
    double sum = 0;
    for (int i = 0; i < npids; i++) {
        char f[300]; snprintf(f, sizeof f, "/proc/%d/task", pids[i]);
        DIR *d = opendir(f);
        for (struct dirent *e; d && (e = readdir(d));) {
            if (e->d_name[0] == '.') continue;
            snprintf(f, sizeof f, "/proc/%d/task/%s/schedstat", pids[i], e->d_name);
            FILE *h = fopen(f, "r"); unsigned long long run;
            if (h && fscanf(h, "%llu", &run) == 1) sum += run / 1e6;
            if (h) fclose(h);
        }
        if (d) closedir(d);
    }
    return sum;
}

/* ---- reading again ---- */
static void want(uint32_t i) {
    struct viewer *v = &V[i];
    if (!fetches.n) return;
    if (v->waiting) { n_joined++; return; }
    if (v->reading) { if (v->again) n_joined++; v->again = 1; return; }
    v->waiting = 1;
    if (v->spread > 0) heap_add(now_ns() + (uint64_t)(v->spread * 1e6 * (random() / 2147483648.0)), i);
    else fifo[(fifo_at + fifo_n++) % N] = i;
}

static void again_later(int k, uint32_t i) {                    /* the connection was lost */
    struct call *c = &C[k];
    n_failed++;
    V[i].reading = 0; want(i);
    close(c->fd);
    if (call_dial(c, ep, POOL | k)) { stop = 1; return; }
}

static void start_reads(void) {
    uint64_t now = nheap ? now_ns() : 0;
    while (nheap && heap[0].due <= now) { uint32_t i = heap_take(); fifo[(fifo_at + fifo_n++) % N] = i; }
    while (fifo_n && nidle) {
        uint32_t i = fifo[fifo_at]; fifo_at = (fifo_at + 1) % N; fifo_n--;
        int k = idle[--nidle];
        struct viewer *v = &V[i]; struct call *c = &C[k];
        v->waiting = 0; v->reading = 1; n_reads++;
        char *o = outs[k];
        uint32_t n = fetches.len[i] - 2;                       /* without the empty line */
        memcpy(o, fetches.bytes[i], n);
        if (v->cursor[0]) n += sprintf(o + n, "Tandem-Cursor: %s\r\n", v->cursor);
        n += sprintf(o + n, "\r\n");
        c->request = i;
        if (call_send(c, ep, POOL | k, o, n)) { again_later(k, i); idle[nidle++] = k; }
    }
}

static void read_again(int k) {
    struct call *c = &C[k]; uint32_t i = c->request; struct viewer *v = &V[i];
    c->busy = 0; v->reading = 0;
    statuses[c->status > 0 && c->status < 1000 ? c->status : 0]++;
    if (c->status == 200) {
        char *e = c->in + c->head;
        if (playing && memmem(e, c->body, text, strlen(text))) {
            if (!v->done) { v->done = 1; n_done++; h_add(now_ns() - began); }
        } else n_old++;
    } else if (statuses[c->status] < 3) fprintf(stderr, "read again: answered %d: %.*s\n", c->status, (int)(c->ilen > 600 ? 600 : c->ilen), c->in);
    if (c->close_after) { close(c->fd); if (call_dial(c, ep, POOL | k)) { stop = 1; return; } }
    idle[nidle++] = k;
    if (v->again) { v->again = 0; want(i); }
}

/* ---- streams ---- */
static void happened(uint32_t i) {
    struct viewer *v = &V[i];
    if (arrivals) {
        struct timespec ts; clock_gettime(CLOCK_REALTIME, &ts);
        uint64_t t = (uint64_t)ts.tv_sec * 1000000000ull + ts.tv_nsec;
        fwrite(&i, 4, 1, arrivals); fwrite(&t, 8, 1, arrivals);
    }
    if (playing && !v->heard) { v->heard = 1; n_heard++; last_heard = now_ns(); if (!first_heard) first_heard = last_heard; }
    want(i);
}

static void leave(uint32_t i) {
    struct viewer *v = &V[i];
    if (v->state == V_CONNECTING || v->state == V_HEAD) inflight--;
    if (v->state == V_READY) { ready--; closed++; if (closed < 4) fprintf(stderr, "viewer %u lost its stream: %.*s\n", i, (int)v->ilen, v->in); }
    close(v->fd); v->state = V_GONE; v->retry_at = 0;
}

static void dial(uint32_t i) {
    struct viewer *v = &V[i];
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (v->fd < 0) { perror("socket"); exit(2); }
    struct linger lg = {1, 0};                                 /* no TIME_WAIT left behind */
    setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(ports[i % nports]), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    v->state = V_CONNECTING; v->ilen = 0; inflight++;
    if (connect(v->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) { leave(i); return; }
    struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT, .data.u64 = i};
    epoll_ctl(ep, EPOLL_CTL_ADD, v->fd, &ev);
}

static void greeted(uint32_t i) { if (V[i].state != V_READY) { V[i].state = V_READY; ready++; } }

/* As in Web/sdk/crowd.js. */
static double spread(int watching) { return watching <= 20 ? 0 : watching * 0.1 < 3000 ? watching * 0.1 : 3000; }

static void block(uint32_t i, char *b, size_t n) {              /* one event of an event stream */
    struct viewer *v = &V[i];
    char *data = memmem(b, n, "data: ", 6), *id = n > 3 && !strncmp(b, "id:", 3) ? b : memmem(b, n, "\nid:", 4);
    if (id) {
        id += *id == '\n' ? 4 : 3; id += *id == ' ';
        size_t l = 0; while (id + l < b + n && id[l] != '\n' && id[l] != '\r') l++;
        if (l < sizeof v->cursor) { memcpy(v->cursor, id, l); v->cursor[l] = 0; }
    }
    if (!data) return;
    char *watching = memmem(data, b + n - data, "\"watching\":", 11);
    if (watching) v->spread = spread(atoi(watching + 11));
    if (memmem(b, n, "event: ready", 12)) greeted(i);
    else if (memmem(data, b + n - data, marker, strlen(marker))) happened(i);
}

static void take(uint32_t i) {
    struct viewer *v = &V[i];
    if (v->cap - v->ilen < 2048) { v->cap = v->cap ? v->cap * 2 : 4096; v->in = realloc(v->in, v->cap); }
    ssize_t r = recv(v->fd, v->in + v->ilen, v->cap - v->ilen - 1, MSG_DONTWAIT);
    if (r == 0 || (r < 0 && errno != EAGAIN)) { leave(i); return; }
    if (r < 0) return;
    v->ilen += r; v->in[v->ilen] = 0;
    char *p = v->in, *end = v->in + v->ilen;
    if (v->state == V_HEAD) {
        char *e = memmem(p, v->ilen, "\r\n\r\n", 4);
        if (!e) return;
        int status = v->ilen > 12 ? atoi(p + 9) : 0;
        if (status != 200 && status != 101) {
            char *after = strcasestr(p, "\nretry-after:");
            if (refused++ < 3) fprintf(stderr, "viewer %u refused: %.*s\n", i, (int)(v->ilen > 600 ? 600 : v->ilen), p);
            leave(i);
            if (status == 503 && after) v->retry_at = now_ns() + (uint64_t)((atof(after + 13) + random() / 2147483648.0) * 1e9);
            return;
        }
        v->raw = status == 101; v->state = V_OPEN; opened++; inflight--;
        p = e + 4;
    }
    if (v->raw) {                                              /* a WebSocket's messages come unmasked: what is looked for stands in them as it is */
        if (v->state == V_OPEN && memmem(p, end - p, "\"ready\"", 7)) greeted(i);
        size_t m = strlen(marker);
        for (char *h; (h = memmem(p, end - p, marker, m)); p = h + m) happened(i);
        if ((size_t)(end - p) > m) p = end - m + 1;
    } else for (char *e; (e = memmem(p, end - p, "\n\n", 2)); p = e + 2) block(i, p, e - p);
    v->ilen = end - p;
    memmove(v->in, p, v->ilen);
}

static void stream_event(uint32_t i, uint32_t events) {
    struct viewer *v = &V[i];
    if (v->state == V_CONNECTING) {
        int e = 0; socklen_t l = sizeof e;
        getsockopt(v->fd, SOL_SOCKET, SO_ERROR, &e, &l);
        if (e || events & (EPOLLERR | EPOLLHUP)) { fprintf(stderr, "viewer %u cannot connect: %s\n", i, strerror(e)); leave(i); return; }
        if (!(events & EPOLLOUT)) return;
        if (send(v->fd, streams.bytes[i], streams.len[i], MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)streams.len[i]) { leave(i); return; }
        v->state = V_HEAD;
        struct epoll_event ev = {.events = EPOLLIN, .data.u64 = i};
        epoll_ctl(ep, EPOLL_CTL_MOD, v->fd, &ev);
        return;
    }
    if (v->state != V_GONE) take(i);
}

/* ---- rounds ---- */
static void command(char *line) {
    if (strncmp(line, "round ", 6)) return;
    snprintf(text, sizeof text, "%s", line + 6);
    for (int i = 0; i < N; i++) V[i].heard = V[i].done = 0;
    n_heard = n_done = n_reads = n_joined = n_old = n_failed = 0; memset(statuses, 0, sizeof statuses);
    first_heard = last_heard = 0; h_reset();
    cpu0 = cpu_ms(); began = now_ns(); playing = 1;
    printf("started\n"); fflush(stdout);
}

static void finish(void) {
    uint64_t now = now_ns(); double cpu = cpu_ms() - cpu0;
    playing = 0;
    printf("{\"viewers\":%zu,\"done\":%zu,\"heard\":%zu,\"secs\":%.3f,\"first_event_ms\":%.2f,\"last_event_ms\":%.2f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,"
        "\"cpu_ms\":%.2f,\"cpu_us_per_viewer\":%.2f,\"reads\":%zu,\"joined\":%zu,\"old\":%zu,\"failed\":%zu,\"lost\":%zu,\"statuses\":{",
        ready, n_done, n_heard, (now - began) / 1e9, first_heard ? (first_heard - began) / 1e6 : 0, first_heard ? (last_heard - began) / 1e6 : 0,
        h_q(.5) / 1e3, h_q(.99) / 1e3, lat_max / 1e6, cpu, n_done ? cpu * 1e3 / n_done : 0, n_reads, n_joined, n_old, n_failed, closed);
    for (int s = 0, first = 1; s < 1000; s++) if (statuses[s]) { printf("%s\"%d\":%zu", first ? "" : ",", s, statuses[s]); first = 0; }
    printf("}}\n"); fflush(stdout);
}

static int numbers(const char *list, int *into, int limit) {
    int n = 0;
    for (char *p = (char *)list; *p && n < limit;) { into[n++] = strtol(p, &p, 10); while (*p == ',' || *p == ' ') p++; }
    return n;
}

int main(int argc, char **argv) {
    const char *file = NULL, *fetch = NULL;
    double timeout = 60;
    static struct option o[] = {
        {"streams", 1, 0, 's'}, {"ports", 1, 0, 'p'}, {"marker", 1, 0, 'm'}, {"arrivals", 1, 0, 'a'}, {"fetch", 1, 0, 'f'}, {"fetch-ports", 1, 0, 'F'},
        {"pool", 1, 0, 'n'}, {"pids", 1, 0, 'P'}, {"timeout", 1, 0, 't'}, {0}};
    for (int ch; (ch = getopt_long(argc, argv, "", o, NULL)) != -1;) switch (ch) {
        case 's': file = optarg; break;
        case 'p': nports = numbers(optarg, ports, 64); break;
        case 'm': marker = optarg; break;
        case 'a': if (!(arrivals = fopen(optarg, "w"))) { perror(optarg); return 2; } break;
        case 'f': fetch = optarg; break;
        case 'F': nfetch = numbers(optarg, fetch_ports, 64); break;
        case 'n': npool = atoi(optarg); break;
        case 'P': npids = numbers(optarg, pids, 64); break;
        case 't': timeout = atof(optarg); break;
        default: return 2;
    }
    if (!file || !nports || !marker || (fetch && !nfetch)) { fprintf(stderr, "--streams, --ports and --marker are needed\n"); return 2; }
    signal(SIGINT, on_sig); signal(SIGTERM, on_sig); signal(SIGPIPE, SIG_IGN);
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    streams = requests_read(file);
    if (fetch) fetches = requests_read(fetch);
    N = streams.n;
    if (!N || (fetch && fetches.n != streams.n)) { fprintf(stderr, "a request is needed for each viewer\n"); return 2; }
    for (size_t i = 0; i < fetches.n; i++) if (fetches.len[i] > sizeof *outs - 256) { fprintf(stderr, "request %zu is too long\n", i); return 2; }
    V = calloc(N, sizeof *V); fifo = calloc(N, sizeof *fifo); heap = calloc(N, sizeof *heap);
    ep = epoll_create1(EPOLL_CLOEXEC);
    if (fetch) {
        C = calloc(npool, sizeof *C); outs = calloc(npool, sizeof *outs); idle = calloc(npool, sizeof *idle);
        for (int k = 0; k < npool; k++) {
            C[k].port = fetch_ports[k % nfetch];
            if (call_dial(&C[k], ep, POOL | k)) return 1;
            idle[nidle++] = k;
        }
    }
    fcntl(0, F_SETFL, O_NONBLOCK);
    struct epoll_event in = {.events = EPOLLIN, .data.u64 = INPUT};
    epoll_ctl(ep, EPOLL_CTL_ADD, 0, &in);

    uint64_t t0 = now_ns(), looked = 0; int announced = 0, next = 0;
    char line[512]; size_t nline = 0;
    while (!stop) {
        uint64_t now = now_ns();
        while (next < N && inflight < 128) dial(next++);
        if (refused && now - looked > 50000000) {
            looked = now;
            for (int i = 0; i < N; i++) if (V[i].retry_at && V[i].retry_at <= now && inflight < 128) { V[i].retry_at = 0; dial(i); }
        }
        if (!announced && ready == (size_t)N) { announced = 1; printf("ready %.3f\n", (now - t0) / 1e9); fflush(stdout); }
        if (!announced && now - t0 > 120e9) { fprintf(stderr, "only %zu of %d streams are ready\n", ready, N); return 1; }
        start_reads();
        if (playing && (n_done == ready || now - began > timeout * 1e9)) finish();
        struct epoll_event ev[512];
        int n = epoll_wait(ep, ev, 512, nheap || refused || playing ? 1 : 50);
        for (int k = 0; k < n; k++) {
            uint64_t u = ev[k].data.u64;
            if (u == INPUT) {
                ssize_t r = read(0, line + nline, sizeof line - 1 - nline);
                if (r == 0) { stop = 1; break; }
                if (r > 0) nline += r;
                for (char *e; (e = memchr(line, '\n', nline));) {
                    *e = 0; command(line);
                    nline -= e + 1 - line; memmove(line, e + 1, nline);
                }
            } else if (u & POOL) {
                int c = u & ~POOL, r = call_event(&C[c], ep, u, ev[k].events);
                if (r > 0) read_again(c);
                else if (r < 0 && C[c].busy) { again_later(c, C[c].request); idle[nidle++] = c; }
                else if (r < 0) { close(C[c].fd); if (call_dial(&C[c], ep, u)) stop = 1; }
            } else stream_event(u, ev[k].events);
        }
        if (arrivals) fflush(arrivals);
    }
    return 0;
}
