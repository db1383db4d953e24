/** One line for every request, over HTTP and gRPC alike, with the trace that it belongs to. */
@NullMarked
package dev.sampan.serving.accesslog;

import org.jspecify.annotations.NullMarked;
