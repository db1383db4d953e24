/**
 * Data sets: labelled rows of floats in one flat array, and where they come from (the digits that Sampan ships, IDX
 * files, CSV files, folders of images). Immutable once read; the split into training and held-out rows is seeded.
 */
@NullMarked
package dev.sampan.models.data;

import org.jspecify.annotations.NullMarked;
