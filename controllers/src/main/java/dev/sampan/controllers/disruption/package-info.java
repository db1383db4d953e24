/** Disruption budgets: how many pods of a workload may be evicted now. */
@NullMarked
package dev.sampan.controllers.disruption;

import org.jspecify.annotations.NullMarked;
