package dev.sampan.schema.generator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Signature;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.zip.ZipFile;

/**
 * Reads the official Java client's model and API classes without loading them: field names, types, descriptions and
 * required flags from annotations and signatures; paths and verbs from the constants in the API methods.
 */
final class ModelClasses {

    record Property(String name, Signature type, String description, boolean required) {}

    record Model(String name, String description, List<Property> properties) {}

    /** {@code body} and {@code result} are simple class names, empty when there is none. */
    record Operation(String method, String path, String body, String result) {}

    private static final String MODELS = "io/kubernetes/client/openapi/models/";
    private static final String APIS = "io/kubernetes/client/openapi/apis/";

    final Map<String, Model> models = new TreeMap<>();
    final List<Operation> operations = new ArrayList<>();

    static ModelClasses read(Path jar) throws IOException {
        var classes = new ModelClasses();
        try (var zip = new ZipFile(jar.toFile())) {
            eachClass(zip, MODELS, classes::addModel);
            eachClass(zip, APIS, classes::addOperations);
        }
        return classes;
    }

    private static void eachClass(ZipFile zip, String folder, BiConsumer<String, ClassModel> action) {
        zip.stream()
                .filter(e -> e.getName().startsWith(folder)
                        && e.getName().endsWith(".class")
                        && !e.getName().contains("$"))
                .forEach(entry -> {
                    try (var in = zip.getInputStream(entry)) {
                        var name = entry.getName().substring(folder.length(), entry.getName().length() - 6);
                        action.accept(name, ClassFile.of().parse(in.readAllBytes()));
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
    }

    private void addModel(String name, ClassModel type) {
        var getters = new HashMap<String, Annotation>();
        for (var method : type.methods()) {
            annotation(method.findAttribute(Attributes.runtimeVisibleAnnotations()).map(a -> a.annotations()), "ApiModelProperty")
                    .ifPresent(a -> getters.put(fieldRead(method), a));
        }
        var properties = new ArrayList<Property>();
        for (var field : type.fields()) {
            annotation(field.findAttribute(Attributes.runtimeVisibleAnnotations()).map(a -> a.annotations()), "SerializedName")
                    .ifPresent(serialized -> {
                        var getter = getters.get(field.fieldName().stringValue());
                        properties.add(new Property(
                                text(serialized, "value"),
                                signature(field),
                                getter == null ? "" : text(getter, "value"),
                                getter != null && text(getter, "required").equals("true")));
                    });
        }
        var description = annotation(
                        type.findAttribute(Attributes.runtimeVisibleAnnotations()).map(a -> a.annotations()), "ApiModel")
                .map(a -> text(a, "description"))
                .orElse("");
        models.put(name, new Model(name, description, properties));
    }

    private static Signature signature(FieldModel field) {
        return field.findAttribute(Attributes.signature())
                .map(a -> a.asTypeSignature())
                .orElseGet(() -> Signature.of(field.fieldTypeSymbol()));
    }

    private static String fieldRead(MethodModel getter) {
        for (var element : getter.code().orElseThrow()) {
            if (element instanceof FieldInstruction read) {
                return read.name().stringValue();
            }
        }
        return "";
    }

    private static java.util.Optional<Annotation> annotation(java.util.Optional<List<Annotation>> all, String simpleName) {
        return all.stream()
                .flatMap(List::stream)
                .filter(a -> a.className().stringValue().endsWith("/" + simpleName + ";"))
                .findFirst();
    }

    private static String text(Annotation annotation, String element) {
        for (var e : annotation.elements()) {
            if (e.name().stringValue().equals(element)) {
                return switch (e.value()) {
                    case AnnotationValue.OfString s -> s.stringValue();
                    case AnnotationValue.OfBoolean b -> Boolean.toString(b.booleanValue());
                    default -> "";
                };
            }
        }
        return "";
    }

    private void addOperations(String name, ClassModel api) {
        var results = new HashMap<String, String>();
        for (var method : api.methods()) {
            var methodName = method.methodName().stringValue();
            if (methodName.endsWith("WithHttpInfo")) {
                method.findAttribute(Attributes.signature())
                        .ifPresent(s -> results.put(
                                methodName.replace("WithHttpInfo", ""),
                                modelIn(s.asMethodSignature().result().signatureString())));
            }
        }
        for (var method : api.methods()) {
            var methodName = method.methodName().stringValue();
            if (methodName.endsWith("Call") && !methodName.endsWith("ValidateBeforeCall")) {
                addOperation(method, results.getOrDefault(methodName.substring(0, methodName.length() - 4), ""));
            }
        }
    }

    private void addOperation(MethodModel method, String result) {
        var path = "";
        var verb = "";
        for (var element : method.code().orElseThrow()) {
            if (element instanceof ConstantInstruction c && c.constantValue() instanceof String s) {
                if (s.startsWith("/api") && path.isEmpty()) {
                    path = s;
                } else if (List.of("GET", "PUT", "POST", "PATCH", "DELETE").contains(s)) {
                    verb = s;
                }
            }
        }
        var body = method.methodTypeSymbol().parameterList().stream()
                .map(p -> modelIn(p.descriptorString()))
                .filter(p -> !p.isEmpty())
                .findFirst()
                .orElse("");
        operations.add(new Operation(verb, path, body, result));
    }

    private static String modelIn(String descriptor) {
        var at = descriptor.indexOf(MODELS);
        return at < 0 ? "" : descriptor.substring(at + MODELS.length(), descriptor.indexOf(';', at));
    }
}
