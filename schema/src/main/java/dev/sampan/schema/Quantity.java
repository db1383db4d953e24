package dev.sampan.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/**
 * A number with a unit as Kubernetes writes resources: {@code 500m}, {@code 1.5Gi}, {@code 2e3}. Exact; prints in canonical
 * form (no precision lost, no fraction, the largest unit that fits).
 *
 * @param value the number in base units, at most nine decimals
 * @param format which units it prints with
 */
public record Quantity(BigDecimal value, Format format) implements Comparable<Quantity> {

    /** Family of units. */
    public enum Format {
        DECIMAL_SI,
        BINARY_SI,
        DECIMAL_EXPONENT
    }

    public static final Quantity ZERO = new Quantity(BigDecimal.ZERO, Format.DECIMAL_SI);

    private static final String FORMAT_ERROR =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private static final String NUMERIC_ERROR = "unable to parse numeric part of quantity";
    private static final String SUFFIX_ERROR = "unable to parse quantity's suffix";
    private static final String[] DECIMAL_SUFFIXES = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
    private static final Pattern SUFFIX = Pattern.compile("[eEinumkKMGTP]*[-+]?[0-9]*");
    private static final Pattern EXPONENT = Pattern.compile("[eE][-+]?[0-9]{1,9}");
    private static final String[] BINARY_SUFFIXES = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
    private static final BigDecimal KIBI = BigDecimal.valueOf(1024);
    private static final BigDecimal MAX_BINARY = BigDecimal.valueOf(Long.MAX_VALUE);

    /** Nine digits hold every nano; more exponent than this is refused instead of computed. */
    private static final int MAX_EXPONENT = 999;

    /** @throws IllegalArgumentException in Kubernetes' words */
    public static Quantity parse(String text) {
        int end = 0;
        if (end < text.length() && (text.charAt(end) == '+' || text.charAt(end) == '-')) {
            end++;
        }
        int digits = end;
        while (end < text.length() && (Character.digit(text.charAt(end), 10) >= 0 || text.charAt(end) == '.')) {
            end++;
        }
        var suffix = text.substring(end);
        if (text.isEmpty() || !SUFFIX.matcher(suffix).matches()) {
            throw new IllegalArgumentException(FORMAT_ERROR);
        }
        var number = text.substring(digits, end);
        if (number.equals(".") || number.indexOf('.') != number.lastIndexOf('.') || number.length() > 4000) {
            throw new IllegalArgumentException(number.equals(".") ? NUMERIC_ERROR : FORMAT_ERROR);
        }
        var magnitude = number.isEmpty() ? BigDecimal.ZERO : new BigDecimal(number);
        return scale(text.startsWith("-") ? magnitude.negate() : magnitude, suffix);
    }

    private static Quantity scale(BigDecimal number, String suffix) {
        for (int i = 0; i < DECIMAL_SUFFIXES.length; i++) {
            if (DECIMAL_SUFFIXES[i].equals(suffix)) {
                return bounded(number.scaleByPowerOfTen(3 * i - 9), Format.DECIMAL_SI);
            }
        }
        for (int i = 1; i < BINARY_SUFFIXES.length; i++) {
            if (BINARY_SUFFIXES[i].equals(suffix)) {
                return bounded(number.multiply(KIBI.pow(i)), Format.BINARY_SI);
            }
        }
        if (!EXPONENT.matcher(suffix).matches()) {
            throw new IllegalArgumentException(SUFFIX_ERROR);
        }
        var exponent = Integer.parseInt(suffix.substring(1));
        if (Math.abs(exponent) > MAX_EXPONENT) {
            throw new IllegalArgumentException(SUFFIX_ERROR);
        }
        return bounded(number.scaleByPowerOfTen(exponent), Format.DECIMAL_EXPONENT);
    }

    /** Rounds away from zero to nano and caps binary quantities, as Kubernetes' parser does. */
    private static Quantity bounded(BigDecimal number, Format format) {
        var value = number.scale() > 9 ? number.setScale(9, RoundingMode.UP) : number;
        if (format == Format.BINARY_SI && value.abs().compareTo(MAX_BINARY) > 0) {
            value = value.signum() < 0 ? MAX_BINARY.negate() : MAX_BINARY;
        }
        return new Quantity(value, format);
    }

    public static Quantity of(long value) {
        return new Quantity(BigDecimal.valueOf(value), Format.DECIMAL_SI);
    }

    /** In base units, rounded up; {@code Long.MAX_VALUE} when it does not fit. */
    public long longValue() {
        return ceiling(value);
    }

    /** In thousandths, rounded up. */
    public long milliValue() {
        return ceiling(value.movePointRight(3));
    }

    private static long ceiling(BigDecimal number) {
        var rounded = number.setScale(0, RoundingMode.CEILING).toBigInteger();
        return rounded.bitLength() < 64 ? rounded.longValue() : rounded.signum() < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }

    /** Keeps this quantity's units unless it is zero. */
    public Quantity add(Quantity other) {
        return new Quantity(value.add(other.value), isZero() ? other.format : format);
    }

    public Quantity subtract(Quantity other) {
        return new Quantity(value.subtract(other.value), isZero() ? other.format : format);
    }

    public boolean isZero() {
        return value.signum() == 0;
    }

    public int signum() {
        return value.signum();
    }

    /** Compares amounts; {@code 1} and {@code 1000m} compare equal. */
    @Override
    public int compareTo(Quantity other) {
        return value.compareTo(other.value);
    }

    /** Same amount, whatever the units. */
    @Override
    public boolean equals(Object o) {
        return o instanceof Quantity q && compareTo(q) == 0;
    }

    @Override
    public int hashCode() {
        return value.stripTrailingZeros().hashCode();
    }

    /** Canonical form. */
    @Override
    public String toString() {
        if (isZero()) {
            return "0";
        }
        var stripped = value.stripTrailingZeros();
        if (format == Format.BINARY_SI
                && stripped.scale() <= 0
                && stripped.abs().compareTo(KIBI) >= 0) {
            return binary(stripped.toBigIntegerExact());
        }
        var exponent = -stripped.scale();
        var unit = Math.floorDiv(exponent, 3) * 3;
        var mantissa = stripped.unscaledValue().multiply(BigInteger.TEN.pow(exponent - unit));
        if (format != Format.DECIMAL_EXPONENT && unit <= 18) {
            return mantissa + DECIMAL_SUFFIXES[unit / 3 + 3];
        }
        return unit == 0 ? mantissa.toString() : mantissa + "e" + unit;
    }

    private static String binary(BigInteger number) {
        int unit = 0;
        var mantissa = number;
        while (unit < BINARY_SUFFIXES.length - 1 && mantissa.getLowestSetBit() >= 10) {
            mantissa = mantissa.shiftRight(10);
            unit++;
        }
        return mantissa + BINARY_SUFFIXES[unit];
    }
}
