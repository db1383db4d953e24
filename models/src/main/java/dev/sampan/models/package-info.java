/**
 * Train, convert and evaluate models: {@link dev.sampan.models.Training}, {@link dev.sampan.models.Conversion} and
 * {@link dev.sampan.models.Evaluation} are plain programs that each take an options record and print to a stream.
 * They hold no state between runs and know no cluster; what a cluster tells a program (TF_CONFIG, POD_IP) arrives as
 * a map of environment variables.
 */
@NullMarked
package dev.sampan.models;

import org.jspecify.annotations.NullMarked;
