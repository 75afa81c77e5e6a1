/** Tests of who may connect, and who a peer is found to be: Unix sockets, and proxies in front of the server. */
@NullMarked
package dev.parley.tests.access;

import org.jspecify.annotations.NullMarked;
