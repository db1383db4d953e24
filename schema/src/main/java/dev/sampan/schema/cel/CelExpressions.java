package dev.sampan.schema.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelFunctionDecl;
import dev.cel.common.CelOverloadDecl;
import dev.cel.common.CelValidationException;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelFunctionBinding;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Compiles expressions over variables of any type: the CEL of admission policies and of webhooks' match conditions.
 * Immutable and thread-safe. {@code authorizer} and {@code authorizer.requestResource} have their own types; mutations may
 * make {@code Object}, {@code Object.…} and {@code JSONPatch}.
 */
public final class CelExpressions {

    /** What an expression has to give. */
    public enum Result {
        BOOL(SimpleType.BOOL),
        STRING(SimpleType.STRING),
        ANY(SimpleType.DYN);

        private final CelType type;

        Result(CelType type) {
            this.type = type;
        }
    }

    private static final String MAPPED = "Object(\\.[A-Za-z_][A-Za-z0-9_]*)*|JSONPatch";

    private final Collection<String> variables;
    private final ImmutableList<CelFunctionDecl> declarations;
    private final CelRuntime runtime;
    private final CelCompiler parser = CelCompilerFactory.standardCelCompilerBuilder()
            .setOptions(CelCompilation.OPTIONS)
            .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
            .build();

    /** @param variables names that expressions may use, beside {@code authorizer} */
    public CelExpressions(Collection<String> variables) {
        this.variables = List.copyOf(variables);
        var functions = new KubernetesFunctions();
        var authorizer = new AuthorizerFunctions();
        declarations = ImmutableList.<CelFunctionDecl>builder()
                .addAll(functions.declarations())
                .addAll(authorizer.declarations())
                .add(CelFunctionDecl.newFunctionDeclaration(
                        "jsonpatch.escapeKey",
                        CelOverloadDecl.newGlobalOverload(
                                "jsonpatch_escape_key", SimpleType.STRING, SimpleType.STRING)))
                .build();
        runtime = CelRuntimeFactory.plannerRuntimeBuilder()
                .setOptions(CelCompilation.OPTIONS)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(CelCompilation.OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.math(CelCompilation.OPTIONS))
                .addFunctionBindings(functions.bindings())
                .addFunctionBindings(authorizer.bindings())
                .addFunctionBindings(CelFunctionBinding.from(
                        "jsonpatch_escape_key",
                        String.class,
                        key -> key.replace("~", "~0").replace("/", "~1")))
                .setValueProvider(
                        (name, fields) -> name.matches(MAPPED) ? Optional.of(new HashMap<>(fields)) : Optional.empty())
                .build();
    }

    /** @throws CelFailure when the expression is malformed, names what is not there, or gives something else */
    public CelExpression compile(String expression, Result result) throws CelFailure {
        try {
            var parsed = parser.parse(expression).getAst();
            return new CelExpression(
                    expression,
                    runtime.createProgram(
                            compiler(result, parsed).compile(expression).getAst()));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new CelFailure("compilation failed: " + e.getMessage());
        }
    }

    private CelCompiler compiler(Result result, CelAbstractSyntaxTree parsed) {
        var builder = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(CelCompilation.OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(new Made(structs(parsed)))
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(CelCompilation.OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.bindings(),
                        CelExtensions.math(CelCompilation.OPTIONS))
                .addFunctionDeclarations(declarations)
                .addVar("authorizer", AuthorizerFunctions.AUTHORIZER)
                .addVar("authorizer.requestResource", AuthorizerFunctions.RESOURCE_CHECK)
                .setResultType(result.type);
        variables.forEach(v -> builder.addVar(v, SimpleType.DYN));
        return builder.build();
    }

    /** The types that an expression makes, each with the fields that it gives them: the object's schema checks them later. */
    private static ImmutableMap<String, StructType> structs(CelAbstractSyntaxTree parsed) {
        Map<String, Set<String>> fields = new HashMap<>();
        CelNavigableAst.fromAst(parsed)
                .getRoot()
                .allNodes()
                .map(n -> n.expr())
                .filter(e -> e.exprKind().getKind() == CelExpr.ExprKind.Kind.STRUCT)
                .filter(e -> e.struct().messageName().matches(MAPPED))
                .forEach(e -> e.struct()
                        .entries()
                        .forEach(entry -> fields.computeIfAbsent(e.struct().messageName(), n -> new HashSet<>())
                                .add(entry.fieldKey())));
        var types = ImmutableMap.<String, StructType>builder();
        fields.forEach((name, names) ->
                types.put(name, StructType.create(name, ImmutableSet.copyOf(names), f -> Optional.of(SimpleType.DYN))));
        return types.build();
    }

    private record Made(ImmutableMap<String, StructType> byName) implements CelTypeProvider {

        @Override
        public ImmutableCollection<CelType> types() {
            return ImmutableList.copyOf(byName.values());
        }

        @Override
        public Optional<CelType> findType(String name) {
            return Optional.ofNullable(byName.get(name));
        }
    }
}
