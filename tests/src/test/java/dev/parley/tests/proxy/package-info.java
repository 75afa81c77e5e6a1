/** Tests of the test kit's faulty proxy: each thing that it does to a connection, through real sockets. */
@NullMarked
package dev.parley.tests.proxy;

import org.jspecify.annotations.NullMarked;
