/**
 * CustomResourceDefinitions: their own rules, and the controller that begins and ends serving what they define. The controller
 * owns the conditions and accepted names in their status; its thread is the only one that changes what custom types are
 * served.
 */
@NullMarked
package dev.sampan.apiserver.crd;

import org.jspecify.annotations.NullMarked;
