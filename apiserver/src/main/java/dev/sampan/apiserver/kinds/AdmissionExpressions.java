package dev.sampan.apiserver.kinds;

import dev.sampan.schema.cel.CelExpressions;
import java.util.List;

/** Which variables the expressions of admission may use. The compilers are made on first use: they are large. */
public final class AdmissionExpressions {

    private AdmissionExpressions() {}

    private static final class Holder {
        private static final CelExpressions CONDITIONS =
                new CelExpressions(List.of("object", "oldObject", "request", "params", "namespaceObject"));
        private static final CelExpressions BODIES =
                new CelExpressions(List.of("object", "oldObject", "request", "params", "namespaceObject", "variables"));
    }

    /** Of matchConditions, which see no variables. */
    public static CelExpressions conditions() {
        return Holder.CONDITIONS;
    }

    /** Of everything else in a policy. */
    public static CelExpressions bodies() {
        return Holder.BODIES;
    }
}
