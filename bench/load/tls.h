// The load's side of TLS: one connection over a socket, with calls like those of a socket.
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls;

// Once, before any connection. Without ca, any certificate is accepted. With resume, each of so many places resumes the
// session that was the last one there.
void tls_begin(const char *ca, bool resume, uint32_t places);

struct tls *tls_open(int fd, uint32_t place);

// Data that came: 0 at the end, or -1 with errno: EINPROGRESS when something came that was not data, so that tls_send
// may be able to go on, or what recv says. One call takes all that the socket has, up to room.
ssize_t tls_receive(struct tls *t, unsigned char *to, size_t room, int flags);

// All of the bytes or none: -1 with errno EINPROGRESS during the handshake, EAGAIN while the socket takes no more, or
// what send says.
ssize_t tls_send(struct tls *t, const unsigned char *p, size_t n, int flags);

// Sends what the socket did not take before; false with errno when something is left.
bool tls_flush(struct tls *t, int flags);
bool tls_unsent(const struct tls *t);

// For an engine that receives and sends by itself, once the handshake is over. Data of what came, for which there must
// be room, and for a record more; -1 with errno. tls_encrypt queues records; all that are queued are to leave next, and
// stay where they are until tls_leaving is called again.
ssize_t tls_decrypt(struct tls *t, const unsigned char *p, size_t n, unsigned char *to, size_t room, bool *ended);
bool tls_encrypt(struct tls *t, const unsigned char *p, size_t n);
const void *tls_leaving(struct tls *t, size_t *n);

bool tls_is_resumed(const struct tls *t);

// Tells the server that this is the end; the socket is the caller's to close.
void tls_close(struct tls *t);
