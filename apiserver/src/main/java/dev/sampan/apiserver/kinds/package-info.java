/**
 * What is special about each built-in kind: defaults, validation, immutable fields, allocation of Service addresses and
 * the subresources with a behaviour of their own. One small file a kind, found through {@link
 * dev.sampan.apiserver.kinds.BuiltinKinds}; the parts that several kinds share (pod templates, selectors, ports) have
 * their own. Rules and messages follow Kubernetes 1.36. Nothing here keeps state except the allocators.
 */
@NullMarked
package dev.sampan.apiserver.kinds;

import org.jspecify.annotations.NullMarked;
