#pragma once

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros that Swift can't import.

static inline int tandem_SSL_CTX_set_min_proto_version(SSL_CTX *context, int version) {
    return (int)SSL_CTX_set_min_proto_version(context, version);
}
static inline void tandem_SSL_CTX_set_mode(SSL_CTX *context, long mode) { SSL_CTX_set_mode(context, mode); }
static inline void tandem_SSL_CTX_forbid_renegotiation_and_compression(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
}
static inline int tandem_SSL_set_tlsext_host_name(SSL *ssl, const char *name) {
    return (int)SSL_set_tlsext_host_name(ssl, name);
}
static inline size_t tandem_BIO_get_mem_data(BIO *bio, const unsigned char **data) {
    char *start = NULL;
    long count = BIO_get_mem_data(bio, &start);
    *data = (const unsigned char *)start;
    return count > 0 ? (size_t)count : 0;
}
static inline void tandem_BIO_reset(BIO *bio) { (void)BIO_reset(bio); }
static inline void tandem_BIO_set_mem_eof_return(BIO *bio, int value) { BIO_set_mem_eof_return(bio, value); }
static const int tandem_X509_V_OK = X509_V_OK;
