/**
 * What server and client share on one connection. Open {@link dev.parley.link.MessageOutput} first.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
