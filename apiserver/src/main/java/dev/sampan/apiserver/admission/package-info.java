/**
 * What is added to objects and what is refused between authorization and storage: Kubernetes' standard admission plugins,
 * one file each. {@link dev.sampan.apiserver.admission.AdmissionPlugins} lists them in order. The plugins keep no state;
 * they look at other objects through the request's context.
 */
@NullMarked
package dev.sampan.apiserver.admission;

import org.jspecify.annotations.NullMarked;
