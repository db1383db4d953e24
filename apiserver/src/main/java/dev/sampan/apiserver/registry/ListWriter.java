package dev.sampan.apiserver.registry;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Writes lists; as JSON from the items' bytes, which are not parsed for it. */
public final class ListWriter {

    private static final int HEADER = 1024;

    private ListWriter() {}

    public static byte[] json(ServedType type, Reads.Page page) {
        var out = new ByteArrayOutputStream(
                page.items().stream().mapToInt(ObjectView::sizeHint).sum() + HEADER);
        var head = header(type, page).toString();
        out.writeBytes(head.substring(0, head.length() - 1).getBytes(StandardCharsets.UTF_8));
        out.writeBytes(",\"items\":[".getBytes(StandardCharsets.US_ASCII));
        boolean first = true;
        for (var item : page.items()) {
            if (!first) {
                out.write(',');
            }
            first = false;
            item.writeJson(out);
        }
        out.writeBytes("]}".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
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
