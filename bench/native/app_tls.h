// TLS for app_epoll.c. A wakeup's records are decrypted first, and its answers leave as records behind one another.
#include "records.h"

static SSL_CTX *tls;
static SSL *ssls[MAXFD];
static char pb[BUF + (32 << 10)];  // the data of one recv, and of the record that began before it

static void opened(int fd) {
  ssls[fd] = records_new(tls);
  SSL_set_accept_state(ssls[fd]);
}

// Tells the peer that this is the end, as it would report a cut connection otherwise.
static void closing(int fd) {
  gathered_len = 0;
  SSL_shutdown(ssls[fd]);
  if (gathered_len && (!sts[fd] || !sts[fd]->outlen)) send(fd, gathered, gathered_len, MSG_NOSIGNAL);
  SSL_free(ssls[fd]);
  ssls[fd] = NULL;
}

// The data of what came; -1 when the peer has ended, or did something wrong. What OpenSSL has to say is gathered.
static ssize_t unsealed(int fd, const char **p, ssize_t n) {
  bool ended = false;
  gathered_len = 0;
  window = *p;
  window_len = n;
  *p = pb;
  n = records_read(ssls[fd], pb, sizeof pb, &ended);
  if (n < 0) {
    if (gathered_len) send(fd, gathered, gathered_len, MSG_NOSIGNAL);  // the alert
    ERR_print_errors_fp(stderr);
  }
  return ended ? -1 : n;
}

// Makes records of the answers, behind what is gathered; they are what is sent then.
static void seal(int fd) {
  if (olen) SSL_write(ssls[fd], ob, olen);  // into memory, so all of it
  char *was = ob;
  size_t cap = ocap;
  ob = gathered;
  olen = gathered_len;
  ocap = gathered_cap;
  gathered = was;
  gathered_cap = cap;
}

static int prepare(int argc, char **argv) {
  tls = records_context(TLS_server_method());
  if (argc == 4 && tls && SSL_CTX_use_certificate_chain_file(tls, argv[2]) &&
      SSL_CTX_use_PrivateKey_file(tls, argv[3], SSL_FILETYPE_PEM) && SSL_CTX_set_num_tickets(tls, 1))
    return 0;
  fprintf(stderr, "usage: app_epoll_tls PORT CERTIFICATE KEY\n");
  ERR_print_errors_fp(stderr);
  return 1;
}
