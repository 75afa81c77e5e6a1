/** What needs the test kit: the transport contract, interoperability, and the rules of the source tree. */
@NullMarked
package dev.parley.tests;

import org.jspecify.annotations.NullMarked;
