/**
 * JSON as bytes: this package scans, writes and passes on JSON without creating objects for its values. It is for the
 * layers above, and not a part of the API for users. It knows neither frames nor Jackson.
 *
 * <p>Read {@link dev.parley.json.JsonScan} first.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.json;

import org.jspecify.annotations.NullMarked;
