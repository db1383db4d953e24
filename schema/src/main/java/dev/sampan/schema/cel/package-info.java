/**
 * The CEL rules of custom resources ({@code x-kubernetes-validations}), transition rules included. Compiled rules are
 * immutable. Uses cel-java; nothing of it is loaded before the first CRD with a rule.
 */
@NullMarked
package dev.sampan.schema.cel;

import org.jspecify.annotations.NullMarked;
