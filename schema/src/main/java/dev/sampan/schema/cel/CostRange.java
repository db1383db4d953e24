package dev.sampan.schema.cel;

/** A least and a greatest size or cost, in CEL's units. Sums and products stop at the greatest long. */
record CostRange(long min, long max) {

    static final CostRange NOTHING = new CostRange(0, 0);
    static final CostRange ONE = new CostRange(1, 1);
    static final CostRange UNKNOWN = new CostRange(0, Long.MAX_VALUE);

    static CostRange exactly(long value) {
        return new CostRange(value, value);
    }

    CostRange plus(CostRange other) {
        return new CostRange(sum(min, other.min), sum(max, other.max));
    }

    CostRange times(CostRange other) {
        return new CostRange(product(min, other.min), product(max, other.max));
    }

    /** Rounded up. */
    CostRange times(double factor) {
        return new CostRange(scaled(min, factor), scaled(max, factor));
    }

    CostRange union(CostRange other) {
        return new CostRange(Math.min(min, other.min), Math.max(max, other.max));
    }

    static long sum(long a, long b) {
        return a > Long.MAX_VALUE - b ? Long.MAX_VALUE : a + b;
    }

    static long product(long a, long b) {
        return a != 0 && b > Long.MAX_VALUE / a ? Long.MAX_VALUE : a * b;
    }

    /** A conversion to long stops at the greatest long by itself. */
    static long scaled(long value, double factor) {
        return (long) Math.ceil(value * factor);
    }
}
