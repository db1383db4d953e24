package dev.sampan.schema;

import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/** Checks a built-in kind's JSON types as Go's decoder does, which reports only the first error. */
public final class TypeCheck {

    private TypeCheck() {}

    /**
     * The decoder's message ({@code json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type
     * int32}) or empty when every value fits. The API answers it as 400 BadRequest, prefixed with
     * {@code Deployment in version "v1" cannot be handled as a Deployment: }.
     */
    public static Optional<String> firstError(ObjectNode object, Schema schema) {
        throw new UnsupportedOperationException("being built");
    }
}
