/**
 * Five whole programs, each in one file: a durable job queue, file sync with resume, a chat with presence, a subset of
 * Redis, and a TCP proxy. Their tests kill and restart their parts.
 */
@NullMarked
package dev.parley.examples.programs;

import org.jspecify.annotations.NullMarked;
