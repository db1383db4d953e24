/** The clients that people have in other languages and libraries, unchanged, each against a cluster of its own over HTTPS. */
@NullMarked
package dev.sampan.testkit.clients;

import org.jspecify.annotations.NullMarked;
