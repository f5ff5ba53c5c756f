// What Embedded Swift expects of a platform, for a module that has none: an allocator over the module's own memory, the
// four memory functions, and stand-ins for what the rules never reach. The module so imports nothing at all.

#include <stddef.h>
#include <stdint.h>

// MARK: Memory. Blocks of a power of two, each class with a list of its free ones; a game needs a few hundred kilobytes.

extern unsigned char __heap_base;

enum { pageSize = 65536, smallest = 5, classes = 32 };

// Stands right before what the caller gets, which is aligned to 16 bytes at least.
struct header {
    void *start;
    uint32_t sizeClass;
    uint32_t unused[2];
};

struct freeBlock {
    struct freeBlock *next;
};

static struct freeBlock *freeBlocks[classes];
static uintptr_t unusedFrom, unusedTo;

static void *carve(uintptr_t size) {
    if (unusedFrom == 0) {
        unusedFrom = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
        unusedTo = (uintptr_t)__builtin_wasm_memory_size(0) * pageSize;
    }
    if (unusedTo - unusedFrom < size) {
        uintptr_t missing = size - (unusedTo - unusedFrom);
        uintptr_t pages = (missing + pageSize - 1) / pageSize;
        if (__builtin_wasm_memory_grow(0, pages) == (size_t)-1) return NULL;
        unusedTo += pages * pageSize;
    }
    void *block = (void *)unusedFrom;
    unusedFrom += size;
    return block;
}

static void *allocate(size_t alignment, size_t size) {
    if (alignment < 16) alignment = 16;
    size_t whole = size + sizeof(struct header) + (alignment - 16);
    if (whole < size || whole > (size_t)1 << 30) return NULL;
    uint32_t sizeClass = smallest;
    while (((size_t)1 << sizeClass) < whole) sizeClass += 1;
    void *start = freeBlocks[sizeClass];
    if (start) {
        freeBlocks[sizeClass] = freeBlocks[sizeClass]->next;
    } else {
        start = carve((uintptr_t)1 << sizeClass);
        if (!start) return NULL;
    }
    uintptr_t given = ((uintptr_t)start + sizeof(struct header) + alignment - 1) & ~(uintptr_t)(alignment - 1);
    struct header *header = (struct header *)given - 1;
    header->start = start;
    header->sizeClass = sizeClass;
    return (void *)given;
}

void *malloc(size_t size) { return allocate(16, size); }

void free(void *given) {
    if (!given) return;
    struct header header = *((struct header *)given - 1);
    struct freeBlock *block = header.start;
    block->next = freeBlocks[header.sizeClass];
    freeBlocks[header.sizeClass] = block;
}

int posix_memalign(void **given, size_t alignment, size_t size) {
    *given = allocate(alignment, size);
    return *given ? 0 : 12;
}

// MARK: Moving bytes; with bulk memory each of these is one instruction.

void *memcpy(void *restrict to, const void *restrict from, size_t count) { return __builtin_memcpy(to, from, count); }
void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }
void *memset(void *to, int byte, size_t count) { return __builtin_memset(to, byte, count); }

int memcmp(const void *left, const void *right, size_t count) {
    const unsigned char *a = left, *b = right;
    for (; count > 0; count -= 1, a += 1, b += 1) {
        if (*a != *b) return *a < *b ? -1 : 1;
    }
    return 0;
}

size_t strlen(const char *text) {
    size_t count = 0;
    while (text[count]) count += 1;
    return count;
}

// MARK: Stand-ins.

// Seeds the hashing of sets and dictionaries. Nothing may depend on their order, and here it is always the same one.
void arc4random_buf(void *to, size_t count) { __builtin_memset(to, 0x5a, count); }

// Where the standard library would print why it traps: there is nowhere to print to.
int putchar(int character) { return character; }

// The 128-bit product of two 128-bit numbers, of which the compiler wants the low half: 64 × 64 bits with nothing lost.
void __multi3(uint64_t *result, uint64_t aLow, uint64_t aHigh, uint64_t bLow, uint64_t bHigh) {
    uint64_t a0 = aLow & 0xffffffff, a1 = aLow >> 32, b0 = bLow & 0xffffffff, b1 = bLow >> 32;
    uint64_t low = a0 * b0, middle = a1 * b0 + (low >> 32), other = a0 * b1 + (middle & 0xffffffff);
    result[0] = (other << 32) | (low & 0xffffffff);
    result[1] = a1 * b1 + (middle >> 32) + (other >> 32) + aLow * bHigh + aHigh * bLow;
}
