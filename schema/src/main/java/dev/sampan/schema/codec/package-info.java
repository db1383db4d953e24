/** Bytes to JSON trees and back: JSON, YAML and protobuf. Stateless. */
@NullMarked
package dev.sampan.schema.codec;

import org.jspecify.annotations.NullMarked;
