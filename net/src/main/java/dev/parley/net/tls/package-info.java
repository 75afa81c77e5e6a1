/**
 * TLS over any transport: {@link dev.parley.net.tls.Tls} has the settings. It uses the engine of the JDK
 * ({@code javax.net.ssl}).
 */
@NullMarked
package dev.parley.net.tls;

import org.jspecify.annotations.NullMarked;
