// See tls.h. It is a file of its own, so that OpenSSL's headers and the load's own names do not meet.
#define _GNU_SOURCE
#include "tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "../native/records.h"

#define RECORD_MAX (17u << 10)
#define ARRIVING (256u << 10)

struct bytes {
  char *at;
  size_t len, cap;
};

struct tls {
  SSL *ssl;
  int fd;
  uint32_t place;
  bool ended;
  char *rest;  // records that the socket did not take
  size_t rest_len, rest_off;
  struct bytes queued, leaving;  // for an engine that sends by itself
};

static SSL_CTX *context;
static SSL_SESSION **sessions;  // of each place, the last one; NULL where none is resumed
static char arriving[ARRIVING];

static void give_up(const char *what) {
  fprintf(stderr, "load: TLS: %s\n", what);
  ERR_print_errors_fp(stderr);
  exit(2);
}

static int keep_session(SSL *ssl, SSL_SESSION *session) {
  struct tls *t = SSL_get_app_data(ssl);
  SSL_SESSION_free(sessions[t->place]);
  sessions[t->place] = session;
  return 1;
}

void tls_begin(const char *ca, bool resume, uint32_t places) {
  context = records_context(TLS_client_method());
  if (!context) give_up("no context");
  if (ca) {
    if (!SSL_CTX_load_verify_file(context, ca)) give_up(ca);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  }
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (resume) {
    sessions = calloc(places, sizeof *sessions);
    if (!sessions) give_up("out of memory");
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, keep_session);
  }
}

struct tls *tls_open(int fd, uint32_t place) {
  struct tls *t = calloc(1, sizeof *t);
  if (!t) give_up("out of memory");
  t->ssl = records_new(context);
  t->fd = fd;
  t->place = place;
  SSL_set_app_data(t->ssl, t);
  SSL_set_connect_state(t->ssl);
  if (sessions && sessions[place]) SSL_set_session(t->ssl, sessions[place]);
  return t;
}

bool tls_unsent(const struct tls *t) { return t->rest != NULL; }

bool tls_flush(struct tls *t, int flags) {
  while (t->rest) {
    ssize_t w = send(t->fd, t->rest + t->rest_off, t->rest_len - t->rest_off, MSG_NOSIGNAL | flags);
    if (w < 0) return false;
    t->rest_off += w;
    if (t->rest_off < t->rest_len) continue;
    free(t->rest);
    t->rest = NULL;
  }
  return true;
}

// Sends what is gathered, and keeps what the socket does not take; false when the connection is lost.
static bool send_gathered(struct tls *t, int flags) {
  if (!gathered_len) return true;
  ssize_t w = t->rest ? 0 : send(t->fd, gathered, gathered_len, MSG_NOSIGNAL | flags);
  if (w < 0) {
    if (errno != EAGAIN) return false;
    w = 0;
  }
  size_t left = gathered_len - w, before = t->rest ? t->rest_len : 0;
  if (left) {
    if (!before) t->rest_off = 0;
    t->rest = realloc(t->rest, before + left);
    if (!t->rest) give_up("out of memory");
    memcpy(t->rest + before, gathered + w, left);
    t->rest_len = before + left;
  }
  gathered_len = 0;
  return true;
}

static ssize_t broken(const char *what) {
  static int complaints;
  if (complaints++ < 3) {
    fprintf(stderr, "load: TLS: %s\n", what);
    ERR_print_errors_fp(stderr);
  }
  errno = EPROTO;
  return -1;
}

ssize_t tls_receive(struct tls *t, unsigned char *to, size_t room, int flags) {
  if (t->ended) return 0;
  size_t most = room < RECORD_MAX + ARRIVING ? room - RECORD_MAX : ARRIVING;
  ssize_t r = recv(t->fd, arriving, most, flags);
  if (r <= 0) return r;
  window = arriving;
  window_len = r;
  r = records_read(t->ssl, (char *)to, room, &t->ended);
  if (r < 0) return broken("what the server sent was refused");
  if (!send_gathered(t, flags)) return -1;
  if (r || t->ended) return r;
  errno = EINPROGRESS;
  return -1;
}

ssize_t tls_send(struct tls *t, const unsigned char *p, size_t n, int flags) {
  if (!tls_flush(t, flags)) return -1;
  if (!SSL_is_init_finished(t->ssl)) {
    ERR_clear_error();
    int r = SSL_do_handshake(t->ssl);
    if (r != 1 && SSL_get_error(t->ssl, r) != SSL_ERROR_WANT_READ) return broken("the handshake failed");
    if (!send_gathered(t, flags)) return -1;
    if (r != 1) {
      errno = t->rest ? EAGAIN : EINPROGRESS;
      return -1;
    }
  }
  if (SSL_write(t->ssl, p, n) != (int)n) return broken("cannot write");
  return send_gathered(t, flags) ? (ssize_t)n : -1;
}

static void queue_gathered(struct tls *t) {
  struct bytes *q = &t->queued;
  if (q->len + gathered_len > q->cap) {
    q->cap = (q->len + gathered_len) * 2;
    q->at = realloc(q->at, q->cap);
    if (!q->at) give_up("out of memory");
  }
  memcpy(q->at + q->len, gathered, gathered_len);
  q->len += gathered_len;
  gathered_len = 0;
}

ssize_t tls_decrypt(struct tls *t, const unsigned char *p, size_t n, unsigned char *to, size_t room, bool *ended) {
  window = (const char *)p;
  window_len = n;
  ssize_t r = records_read(t->ssl, (char *)to, room, ended);
  queue_gathered(t);
  return r < 0 ? broken("what the server sent was refused") : r;
}

bool tls_encrypt(struct tls *t, const unsigned char *p, size_t n) {
  if (SSL_write(t->ssl, p, n) != (int)n) return broken("cannot write") > 0;
  queue_gathered(t);
  return true;
}

const void *tls_leaving(struct tls *t, size_t *n) {
  struct bytes was = t->leaving;
  t->leaving = t->queued;
  t->queued = was;
  t->queued.len = 0;
  *n = t->leaving.len;
  return t->leaving.at;
}

bool tls_is_resumed(const struct tls *t) { return SSL_session_reused(t->ssl); }

void tls_close(struct tls *t) {
  if (SSL_is_init_finished(t->ssl) && !t->rest && SSL_shutdown(t->ssl) >= 0) send_gathered(t, MSG_DONTWAIT);
  gathered_len = 0;
  SSL_free(t->ssl);
  free(t->rest);
  free(t->queued.at);
  free(t->leaving.at);
  free(t);
}
