/** Whether the schemas that users write into CustomResourceDefinitions are ones that can be served. Stateless. */
@NullMarked
package dev.sampan.schema.crd;

import org.jspecify.annotations.NullMarked;
