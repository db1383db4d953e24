/** Every kind: structure, defaults, merge keys, validation, codecs. */
@NullMarked
package dev.sampan.schema;

import org.jspecify.annotations.NullMarked;
