/** Tests of the API server, most of them through {@link dev.sampan.apiserver.ApiServer#handle} over the memory store. */
@NullMarked
package dev.sampan.apiserver;

import org.jspecify.annotations.NullMarked;
