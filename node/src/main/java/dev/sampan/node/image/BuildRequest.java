package dev.sampan.node.image;

import java.nio.file.Path;
import java.util.Map;

/**
 * What to build.
 *
 * @param name of the finished image
 * @param context directory that COPY and ADD take files from
 * @param file the build file's name, for messages
 * @param text what it says: the useful subset of a Dockerfile
 * @param arguments values of its ARGs
 */
public record BuildRequest(ImageName name, Path context, String file, String text, Map<String, String> arguments) {}
