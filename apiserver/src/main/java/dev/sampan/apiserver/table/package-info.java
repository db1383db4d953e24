/** Other shapes of objects: tables with Kubernetes' columns and partial metadata. Stateless. */
@NullMarked
package dev.sampan.apiserver.table;

import org.jspecify.annotations.NullMarked;
