/**
 * The CEL rules of custom resources ({@code x-kubernetes-validations}), transition rules included, and expressions over
 * free variables for admission. What is compiled is immutable. Uses cel-java; nothing of it is loaded before the first
 * rule or expression.
 */
@NullMarked
package dev.sampan.schema.cel;

import org.jspecify.annotations.NullMarked;
