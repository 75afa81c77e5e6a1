/**
 * JSON as bytes: it is scanned, written and handed on without objects for its values. For the layers above; it is not
 * part of what users call. It knows neither frames nor Jackson.
 *
 * <p>Read {@link dev.parley.json.JsonScan} first.
 *
 * @serial exclude
 */
@NullMarked
package dev.parley.json;

import org.jspecify.annotations.NullMarked;
