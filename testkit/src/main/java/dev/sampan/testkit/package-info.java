/**
 * A real cluster inside a JUnit test: {@link dev.sampan.testkit.SampanCluster} starts one, {@link dev.sampan.testkit.Kubectl} drives it as
 * a person would.
 */
@NullMarked
package dev.sampan.testkit;

import org.jspecify.annotations.NullMarked;
