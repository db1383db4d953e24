/**
 * Which pods serve a Service: EndpointSlices with ready, serving and terminating conditions, and the older Endpoints
 * object. {@link dev.sampan.controllers.endpointslice.Backends} turns pods into endpoints, {@link
 * dev.sampan.controllers.endpointslice.SlicePlan} and {@link dev.sampan.controllers.endpointslice.Subsets} decide the
 * objects; the controllers apply. No state but queues and what was written and not seen yet.
 */
@NullMarked
package dev.sampan.controllers.endpointslice;

import org.jspecify.annotations.NullMarked;
