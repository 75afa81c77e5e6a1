/** The client's side of one call. Open {@link dev.parley.client.PlainCall} first. */
@NullMarked
package dev.parley.client;

import org.jspecify.annotations.NullMarked;
