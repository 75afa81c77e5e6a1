/** Parts of a message's way, measured alone, in its order: read, routed, bound to a record, written. */
package dev.parley.bench;
