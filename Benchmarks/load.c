/* load.c - sends prepared requests over N keep-alive connections, one outstanding on each, on one epoll thread.
 *
 *   load --requests FILE --ports 8080[,8081] --conns N [--secs S] [--warm S] [--once | --all] [--answers FILE] [--pids 1,2]
 *        [--rate R] [--spin]
 *
 * Requests are sent in the order of the file, over and over; with --once each at most once. --all sends each once and ends
 * with the last response. With --rate that many are begun a second, late ones as soon as a connection is free. SIGTERM ends it early.
 * Connections are shared out among the ports. Prints a JSON line: only responses with a status of 2xx that arrive within the measured
 * time count as done. --answers writes all responses: number of the request and length (32 bits each, little-endian), then the
 * response with its head.
 */
#include "http.h"
#include "measure.h"
#include <getopt.h>
#include <signal.h>
#include <sys/resource.h>

static struct requests Q;
static struct call *C;
static int N = 1, ports[64], nports, pids[64], npids, ep, once, all, spin, measuring;
static size_t next_request;
static uint64_t done, refused, statuses[1000], failures, outstanding, mark;
static FILE *answers;
static volatile sig_atomic_t stop;
static void on_sig(int s) { (void)s; stop = 1; }

static int numbers(const char *text, int *into, int limit) {
    int n = 0;
    for (char *p = (char *)text; *p && n < limit;) { into[n++] = strtol(p, &p, 10); while (*p == ',' || *p == ' ') p++; }
    return n;
}

static double rate; static uint64_t next_at; static int *idle, nidle;   /* with a rate, connections without a request */

static int has_more(void) { return !(once || all) || next_request < Q.n; }

static void fail(int i) {
    struct call *c = &C[i];
    if (c->busy) { outstanding--; if (measuring) failures++; }
    if (c->fd >= 0) close(c->fd);
    if (call_dial(c, ep, i)) stop = 1;
}

static void next(int i) {
    struct call *c = &C[i];
    if (!has_more()) return;
    if (rate > 0) {
        if (now_ns() < next_at) { idle[nidle++] = i; return; }
        next_at += (uint64_t)(1e9 / rate);
    }
    c->request = next_request++ % Q.n;
    outstanding++;
    if (call_send(c, ep, i, Q.bytes[c->request], Q.len[c->request])) fail(i);
}

static void answered(int i, int sending) {
    struct call *c = &C[i];
    uint64_t now = now_ns();
    c->busy = 0; outstanding--;
    if (measuring) {
        statuses[c->status > 0 && c->status < 1000 ? c->status : 0]++;
        mark = now;
        if (c->status >= 200 && c->status < 300) { done++; h_add(now - c->sent_at); }
        else if (!answers && refused++ < 3) fprintf(stderr, "answered %d: %.*s\n", c->status, (int)(c->ilen > 600 ? 600 : c->ilen), c->in);
    }
    if (answers) {
        uint32_t head[2] = {c->request, c->ilen};
        fwrite(head, sizeof head, 1, answers); fwrite(c->in, c->ilen, 1, answers);
    }
    if (c->close_after) fail(i);
    if (sending) next(i);
}

/* Until `end`, or with nothing left to do. */
static void run(uint64_t end, int sending) {
    if (rate > 0 && !next_at) next_at = now_ns();
    nidle = 0;
    if (sending) for (int i = 0; i < N; i++) if (!C[i].busy) next(i);
    while (!stop) {
        uint64_t now = now_ns();
        if (now >= end || (!outstanding && (!sending || !has_more()))) return;
        while (sending && nidle && now >= next_at && has_more()) next(idle[--nidle]);
        struct epoll_event ev[256];
        int n = epoll_wait(ep, ev, 256, spin ? 0 : rate > 0 ? 1 : (end - now) / 1000000 < 20 ? (int)((end - now) / 1000000) : 20);
        for (int k = 0; k < n; k++) {
            int i = ev[k].data.u64, r = call_event(&C[i], ep, i, ev[k].events);
            if (r < 0) { int was = C[i].busy; fail(i); if (was && sending) next(i); }
            else if (r) answered(i, sending);
        }
    }
}

