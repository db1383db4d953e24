/** JSON without trees: numbers go from text straight into a tensor's buffer, and back. Stateless but for one document. */
@NullMarked
package dev.sampan.serving.json;

import org.jspecify.annotations.NullMarked;
