package dev.sampan.app.demo;

import java.io.PrintStream;

/** Prints the tour: numbered steps, the commands that a person would type, and what happened. */
public final class Tour {

    private final PrintStream out;
    private final boolean colour;
    private int step;

    public Tour(PrintStream out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    public void step(String title) {
        step++;
        out.println();
        out.println(bold(step + ". " + title));
    }

    /** A command that does by hand what the tour does now. */
    public void command(String line) {
        out.println("   " + dim("$ " + line));
    }

    public void say(String line) {
        out.println("   " + line);
    }

    public void block(String text) {
        out.println(text);
    }

    private String bold(String text) {
        return colour ? "\033[1m" + text + "\033[0m" : text;
    }

    private String dim(String text) {
        return colour ? "\033[36m" + text + "\033[0m" : text;
    }
}
