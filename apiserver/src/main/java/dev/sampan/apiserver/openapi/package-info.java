/** Serves OpenAPI v3: an index with hashes and a document for each group version, made when first asked for and kept. */
@NullMarked
package dev.sampan.apiserver.openapi;

import org.jspecify.annotations.NullMarked;
