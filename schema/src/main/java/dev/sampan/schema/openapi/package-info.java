/** OpenAPI documents produced from resource types. Stateless. */
@NullMarked
package dev.sampan.schema.openapi;

import org.jspecify.annotations.NullMarked;
