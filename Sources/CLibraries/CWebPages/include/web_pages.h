#ifndef TANDEM_WEB_PAGES_H
#define TANDEM_WEB_PAGES_H

#include <stddef.h>

/// One file of the folder `Web`, as it was when the program was built.
struct tandem_web_page {
    /// Relative to that folder.
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t length;
};

/// All of them, in the order of their paths.
const struct tandem_web_page *_Nonnull tandem_web_pages(void);
size_t tandem_web_page_count(void);

#endif
