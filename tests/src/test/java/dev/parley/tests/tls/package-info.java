/** Tests of TLS between Parley and itself, and between Parley and OpenSSL. */
@NullMarked
package dev.parley.tests.tls;

import org.jspecify.annotations.NullMarked;
