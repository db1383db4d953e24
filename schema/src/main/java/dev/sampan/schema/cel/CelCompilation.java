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
import dev.sampan.schema.Schema;

/** Compiles rules against the type of the value that they stand at. */
final class CelCompilation {

    /** What stands in for Kubernetes' cost limit where nothing is metered: loops of one expression may turn so often in all. */
    private static final int MAX_ITERATIONS = 100_000;

    static final CelOptions OPTIONS = CelOptions.current()
            .comprehensionMaxIterations(MAX_ITERATIONS)
            .maxExpressionCodePointSize(100_000)
            .evaluateCanonicalTypesToNativeValues(true)
            .enableHeterogeneousNumericComparisons(true)
            .enableOptionalSyntax(true)
            .enableRegexPartialMatch(true)
            .build();

    /** Rules are metered, and every turn costs something. */
    private static final CelOptions METERED = OPTIONS.toBuilder()
            .comprehensionMaxIterations((int) CostMeter.PER_CALL)
            .build();

    private final KubernetesFunctions functions = new KubernetesFunctions();
    private final CelRuntime runtime = CelRuntimeFactory.standardCelRuntimeBuilder()
            .setOptions(METERED)
            .addLibraries(
                    CelExtensions.strings(),
                    CelExtensions.sets(OPTIONS),
                    CelExtensions.optional(),
                    CelExtensions.math(OPTIONS))
            .addFunctionBindings(functions.bindings())
            .build();

    /** What can be evaluated, and what that can cost at worst. */
    record Compiled(CelRuntime.Program program, long mostCost) {}

    /** A rule that cannot be compiled; the message is the compiler's. */
    static final class Failure extends Exception {
        private static final long serialVersionUID = 1L;

        Failure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    Compiled rule(Schema schema, Schema.Rule rule) throws Failure {
        return compile(schema, rule.rule(), SimpleType.BOOL, rule.optionalOldSelf());
    }

    Compiled message(Schema schema, Schema.Rule rule) throws Failure {
        return compile(schema, rule.messageExpression(), SimpleType.STRING, rule.optionalOldSelf());
    }

    private Compiled compile(Schema schema, String expression, CelType result, boolean optionalOldSelf) throws Failure {
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
            var ast = compiler.compile(expression).getAst();
            return new Compiled(runtime.createProgram(ast), CostEstimate.most(ast, schema));
        } catch (CelValidationException | CelEvaluationException e) {
            throw new Failure("compilation failed: " + e.getMessage(), e);
        }
    }
}
