package dev.sampan.apiserver.registry;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes lists; as JSON from the items' bytes, which are not parsed for it. */
public final class ListWriter {

    private static final byte[] END = "]}".getBytes(StandardCharsets.US_ASCII);

    private ListWriter() {}

    public static byte[] json(ServedType type, Reads.Page page) {
        var header = header(type, page).toString();
        var head = (header.substring(0, header.length() - 1) + ",\"items\":[").getBytes(StandardCharsets.UTF_8);
        var out = new Exactly(head.length + size(page.items()) + END.length);
        out.writeBytes(head);
        boolean first = true;
        for (var item : page.items()) {
            if (!first) {
                out.write(',');
            }
            first = false;
            item.writeJson(out);
        }
        out.writeBytes(END);
        return out.bytes();
    }

    /** Of the items with what separates them. */
    private static int size(List<ObjectView> items) {
        int size = Math.max(0, items.size() - 1);
        for (var item : items) {
            size = Math.addExact(size, item.size());
        }
        return size;
    }

    /** Takes as many bytes as were announced, and gives them away without copying them once more. */
    private static final class Exactly extends ByteArrayOutputStream {
        Exactly(int size) {
            super(size);
        }

        byte[] bytes() {
            return count == buf.length ? buf : toByteArray();
        }
    }

    public static ObjectNode tree(ServedType type, Reads.Page page) {
        var list = header(type, page);
        var items = list.putArray("items");
        page.items().forEach(item -> items.add(item.tree()));
        return list;
    }

    private static ObjectNode header(ServedType type, Reads.Page page) {
        var list = JsonNodeFactory.instance
                .objectNode()
                .put("kind", type.gvk().kind() + "List")
                .put("apiVersion", type.gvk().apiVersion());
        page.describe(list.putObject("metadata"));
        return list;
    }
}
