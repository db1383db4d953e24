package dev.sampan.schema.cel;

import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.OptionalType;
import dev.cel.common.types.SimpleType;
import dev.cel.compiler.CelCompilerFactory;
import dev.cel.extensions.CelExtensions;
import dev.cel.parser.CelStandardMacro;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import dev.cel.runtime.CelRuntimeFactory;
import dev.cel.runtime.Program;
import dev.sampan.schema.Schema;

/** Compiles rules against the type of the value that they stand at. */
final class CelCompilation {

    /** What stands in for Kubernetes' cost limit: loops of one rule may turn so often in all, which takes below a second. */
    private static final int MAX_ITERATIONS = 100_000;

    static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(100_000)
            .evaluateCanonicalTypesToNativeValues(true)
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .enableRegexPartialMatch(true)
            .build();

    private final KubernetesFunctions functions = new KubernetesFunctions();
    private final CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder()
            .setOptions(OPTIONS)
            .addLibraries(
                    CelExtensions.strings(),
                    CelExtensions.sets(OPTIONS),
                    CelExtensions.optional(),
                    CelExtensions.math(OPTIONS))
            .addFunctionBindings(functions.bindings())
            .build();

    /** A rule that cannot be compiled; the message is the compiler's. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    Program rule(Schema schema, Schema.Rule rule) throws Failure {
        return compile(schema, rule.rule(), SimpleType.BOOL, rule.optionalOldSelf());
    }

    Program message(Schema schema, Schema.Rule rule) throws Failure {
        return compile(schema, rule.messageExpression(), SimpleType.STRING, rule.optionalOldSelf());
    }

    private Program compile(Schema schema, String expression, CelType result, boolean optionalOldSelf) throws Failure {
        var types = new CelTypes();
        var self = types.of(schema);
        var compiler = CelCompilerFactory.standardCelCompilerBuilder()
                .setOptions(OPTIONS)
                .setStandardMacros(CelStandardMacro.STANDARD_MACROS)
                .setTypeProvider(types.provider())
                .addVar("self", self)
                .addVar("oldSelf", optionalOldSelf ? OptionalType.create(self) : self)
                .addLibraries(
                        CelExtensions.strings(),
                        CelExtensions.sets(OPTIONS),
                        CelExtensions.optional(),
                        CelExtensions.bindings(),
                        CelExtensions.math(OPTIONS))
                .addFunctionDeclarations(functions.declarations())
                .setResultType(result)
                .build();
        try {
            return runtime.createProgram(compiler.compile(expression).getAst());
        } catch (CelValidationException | CelEvaluationException e) {
            throw new Failure("compilation failed: " + e.getMessage(), e);
        }
    }
}
