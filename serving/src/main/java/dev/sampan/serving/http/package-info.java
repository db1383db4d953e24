/**
 * HTTP on Jetty: reads a request, asks the API that owns its path, writes the answer. Everything that all APIs share is
 * here: size limit, cross-origin headers, authentication, access log, trace context.
 */
@NullMarked
package dev.sampan.serving.http;

import org.jspecify.annotations.NullMarked;
