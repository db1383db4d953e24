/** The command line: one small class a command; each does its work through the modules and prints what a person needs next. */
@NullMarked
package dev.sampan.app.cli;

import org.jspecify.annotations.NullMarked;
