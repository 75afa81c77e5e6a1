/** Certificates for development: {@code parley cert} makes them, and {@code --tls-dev} uses them. */
@NullMarked
package dev.parley.cli.cert;

import org.jspecify.annotations.NullMarked;
