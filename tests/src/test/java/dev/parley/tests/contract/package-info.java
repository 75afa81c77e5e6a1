/**
 * Tests of one contract for every transport, through both faces. Open {@link dev.parley.tests.contract.BytesContract}
 * first; {@link dev.parley.tests.contract.Wire} lists the transports and {@link dev.parley.tests.contract.Face} the
 * faces.
 */
@NullMarked
package dev.parley.tests.contract;

import org.jspecify.annotations.NullMarked;
