#pragma once

// Only the codec is used: hiredis' own sockets would look up names on the calling thread and can't encrypt.
#if __has_include(<hiredis/read.h>)
#include <hiredis/hiredis.h>
#else
#include <hiredis.h>
#endif
