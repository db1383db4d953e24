package dev.sampan.schema.generator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;

/**
 * Reads Kubernetes' protobuf messages out of the Java that protoc made of them: every field's declaration stands in the
 * Javadoc of its getter, with the comment that carries the markers ({@code +listType} and so on).
 */
final class ProtoSources {

    /** {@code label} is optional, repeated or map; {@code type} is a scalar's name or a message's full name. */
    record Field(String name, int number, String label, String type, String comment) {

        List<String> markers(String name) {
            var values = new ArrayList<String>();
            for (var line : comment.split("\n")) {
                if (line.startsWith("+" + name + "=")) {
                    values.add(line.substring(name.length() + 2).strip());
                }
            }
            return values;
        }
    }

    record Message(String name, StringBuilder comment, List<Field> fields) {}

    private static final Pattern DECLARATION =
            Pattern.compile("<code>(optional|repeated|map)\\s*(.*?)\\s(\\w+) = (\\d+)[^<]*</code>");
    private static final Pattern INTERFACE = Pattern.compile("@@protoc_insertion_point\\(interface_extends:(.*)\\)");
    private static final Pattern TYPE = Pattern.compile("Protobuf type \\{@code (.*)}");

    private final Map<String, Message> messages = new TreeMap<>();

    private ProtoSources() {}

    static Map<String, Message> read(Path sourcesJar) throws IOException {
        var reader = new ProtoSources();
        try (var zip = new ZipFile(sourcesJar.toFile())) {
            zip.stream().filter(e -> e.getName().endsWith(".java")).forEach(entry -> {
                try (var in = new BufferedReader(
                        new InputStreamReader(zip.getInputStream(entry), StandardCharsets.UTF_8))) {
                    reader.readFile(in);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return reader.messages;
    }

    private Message message(String name) {
        return messages.computeIfAbsent(name, n -> new Message(n, new StringBuilder(), new ArrayList<>()));
    }

    private void readFile(BufferedReader in) throws IOException {
        Message current = null;
        var comment = new StringBuilder();
        for (var line = in.readLine(); line != null; line = in.readLine()) {
            var text = line.strip();
            if (text.startsWith("// @@protoc_insertion_point(interface_extends:")) {
                var m = INTERFACE.matcher(text);
                current = m.find() ? message(m.group(1)) : null;
            } else if (line.equals("  }")) {
                current = null;
            } else if (text.equals("/**")) {
                comment.setLength(0);
            } else if (current != null && text.startsWith("* <code>")) {
                addField(current, text, comment.toString());
            } else if (text.startsWith("* Protobuf type {@code")) {
                var m = TYPE.matcher(text);
                if (m.find() && message(m.group(1)).comment.isEmpty()) {
                    message(m.group(1)).comment.append(comment);
                }
            } else if (text.startsWith("* ") && !text.equals("* <pre>") && !text.equals("* </pre>")) {
                comment.append(unescape(text.substring(2))).append('\n');
            } else if (text.equals("*")) {
                comment.append('\n');
            }
        }
    }

    private static void addField(Message message, String text, String comment) {
        var m = DECLARATION.matcher(unescape(text));
        if (!m.find()) {
            return;
        }
        var number = Integer.parseInt(m.group(4));
        if (message.fields.stream().anyMatch(f -> f.number == number)) {
            return;
        }
        var type = m.group(2);
        if (m.group(1).equals("map")) {
            type = type.substring(type.indexOf(',') + 1, type.lastIndexOf('>')).strip();
        }
        type = type.startsWith(".") ? type.substring(1) : type;
        message.fields.add(new Field(m.group(3), number, m.group(1), type, comment.strip()));
    }

    private static String unescape(String text) {
        return text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&#64;", "@")
                .replace("&#92;", "\\")
                .replace("&#42;", "*")
                .replace("&#47;", "/")
                .replace("&quot;", "\"")
                .replace("&amp;", "&");
    }
}
