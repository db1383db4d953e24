/**
 * Admission by expressions: ValidatingAdmissionPolicies and MutatingAdmissionPolicies with their bindings and parameters,
 * and what webhooks share with them: matching rules and conditions. The indexes own the compiled policies.
 */
@NullMarked
package dev.sampan.apiserver.policy;

import org.jspecify.annotations.NullMarked;