int main(int argc, char **argv) {
    const char *file = NULL;
    double secs = 3, warm = 0;
    static struct option o[] = {
        {"requests", 1, 0, 'r'}, {"ports", 1, 0, 'p'}, {"conns", 1, 0, 'n'}, {"secs", 1, 0, 's'}, {"warm", 1, 0, 'w'}, {"once", 0, 0, 'o'},
        {"all", 0, 0, 'a'}, {"answers", 1, 0, 'A'}, {"pids", 1, 0, 'P'}, {"spin", 0, 0, 'z'}, {"rate", 1, 0, 'R'}, {0}};
    for (int ch; (ch = getopt_long(argc, argv, "", o, NULL)) != -1;) switch (ch) {
        case 'r': file = optarg; break;
        case 'p': nports = numbers(optarg, ports, 64); break;
        case 'n': N = atoi(optarg); break;
        case 's': secs = atof(optarg); break;
        case 'w': warm = atof(optarg); break;
        case 'o': once = 1; break;
        case 'a': all = 1; break;
        case 'A': answers = fopen(optarg, "w"); break;
        case 'P': npids = numbers(optarg, pids, 64); break;
        case 'z': spin = 1; break;
        case 'R': rate = atof(optarg); break;
        default: return 2;
    }
    if (!file || !nports || N < 1) { fprintf(stderr, "--requests, --ports and --conns are needed\n"); return 2; }
    if (secs > 120) secs = 120;
    signal(SIGINT, on_sig); signal(SIGTERM, on_sig); signal(SIGPIPE, SIG_IGN);
    struct rlimit rl; getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl);
    Q = requests_read(file);
    if (!Q.n) { fprintf(stderr, "%s has no request\n", file); return 2; }
    C = calloc(N, sizeof *C); idle = calloc(N, sizeof *idle);
    ep = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < N; i++) {
        C[i].port = ports[i % nports];
        if (call_dial(&C[i], ep, i)) { printf("{\"error\":\"cannot connect\"}\n"); return 1; }
    }
    if (warm > 0 && !all) run(now_ns() + (uint64_t)(warm * 1e9), 1);
    int self = getpid();
    struct acct a0 = sample(pids, npids), m0 = sample(&self, 1);
    uint64_t t0 = now_ns();
    measuring = 1; mark = t0;
    run(all ? t0 + 600000000000ull : t0 + (uint64_t)(secs * 1e9), 1);
    measuring = 0;
    uint64_t t1 = now_ns();
    struct acct a1 = sample(pids, npids), m1 = sample(&self, 1);
    int exhausted = !all && once && !has_more();
    spin = 0;
    run(now_ns() + 30000000000ull, 0);
    if (answers) fclose(answers);
    if (exhausted || all) t1 = mark;
    double took = (t1 - t0) / 1e9, cpu = a1.cpu_ms - a0.cpu_ms, mine = m1.cpu_ms - m0.cpu_ms;
    uint64_t other = 0;
    printf("{\"conns\":%d,\"secs\":%.3f,\"done\":%llu,\"per_s\":%.1f,\"statuses\":{", N, took, (unsigned long long)done, took > 0 ? done / took : 0);
    for (int s = 0, first = 1; s < 1000; s++) if (statuses[s]) {
        printf("%s\"%d\":%llu", first ? "" : ",", s, (unsigned long long)statuses[s]);
        first = 0;
        if (s < 200 || s > 299) other += statuses[s];
    }
    printf("},\"other\":%llu,\"failures\":%llu,\"unanswered\":%llu,\"exhausted\":%s,", (unsigned long long)other, (unsigned long long)failures, (unsigned long long)outstanding, exhausted ? "true" : "false");
    printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,\"mean_us\":%.1f,", h_q(.5), h_q(.99), lat_max / 1e3, lat_n ? lat_sum / 1e3 / lat_n : 0);
    printf("\"cpu_ms\":%.0f,\"cpu_user_ms\":%.0f,\"cpu_sys_ms\":%.0f,\"cpu_us_per_request\":%.2f,\"srv_busy\":%.3f,\"srv_rss_kb\":%.0f,\"cli_busy\":%.3f}\n",
        cpu, a1.user_ms - a0.user_ms, a1.sys_ms - a0.sys_ms, done ? cpu * 1e3 / done : 0, took > 0 ? cpu / 1e3 / took : 0, a1.rss_kb, took > 0 ? mine / 1e3 / took : 0);
    return failures || outstanding ? 1 : 0;
}
