/** The built-in controllers. */
@NullMarked
package dev.sampan.controllers;

import org.jspecify.annotations.NullMarked;
