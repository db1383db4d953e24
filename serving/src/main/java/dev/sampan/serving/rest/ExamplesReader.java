package dev.sampan.serving.rest;

import com.google.protobuf.ByteString;
import dev.sampan.serving.error.ServingException;
import dev.sampan.serving.json.JsonScanner;
import dev.sampan.serving.proto.BytesList;
import dev.sampan.serving.proto.Example;
import dev.sampan.serving.proto.ExampleListWithContext;
import dev.sampan.serving.proto.Feature;
import dev.sampan.serving.proto.Features;
import dev.sampan.serving.proto.FloatList;
import dev.sampan.serving.proto.Input;
import dev.sampan.serving.proto.Int64List;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads the body of classify and regress requests: {@code {"signature_name": …, "context": {…}, "examples": [{…}]}}. */
final class ExamplesReader {
    /** A request that has been read. */
    record Request(String signatureName, Input input) {}

    private final JsonScanner json;

    private ExamplesReader(JsonScanner json) {
        this.json = json;
    }

    static Request read(byte[] body, int length) {
        return new ExamplesReader(new JsonScanner(body, length)).read();
    }

    private Request read() {
        var signature = "";
        var input = ExampleListWithContext.newBuilder();
        boolean found = false;
        if (json.peek() != '{') {
            throw json.peek() == 0
                    ? json.error("The document is empty.")
                    : ServingException.invalid("JSON Value: " + json.describe()[0] + " Is not object");
        }
        if (json.enter('}')) {
            do {
                switch (json.name()) {
                    case "signature_name" -> {
                        if (json.peek() != '"') {
                            throw ServingException.invalid("JSON Value: " + json.describe()[0]
                                    + " not formatted correctly. 'signature_name' key must be a string value.");
                        }
                        signature = json.string();
                    }
                    case "context" -> input.setContext(example());
                    case "examples" -> {
                        found = true;
                        examples(input);
                    }
                    default -> json.skip();
                }
            } while (json.more('}'));
        }
        if (!found) {
            throw ServingException.invalid(
                    "JSON Value: When method is classify, key 'examples' is expected and was not found");
        }
        return new Request(
                signature, Input.newBuilder().setExampleListWithContext(input).build());
    }

    private void examples(ExampleListWithContext.Builder input) {
        if (json.peek() != '[') {
            throw ServingException.invalid(
                    "JSON Value: " + json.describe()[0] + " Expecting 'examples' value to be an list/array");
        }
        if (!json.enter(']')) {
            throw ServingException.invalid("JSON Value: [] 'examples' value is an empty array");
        }
        do {
            input.addExamples(example());
        } while (json.more(']'));
    }

    private Example example() {
        if (json.peek() != '{') {
            throw ServingException.invalid("Example must be JSON object but got JSON " + json.describe()[1]);
        }
        var features = Features.newBuilder();
        if (json.enter('}')) {
            do {
                var name = json.name();
                features.putFeature(name, feature(name));
            } while (json.more('}'));
        }
        return Example.newBuilder().setFeatures(features).build();
    }

    /** A value or a list of values; whole numbers become floats where a fraction is among them. */
    private Feature feature(String name) {
        var bytes = new ArrayList<ByteString>();
        var decimals = new ArrayList<Float>();
        var integers = new ArrayList<Long>();
        boolean[] whole = {true};
        if (json.peek() == '[') {
            if (json.enter(']')) {
                do {
                    value(name, bytes, decimals, integers, whole);
                } while (json.more(']'));
            }
        } else {
            value(name, bytes, decimals, integers, whole);
        }
        if (!bytes.isEmpty() && !decimals.isEmpty()) {
            throw ServingException.invalid(
                    "Unexpected element type in feature: " + name + " expecting strings or numbers, not both");
        }
        if (!bytes.isEmpty()) {
            return Feature.newBuilder()
                    .setBytesList(BytesList.newBuilder().addAllValue(bytes))
                    .build();
        }
        if (!whole[0]) {
            return Feature.newBuilder()
                    .setFloatList(FloatList.newBuilder().addAllValue(decimals))
                    .build();
        }
        return integers.isEmpty()
                ? Feature.getDefaultInstance()
                : Feature.newBuilder()
                        .setInt64List(Int64List.newBuilder().addAllValue(integers))
                        .build();
    }

    private void value(
            String name, List<ByteString> bytes, List<Float> decimals, List<Long> integers, boolean[] whole) {
        if (json.atNumber()) {
            decimals.add((float) json.number());
            integers.add(json.integerValue());
            whole[0] &= json.wasLong();
            return;
        }
        switch (json.peek()) {
            case '"' -> bytes.add(ByteString.copyFrom(json.stringBytes()));
            case '{' -> bytes.add(base64(name));
            default -> {
                boolean yes = json.accept("true");
                if (!yes && !json.accept("false")) {
                    throw unexpected(name);
                }
                decimals.add(yes ? 1f : 0f);
                integers.add(yes ? 1L : 0L);
            }
        }
    }

    private ByteString base64(String name) {
        int start = json.position();
        if (json.enter('}') && json.name().equals("b64") && json.peek() == '"') {
            var text = json.stringBytes();
            if (!json.more('}')) {
                try {
                    return ByteString.copyFrom(Base64.getDecoder().decode(text));
                } catch (IllegalArgumentException e) {
                    throw ServingException.invalid("Unable to base64 decode");
                }
            }
        }
        json.position(start);
        throw unexpected(name);
    }

    private ServingException unexpected(String name) {
        return ServingException.invalid(
                "Feature: " + name + " has element with unexpected JSON type: " + json.describe()[1]);
    }
}
