/**
 * Kubernetes' conformance behaviours that an API server alone can show: one method for each row of {@code rows.tsv}. {@link
 * dev.sampan.apiserver.conformance.ConformanceTest} runs them against one server and keeps {@code docs/conformance.md}.
 */
@NullMarked
package dev.sampan.apiserver.conformance;

import org.jspecify.annotations.NullMarked;
