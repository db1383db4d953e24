package dev.sampan.models.data;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * CSV files of numeric columns and one label column. The first line is a header if any of its cells, the last one aside,
 * is no number. Cells may be quoted; a quoted cell may hold commas, but no line break.
 */
final class Csv {
    private static final Set<String> USUAL_LABELS = Set.of("label", "class", "target", "species");

    private Csv() {}

    static Dataset read(Path file, @Nullable String label) {
        var lines = lines(file);
        if (lines.isEmpty()) {
            throw new DataException(file + ": the file is empty");
        }
        var first = cells(lines.getFirst());
        boolean header =
                label != null || !first.subList(0, first.size() - 1).stream().allMatch(Csv::isNumber);
        int labelColumn = labelColumn(file, header ? first : List.of(), first.size(), label);
        int firstRow = header ? 1 : 0;
        int rows = lines.size() - firstRow;
        if (first.size() < 2 || rows < 2) {
            throw new DataException(file + ": needs at least two columns and two rows of data");
        }
        int width = first.size() - 1;
        var features = new float[rows * width];
        var names = new ArrayList<String>(rows);
        for (int row = 0; row < rows; row++) {
            int line = row + firstRow;
            var cells = cells(lines.get(line));
            if (cells.size() != width + 1) {
                throw new DataException(file + ", line " + (line + 1) + ": " + cells.size()
                        + " cells where the first line has " + (width + 1));
            }
            names.add(cells.remove(labelColumn).strip());
            for (int column = 0; column < width; column++) {
                features[row * width + column] = number(file, line + 1, column + 1, cells.get(column));
            }
        }
        var classes = classes(names);
        var index = new HashMap<String, Integer>();
        classes.forEach(name -> index.put(name, index.size()));
        var labels = names.stream().mapToInt(index::get).toArray();
        var name = file.getFileName().toString();
        return new Dataset(name, features, labels, List.of(width), classes, Scaling.upTo(1));
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file, StandardCharsets.UTF_8).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (MalformedInputException e) {
            throw new DataException(file + ": not UTF-8 text", e);
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static int labelColumn(Path file, List<String> header, int columns, @Nullable String label) {
        for (int i = 0; i < header.size(); i++) {
            var name = header.get(i).strip();
            if (label != null ? name.equals(label) : USUAL_LABELS.contains(name.toLowerCase(java.util.Locale.ROOT))) {
                return i;
            }
        }
        if (label != null) {
            throw new DataException(file + ": no column named '" + label + "' among " + header);
        }
        return columns - 1;
    }

    /** Whole numbers in numeric order, anything else alphabetically. */
    private static List<String> classes(List<String> names) {
        var distinct = names.stream().distinct();
        boolean whole = names.stream().allMatch(name -> name.matches("-?\\d{1,9}"));
        return distinct.sorted(whole ? Comparator.comparing(Integer::valueOf) : Comparator.naturalOrder())
                .toList();
    }

    private static List<String> cells(String line) {
        var cells = new ArrayList<String>();
        var cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                    cell.append('"');
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                cells.add(cell.toString());
                cell.setLength(0);
            } else {
                cell.append(c);
            }
        }
        cells.add(cell.toString());
        return cells;
    }

    private static float number(Path file, int line, int column, String cell) {
        try {
            float value = Float.parseFloat(cell.strip());
            if (Float.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new DataException(
                    file + ", line " + line + ", value " + column + ": '" + cell + "' is not a number", e);
        }
        throw new DataException(
                file + ", line " + line + ", value " + column + ": '" + cell + "' is not a finite number");
    }

    private static boolean isNumber(String cell) {
        return cell.strip().matches("[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?");
    }
}
