/** The Kubernetes API. */
@NullMarked
package dev.sampan.apiserver;

import org.jspecify.annotations.NullMarked;
