/**
 * The equipment of the tests: a bed that opens and closes loops, servers and clients, peers that send what a test says,
 * and other programs. Open {@link dev.parley.tests.bed.TestBed} first.
 */
@NullMarked
package dev.parley.tests.bed;

import org.jspecify.annotations.NullMarked;
