/**
 * The steps between the accept of a connection and its report to the listener: a header of the PROXY protocol, and the
 * handshake of TLS, each in bounded time and number.
 */
@NullMarked
package dev.parley.net.accept;

import org.jspecify.annotations.NullMarked;
