package dev.sampan.schema.cel;

import com.google.common.collect.ImmutableMap;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompiler;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.sampan.schema.Schema;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks a policy's expressions against the kind that it would see. Used by one thread. */
public final class KindCheck {

    private final CelCompiler compiler;

    /**
     * @param object structure of {@code object} and {@code oldObject}
     * @param params structure of {@code params}; null when it is not known
     * @param variables expressions by the name that later ones call them by
     */
    public KindCheck(Schema object, @Nullable Schema params, Map<String, String> variables) {
        var types = new KindTypes();
        var objectType = types.of(object, "object");
        var paramsType = params == null ? SimpleType.DYN : types.of(params, "params");
        Map<String, CelType> known = new LinkedHashMap<>();
        var made = compiler(types, objectType, paramsType, known);
        for (var variable : variables.entrySet()) {
            known.put(variable.getKey(), typeOf(made, variable.getValue()));
            made = compiler(types, objectType, paramsType, known);
        }
        compiler = made;
    }

    private static CelCompiler compiler(
            KindTypes types, CelType object, CelType params, Map<String, CelType> variables) {
        var struct = KindTypes.struct("kubernetes.variables", ImmutableMap.copyOf(variables));
        return CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(CelCompilation.OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types.with(struct))
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(CelCompilation.OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.bindings(),
                        CelExtensions.math(CelCompilation.OPTIONS))
                .addFunctionDeclarations(new KubernetesFunctions().declarations())
                .addFunctionDeclarations(new AuthorizerFunctions().declarations())
                .addVar("object", object)
                .addVar("oldObject", object)
                .addVar("params", params)
                .addVar("request", SimpleType.DYN)
                .addVar("namespaceObject", SimpleType.DYN)
                .addVar("authorizer", AuthorizerFunctions.AUTHORIZER)
                .addVar("authorizer.requestResource", AuthorizerFunctions.RESOURCE_CHECK)
                .addVar("variables", struct)
                .build();
    }

    private static CelType typeOf(CelCompiler compiler, String expression) {
        try {
            return compiler.compile(expression).getAst().getResultType();
        } catch (CelValidationException broken) {
            return SimpleType.DYN; // who uses it is told of its own mistakes only
        }
    }

    /** The compiler's message with a mark under the place; null when the expression fits. */
    public @Nullable String problem(String expression) {
        try {
            var unused = compiler.compile(expression).getAst();
            return null;
        } catch (CelValidationException e) {
            return e.getMessage();
        }
    }
}
