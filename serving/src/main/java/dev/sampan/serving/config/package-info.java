/**
 * What a server is told: its flags, and the models of a configuration file.
 */
@NullMarked
package dev.sampan.serving.config;

import org.jspecify.annotations.NullMarked;
