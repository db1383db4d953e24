/** The TLS port and clients that misuse it. */
@NullMarked
package dev.sampan.apiserver.http;

import org.jspecify.annotations.NullMarked;
