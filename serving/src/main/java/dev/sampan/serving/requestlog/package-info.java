/** Records of answered requests, sampled, in files; and the file format that warm-up requests come in too. */
@NullMarked
package dev.sampan.serving.requestlog;

import org.jspecify.annotations.NullMarked;
