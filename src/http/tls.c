/* The certificate and its key: read and checked here, used by MHD. */
#include "http/internal.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <talloc.h>

enum { FILE_MAX_BYTES = 256 << 10 };

/* One of the two files. */
struct part {
    const char *what, *path, *place;
};

static bool raise_about(const struct part *part, struct error *error, struct error **ret_err)
{
    if (part->place)
        error->message = talloc_asprintf(error, "%s: %s", part->place, error->message);
    return error_raise(ret_err, error);
}

static char *read_file(const void *ctx, const struct part *part, struct error **ret_err)
{
    char *text = talloc_zero_size(ctx, FILE_MAX_BYTES + 1);
    FILE *file = fopen(part->path, "re");
    size_t len = file ? fread(text, 1, FILE_MAX_BYTES + 1, file) : 0;
    int failure = !file || ferror(file) ? errno : 0;
    if (file)
        fclose(file);
    if (failure == 0 && len <= FILE_MAX_BYTES && strlen(text) == len && len > 0)
        return text;
    struct error *error = failure
                              ? error_create(ctx, ERROR_CONFIG, "cannot read the %s %s: %s",
                                    part->what, part->path, strerror(failure))
                              : error_hint(error_create(ctx, ERROR_CONFIG,
                                               "the %s %s is no PEM file", part->what, part->path),
                                    "PEM files begin with \"-----BEGIN\"");
    explicit_bzero(text, FILE_MAX_BYTES);
    talloc_free(text);
    raise_about(part, error, ret_err);
    return NULL;
}

static bool check_certificate(const void *ctx, const struct part *part, const gnutls_datum_t *text,
    struct error **ret_err)
{
    gnutls_x509_crt_t *chain;
    unsigned count;
    int rc = gnutls_x509_crt_list_import2(&chain, &count, text, GNUTLS_X509_FMT_PEM, 0);
    if (rc < 0)
        return raise_about(part,
            error_detail(
                error_create(ctx, ERROR_CONFIG, "cannot use the %s %s", part->what, part->path),
                "GnuTLS says: %s", gnutls_strerror(rc)),
            ret_err);
    while (count > 0)
        gnutls_x509_crt_deinit(chain[--count]);
    gnutls_free(chain);
    return true;
}

static struct error *key_error(const void *ctx, int rc, const struct part *key, const char *text,
    const char *certificate_file)
{
    if (strstr(text, "ENCRYPTED"))
        return error_hint(
            error_create(ctx, ERROR_CONFIG, "the %s %s is encrypted", key->what, key->path),
            "decrypt it: openssl pkey -in %s -out NEW-FILE", key->path);
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return error_hint(error_create(ctx, ERROR_CONFIG,
                              "the %s %s does not belong to the certificate %s", key->what,
                              key->path, certificate_file),
            "the first certificate in the file must be the server's own");
    return error_detail(
        error_create(ctx, ERROR_CONFIG, "cannot use the %s %s", key->what, key->path),
        "GnuTLS says: %s", gnutls_strerror(rc));
}

/* Whether the two are a pair. */
static bool check_key(const void *ctx, const struct part *part, const gnutls_datum_t *certificate,
    const gnutls_datum_t *key, const char *certificate_file, struct error **ret_err)
{
    gnutls_certificate_credentials_t credentials;
    gnutls_certificate_allocate_credentials(&credentials);
    int rc = gnutls_certificate_set_x509_key_mem2(credentials, certificate, key,
        GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_certificate_free_credentials(credentials);
    return rc >= 0 ||
           raise_about(part, key_error(ctx, rc, part, (const char *)key->data, certificate_file),
               ret_err);
}

static gnutls_datum_t datum(char *text)
{
    return (gnutls_datum_t){(unsigned char *)text, (unsigned)strlen(text)};
}

bool http_tls_load(const void *ctx, const struct http_options *options, char **ret_certificate,
    char **ret_key, struct error **ret_err)
{
    const struct part certificate_part = {"TLS certificate", options->certificate_file,
        options->certificate_place};
    const struct part key_part = {"TLS key", options->key_file, options->key_place};
    if (!options->key_file)
        return error_raise(ret_err,
            error_create(ctx, ERROR_CONFIG, "there is a TLS certificate, but no key"));
    char *certificate = read_file(ctx, &certificate_part, ret_err);
    char *key = certificate ? read_file(ctx, &key_part, ret_err) : NULL;
    if (!key) {
        talloc_free(certificate);
        return false;
    }
    gnutls_datum_t certificate_text = datum(certificate), key_text = datum(key);
    if (!check_certificate(ctx, &certificate_part, &certificate_text, ret_err) ||
        !check_key(ctx, &key_part, &certificate_text, &key_text, options->certificate_file,
            ret_err)) {
        explicit_bzero(key, strlen(key));
        talloc_free(key);
        talloc_free(certificate);
        return false;
    }
    *ret_certificate = certificate;
    *ret_key = key;
    return true;
}
