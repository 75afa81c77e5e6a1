/**
 * What server and client share on one connection. Open {@link dev.parley.link.MessageOutput} first: messages that are
 * ready together leave together. Not exported.
 */
@NullMarked
package dev.parley.link;

import org.jspecify.annotations.NullMarked;
