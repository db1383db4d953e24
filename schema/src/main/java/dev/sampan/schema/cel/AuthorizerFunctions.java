package dev.sampan.schema.cel;

import com.google.common.collect.ImmutableList;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OpaqueType;
import dev.cel.common.types.SimpleType;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelFunctionOverload;
import dev.sampan.schema.cel.AuthorizerCheck.Outcome;
import dev.sampan.schema.cel.AuthorizerCheck.Query;
import java.util.ArrayList;
import java.util.List;

/** Kubernetes' authorizer library (KEP-3488): questions about what the user of a request may do. */
final class AuthorizerFunctions {

    static final CelType AUTHORIZER = OpaqueType.create("kubernetes.authorization.Authorizer");
    static final CelType RESOURCE_CHECK = OpaqueType.create("kubernetes.authorization.ResourceCheck");
    private static final CelType PATH_CHECK = OpaqueType.create("kubernetes.authorization.PathCheck");
    private static final CelType GROUP_CHECK = OpaqueType.create("kubernetes.authorization.GroupCheck");
    private static final CelType DECISION = OpaqueType.create("kubernetes.authorization.Decision");

    private final List<CelFunctionDecl> declarations = new ArrayList<>();
    private final List<CelFunctionBinding> bindings = new ArrayList<>();

    AuthorizerFunctions() {
        narrow("path", "authorizer_path", PATH_CHECK, AUTHORIZER, Query::withPath);
        narrow("group", "authorizer_group", GROUP_CHECK, AUTHORIZER, Query::withGroup);
        narrow("resource", "groupcheck_resource", RESOURCE_CHECK, GROUP_CHECK, Query::withResource);
        narrow("subresource", "resourcecheck_subresource", RESOURCE_CHECK, RESOURCE_CHECK, Query::withSubresource);
        narrow("namespace", "resourcecheck_namespace", RESOURCE_CHECK, RESOURCE_CHECK, Query::withNamespace);
        narrow("name", "resourcecheck_name", RESOURCE_CHECK, RESOURCE_CHECK, Query::withName);
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "serviceAccount",
                CelOverloadDecl.newMemberOverload(
                        "authorizer_serviceaccount", AUTHORIZER, AUTHORIZER, SimpleType.STRING, SimpleType.STRING)));
        bindings.add(CelFunctionBinding.from(
                "authorizer_serviceaccount",
                List.of(Query.class, String.class, String.class),
                args -> ((Query) args[0]).withServiceAccount(args[1] + "/" + args[2])));
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                "check",
                CelOverloadDecl.newMemberOverload("pathcheck_check", DECISION, PATH_CHECK, SimpleType.STRING),
                CelOverloadDecl.newMemberOverload("resourcecheck_check", DECISION, RESOURCE_CHECK, SimpleType.STRING)));
        bindings.add(CelFunctionBinding.from("pathcheck_check", Query.class, String.class, Query::ask));
        bindings.add(CelFunctionBinding.from("resourcecheck_check", Query.class, String.class, Query::ask));
        decision("allowed", SimpleType.BOOL, Outcome::allowed);
        decision("reason", SimpleType.STRING, Outcome::reason);
        decision("errored", SimpleType.BOOL, d -> false);
        decision("error", SimpleType.STRING, d -> "");
    }

    private void narrow(
            String name, String id, CelType result, CelType of, CelFunctionOverload.Binary<Query, String> change) {
        declarations.add(CelFunctionDecl.newFunctionDeclaration(
                name, CelOverloadDecl.newMemberOverload(id, result, of, SimpleType.STRING)));
        bindings.add(CelFunctionBinding.from(id, Query.class, String.class, change));
    }

    private void decision(String name, CelType result, CelFunctionOverload.Unary<Outcome> read) {
        var id = "decision_" + name;
        declarations.add(
                CelFunctionDecl.newFunctionDeclaration(name, CelOverloadDecl.newMemberOverload(id, result, DECISION)));
        bindings.add(CelFunctionBinding.from(id, Outcome.class, read));
    }

    ImmutableList<CelFunctionDecl> declarations() {
        return ImmutableList.copyOf(declarations);
    }

    ImmutableList<CelFunctionBinding> bindings() {
        return ImmutableList.copyOf(bindings);
    }
}
