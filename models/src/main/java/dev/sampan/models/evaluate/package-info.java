/**
 * Quality of a classifier on labelled rows: accuracy, precision and recall per class, confusion matrix.
 */
@NullMarked
package dev.sampan.models.evaluate;

import org.jspecify.annotations.NullMarked;
