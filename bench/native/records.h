// TLS over memory by OpenSSL, for a program of one thread. What came from a socket is a window that all connections
// share, and what OpenSSL writes is gathered. So a wakeup costs one recv and one send, however many records they have.
// Only TLS 1.3 with TLS_AES_128_GCM_SHA256, and X25519 or P-256: what is compared must do the same work.
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

static const char *window;  // what came and was not read yet
static size_t window_len;
static char *gathered;  // what is to be sent
static size_t gathered_len, gathered_cap;
static BIO_METHOD *memory;

static int window_read(BIO *b, char *to, int n) {
  BIO_clear_retry_flags(b);
  if (!window_len) {
    BIO_set_retry_read(b);
    return -1;
  }
  if ((size_t)n > window_len) n = window_len;
  memcpy(to, window, n);
  window += n;
  window_len -= n;
  return n;
}

static int gather(BIO *b, const char *from, int n) {
  (void)b;
  if (gathered_len + n > gathered_cap) {
    gathered_cap = (gathered_len + n) * 2;
    gathered = realloc(gathered, gathered_cap);
    if (!gathered) abort();
  }
  memcpy(gathered + gathered_len, from, n);
  gathered_len += n;
  return n;
}

static long memory_ctrl(BIO *b, int command, long n, void *p) {
  (void)b, (void)n, (void)p;
  return command == BIO_CTRL_FLUSH;
}

static int memory_create(BIO *b) {
  BIO_set_init(b, 1);
  return 1;
}

// Returns NULL when OpenSSL refuses.
static SSL_CTX *records_context(const SSL_METHOD *method) {
  SSL_CTX *x = SSL_CTX_new(method);
  memory = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "memory");
  if (!x || !memory) return NULL;
  BIO_meth_set_read(memory, window_read);
  BIO_meth_set_write(memory, gather);
  BIO_meth_set_ctrl(memory, memory_ctrl);
  BIO_meth_set_create(memory, memory_create);
  SSL_CTX_set_mode(x, SSL_MODE_RELEASE_BUFFERS);  // or an idle connection would hold 34 KiB
  bool right = SSL_CTX_set_min_proto_version(x, TLS1_3_VERSION) &&
               SSL_CTX_set_ciphersuites(x, "TLS_AES_128_GCM_SHA256") && SSL_CTX_set1_groups_list(x, "X25519:P-256");
  return right ? x : NULL;
}

static SSL *records_new(SSL_CTX *x) {
  SSL *s = SSL_new(x);
  BIO *b = BIO_new(memory);
  if (!s || !b) abort();
  SSL_set_bio(s, b, b);
  return s;
}

// Reads the data of all records in the window, as far as they are whole; the rest stays with OpenSSL. It also goes on
// with the handshake. There must be room for the window and a record. Returns -1 at an error, and sets *ended at the
// peer's end.
static ssize_t records_read(SSL *s, char *to, size_t room, bool *ended) {
  size_t n = 0;
  while (window_len || SSL_pending(s)) {
    ERR_clear_error();
    int r = SSL_read(s, to + n, room - n);
    if (r > 0) {
      n += r;
      continue;
    }
    int e = SSL_get_error(s, r);
    if (e == SSL_ERROR_ZERO_RETURN) *ended = true;
    else if (e != SSL_ERROR_WANT_READ) return -1;
    else if (window_len) continue;
    break;
  }
  return n;
}
