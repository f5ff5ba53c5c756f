/* measure.h - what the clients measure with: a histogram of latencies, and the CPU and memory of the server's processes. */
#ifndef MEASURE_H
#define MEASURE_H
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SUBB 7                       /* histogram: 2^7 buckets per octave, <0.8 % error */
#define HN ((64 - SUBB + 1) << SUBB)

static uint32_t H[HN]; static uint64_t lat_max, lat_sum, lat_n; static uint64_t lat_min = ~0ull;

static inline void h_reset(void) { memset(H, 0, sizeof H); lat_max = lat_sum = lat_n = 0; lat_min = ~0ull; }
static inline void h_add(uint64_t v) {
    int idx;
    if (v < (1u << SUBB)) idx = v;
    else { int e = 63 - __builtin_clzll(v); idx = ((e - SUBB + 1) << SUBB) + ((v >> (e - SUBB)) & ((1 << SUBB) - 1)); }
    H[idx]++; lat_n++; lat_sum += v;
    if (v > lat_max) lat_max = v;
    if (v < lat_min) lat_min = v;
}
static double h_q(double q) {
    uint64_t want = (uint64_t)(q * lat_n), s = 0;
    if (!lat_n) return 0;
    if (want >= lat_n) want = lat_n - 1;
    for (int i = 0; i < HN; i++) {
        s += H[i];
        if (s > want) {
            if (i < (1 << SUBB)) return i / 1e3;
            int e = (i >> SUBB) + SUBB - 1; uint64_t m = (i & ((1 << SUBB) - 1)) | (1 << SUBB);
            return (double)((m << (e - SUBB)) + ((1ull << (e - SUBB)) >> 1)) / 1e3;
        }
    }
    return lat_max / 1e3;
}

/* ---- accounting of the server's processes ---- */
struct acct { double cpu_ms, user_ms, sys_ms, wait_ms; double rss_kb; };
__attribute__((unused)) static struct acct sample(const int *pp, int n) {
    struct acct a = {0};
    long hz = sysconf(_SC_CLK_TCK);
    for (int i = 0; i < n; i++) {
        char f[64], b[4096]; FILE *h;
        snprintf(f, sizeof f, "/proc/%d/stat", pp[i]);
        if ((h = fopen(f, "r"))) {
            size_t k = fread(b, 1, sizeof b - 1, h); b[k] = 0; fclose(h);
            char *p = strrchr(b, ')'); unsigned long ut = 0, st = 0;
            if (p && sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &ut, &st) == 2) {
                a.user_ms += ut * 1e3 / hz; a.sys_ms += st * 1e3 / hz;
            }
        }
        snprintf(f, sizeof f, "/proc/%d/schedstat", pp[i]);
        if ((h = fopen(f, "r"))) {
            unsigned long long run, w; if (fscanf(h, "%llu %llu", &run, &w) == 2) a.wait_ms += w / 1e6;
            fclose(h);
        }
        snprintf(f, sizeof f, "/proc/%d/status", pp[i]);
        if ((h = fopen(f, "r"))) {
            while (fgets(b, sizeof b, h)) { long kb; if (sscanf(b, "VmRSS: %ld", &kb) == 1) a.rss_kb += kb; }
            fclose(h);
        }
    }
    a.cpu_ms = a.user_ms + a.sys_ms;
    return a;
}
__attribute__((unused)) static double sock_mem_kb(void) {                              /* TCP buffer pages, machine-wide */
    FILE *h = fopen("/proc/net/sockstat", "r"); char b[256]; double v = 0; long m;
    while (h && fgets(b, sizeof b, h)) if (sscanf(b, "TCP: inuse %*d orphan %*d tw %*d alloc %*d mem %ld", &m) == 1) v = m * 4.0;
    if (h) fclose(h);
    return v;
}
__attribute__((unused)) static double slab_kb(void) {          /* the kernel's own objects, machine-wide */
    FILE *h = fopen("/proc/meminfo", "r"); char b[256]; double v = 0; long m;
    while (h && fgets(b, sizeof b, h)) if (sscanf(b, "SUnreclaim: %ld", &m) == 1) v = m;
    if (h) fclose(h);
    return v;
}
__attribute__((unused)) static void cpus(double *busy0, double *busy1, double *steal) {
    FILE *h = fopen("/proc/stat", "r"); char b[512];
    *busy0 = *busy1 = *steal = 0;
    while (h && fgets(b, sizeof b, h)) {
        unsigned long v[8]; int c;
        if (sscanf(b, "cpu%d %lu %lu %lu %lu %lu %lu %lu %lu", &c, v, v + 1, v + 2, v + 3, v + 4, v + 5, v + 6, v + 7) == 9) {
            double ms = (v[0] + v[1] + v[2] + v[5] + v[6]) * 10.0;
            if (c == 0) *busy0 = ms; else if (c == 1) *busy1 = ms;
            *steal += v[7] * 10.0;
        }
    }
    if (h) fclose(h);
}

#endif
