/**
 * What goes over the wire: media types and their negotiation, request bodies to objects, objects to response bodies.
 * Stateless; knows the schema module's codecs and nothing of storage.
 */
@NullMarked
package dev.sampan.apiserver.wire;

import org.jspecify.annotations.NullMarked;
