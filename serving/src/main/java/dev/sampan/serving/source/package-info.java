/**
 * Models that lie elsewhere: HTTP(S), S3 and OCI registries. Each is mirrored into a folder of version folders, which the file
 * system source then watches like any other; a version appears there whole or not at all.
 */
@NullMarked
package dev.sampan.serving.source;

import org.jspecify.annotations.NullMarked;
