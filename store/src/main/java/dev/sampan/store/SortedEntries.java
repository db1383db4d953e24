package dev.sampan.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map of entries sorted by key: a weight-balanced tree whose updates copy one path and share the rest. Entries carry
 * their key, so a node is four references wide. Balance parameters: Hirai and Yamamoto, "Balancing weight-balanced trees" (2011).
 */
final class SortedEntries implements Iterable<Entry> {

    static final SortedEntries EMPTY = new SortedEntries(null);

    private static final int DELTA = 3;
    private static final int RATIO = 2;

    private final @Nullable Node root;

    private SortedEntries(@Nullable Node root) {
        this.root = root;
    }

    private record Node(
            Entry entry, @Nullable Node left, @Nullable Node right, int size) {}

    /** A balanced map of entries that are in strictly ascending key order; linear time. */
    static SortedEntries ofSorted(List<Entry> entries) {
        return new SortedEntries(build(entries, 0, entries.size()));
    }

    int size() {
        return size(root);
    }

    @Nullable
    Entry get(String key) {
        var node = root;
        while (node != null) {
            int order = key.compareTo(node.entry.key());
            if (order == 0) {
                return node.entry;
            }
            node = order < 0 ? node.left : node.right;
        }
        return null;
    }

    /** With {@code entry} in the place of what its key held. */
    SortedEntries with(Entry entry) {
        return new SortedEntries(insert(root, entry));
    }

    /** Without the key; the same map if it is not there. */
    SortedEntries without(String key) {
        return get(key) == null ? this : new SortedEntries(remove(root, key));
    }

    /** How many keys start with {@code prefix}. */
    int count(String prefix) {
        return keysBefore(prefix, true) - keysBefore(prefix, false);
    }

    @Override
    public Iterator<Entry> iterator() {
        return range("", "");
    }

    /** The entries under {@code prefix} in order, from {@code start} on. */
    Iterator<Entry> range(String prefix, String start) {
        return new Range(root, prefix, start.compareTo(prefix) > 0 ? start : prefix);
    }

    /** The longest path from the root, in nodes. */
    int depth() {
        return depth(root);
    }

    private static int depth(@Nullable Node node) {
        return node == null ? 0 : 1 + Math.max(depth(node.left), depth(node.right));
    }

    private int keysBefore(String prefix, boolean andUnderIt) {
        int before = 0;
        var node = root;
        while (node != null) {
            var key = node.entry.key();
            if (key.compareTo(prefix) < 0 || (andUnderIt && key.startsWith(prefix))) {
                before += size(node.left) + 1;
                node = node.right;
            } else {
                node = node.left;
            }
        }
        return before;
    }

    private static @Nullable Node build(List<Entry> entries, int from, int to) {
        if (from == to) {
            return null;
        }
        int middle = (from + to) >>> 1;
        return node(entries.get(middle), build(entries, from, middle), build(entries, middle + 1, to));
    }

    private static Node insert(@Nullable Node node, Entry entry) {
        if (node == null) {
            return node(entry, null, null);
        }
        int order = entry.key().compareTo(node.entry.key());
        if (order == 0) {
            return new Node(entry, node.left, node.right, node.size);
        }
        return order < 0
                ? balance(node.entry, insert(node.left, entry), node.right)
                : balance(node.entry, node.left, insert(node.right, entry));
    }

    private static @Nullable Node remove(@Nullable Node node, String key) {
        if (node == null) {
            return null;
        }
        int order = key.compareTo(node.entry.key());
        if (order < 0) {
            return balance(node.entry, remove(node.left, key), node.right);
        }
        if (order > 0) {
            return balance(node.entry, node.left, remove(node.right, key));
        }
        if (node.left == null || node.right == null) {
            return node.left == null ? node.right : node.left;
        }
        var successor = first(node.right);
        return balance(successor, node.left, remove(node.right, successor.key()));
    }

    private static Entry first(Node node) {
        while (node.left != null) {
            node = node.left;
        }
        return node.entry;
    }

    private static Node balance(Entry entry, @Nullable Node left, @Nullable Node right) {
        if (right != null && weight(right) > DELTA * weight(left)) {
            return raiseRight(entry, left, right);
        }
        if (left != null && weight(left) > DELTA * weight(right)) {
            return raiseLeft(entry, left, right);
        }
        return node(entry, left, right);
    }

    private static Node raiseRight(Entry entry, @Nullable Node left, Node right) {
        var inner = right.left;
        if (inner == null || weight(inner) < RATIO * weight(right.right)) {
            return node(right.entry, node(entry, left, inner), right.right);
        }
        return node(inner.entry, node(entry, left, inner.left), node(right.entry, inner.right, right.right));
    }

    private static Node raiseLeft(Entry entry, Node left, @Nullable Node right) {
        var inner = left.right;
        if (inner == null || weight(inner) < RATIO * weight(left.left)) {
            return node(left.entry, left.left, node(entry, inner, right));
        }
        return node(inner.entry, node(left.entry, left.left, inner.left), node(entry, inner.right, right));
    }

    private static Node node(Entry entry, @Nullable Node left, @Nullable Node right) {
        return new Node(entry, left, right, size(left) + size(right) + 1);
    }

    private static int size(@Nullable Node node) {
        return node == null ? 0 : node.size;
    }

    private static int weight(@Nullable Node node) {
        return size(node) + 1;
    }

    /** Walks the tree in order; the stack holds the nodes whose entry and right side are still to come. */
    private static final class Range implements Iterator<Entry> {

        private final Deque<Node> ahead = new ArrayDeque<>();
        private final String prefix;

        Range(@Nullable Node root, String prefix, String start) {
            this.prefix = prefix;
            var node = root;
            while (node != null) {
                if (node.entry.key().compareTo(start) >= 0) {
                    ahead.push(node);
                    node = node.left;
                } else {
                    node = node.right;
                }
            }
        }

        @Override
        public boolean hasNext() {
            var node = ahead.peek();
            return node != null && node.entry.key().startsWith(prefix);
        }

        @Override
        public Entry next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            var node = ahead.pop();
            for (var next = node.right; next != null; next = next.left) {
                ahead.push(next);
            }
            return node.entry;
        }
    }
}
