/* The certificate and its key: read and checked here, used by MHD. */
#include "http/internal.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { FILE_MAX_BYTES = 256 << 10 };

static char *read_file(const void *ctx, const char *what, const char *path, struct error **ret_err)
{
    char *text = talloc_zero_size(ctx, FILE_MAX_BYTES + 1);
    FILE *file = fopen(path, "re");
    size_t len = file ? fread(text, 1, FILE_MAX_BYTES + 1, file) : 0;
    int failure = !file || ferror(file) ? errno : 0;
    if (file)
        fclose(file);
    if (failure == 0 && len <= FILE_MAX_BYTES && strlen(text) == len && len > 0)
        return text;
    struct error *error =
        failure
            ? error_create(ctx, ERROR_CONFIG, "cannot read the %s %s: %s", what, path,
                  strerror(failure))
            : error_hint(error_create(ctx, ERROR_CONFIG, "the %s %s is no PEM file", what, path),
                  "PEM files begin with \"-----BEGIN\"");
    explicit_bzero(text, FILE_MAX_BYTES);
    talloc_free(text);
    error_raise(ret_err, error);
    return NULL;
}

static struct error *pair_error(const void *ctx, int rc, const char *certificate_file,
    const char *key_file, const char *key)
{
    if (strstr(key, "ENCRYPTED"))
        return error_hint(error_create(ctx, ERROR_CONFIG, "the TLS key %s is encrypted", key_file),
            "decrypt it: openssl pkey -in %s -out NEW-FILE", key_file);
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return error_hint(error_create(ctx, ERROR_CONFIG,
                              "the TLS key %s does not belong to the certificate %s", key_file,
                              certificate_file),
            "the first certificate in the file must be the server's own");
    return error_detail(error_create(ctx, ERROR_CONFIG,
                            "cannot use the TLS certificate %s with the key %s", certificate_file,
                            key_file),
        "GnuTLS says: %s", gnutls_strerror(rc));
}

bool http_tls_load(const void *ctx, const char *certificate_file, const char *key_file,
    char **ret_certificate, char **ret_key, struct error **ret_err)
{
    if (!key_file)
        return error_raise(ret_err,
            error_create(ctx, ERROR_CONFIG, "there is a TLS certificate, but no key"));
    char *certificate = read_file(ctx, "TLS certificate", certificate_file, ret_err);
    char *key = certificate ? read_file(ctx, "TLS key", key_file, ret_err) : NULL;
    if (!key) {
        talloc_free(certificate);
        return false;
    }
    gnutls_certificate_credentials_t credentials;
    gnutls_certificate_allocate_credentials(&credentials);
    gnutls_datum_t certificate_text = {(unsigned char *)certificate, (unsigned)strlen(certificate)};
    gnutls_datum_t key_text = {(unsigned char *)key, (unsigned)strlen(key)};
    int rc = gnutls_certificate_set_x509_key_mem2(credentials, &certificate_text, &key_text,
        GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials(credentials);
    if (rc < 0) {
        struct error *error = pair_error(ctx, rc, certificate_file, key_file, key);
        explicit_bzero(key, strlen(key));
        talloc_free(key);
        talloc_free(certificate);
        return error_raise(ret_err, error);
    }
    *ret_certificate = certificate;
    *ret_key = key;
    return true;
}
