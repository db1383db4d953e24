package dev.sampan.apiserver.flowcontrol;

import java.nio.charset.StandardCharsets;

/** Deals each flow a hand of queues, so that one busy flow shares few of them with any other. Pure functions. */
final class ShuffleSharding {

    private ShuffleSharding() {}

    /** Distinct numbers below {@code deck}, made from a hash. */
    static int[] deal(long hash, int deck, int handSize) {
        int size = Math.min(handSize, deck);
        var hand = new int[size];
        long rest = hash;
        for (int i = 0; i < size; i++) {
            int card = (int) Long.remainderUnsigned(rest, deck - i);
            rest = Long.divideUnsigned(rest, deck - i);
            hand[i] = skip(card, hand, i);
        }
        return hand;
    }

    /** The card-th of those that are not dealt yet. */
    private static int skip(int card, int[] hand, int dealt) {
        var sorted = java.util.Arrays.copyOf(hand, dealt);
        java.util.Arrays.sort(sorted);
        int result = card;
        for (int taken : sorted) {
            if (taken <= result) {
                result++;
            }
        }
        return result;
    }

    /** A hash of a flow, FNV-1a with a finishing mix (splitmix64). */
    static long hash(String schema, String flow) {
        long hash = 0xcbf29ce484222325L;
        for (byte b : (schema + "\0" + flow).getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
        }
        hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
        return hash ^ (hash >>> 31);
    }
}
