/** Who may call: TLS with or without client certificates, and bearer tokens. */
@NullMarked
package dev.sampan.serving.security;

import org.jspecify.annotations.NullMarked;
